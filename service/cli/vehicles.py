"""Rows of a file of reads -> vehicles: rows of one id are several looks at one vehicle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plate_match.channel import Source
from plate_match.report import Report
from service.cli.chunks import Chunk
from service.cli.reads import ReadsFile, Reject, Row
from service.cli.said import Fault, Said, Unread, report_of, said_in
from service.cli.survey import Survey

MOST_LOOKS = 64
"""Rows of one id; a file whose ids mean something else is not to be taken for one vehicle."""

_TOO_MANY = f"id: more than {MOST_LOOKS} rows have it, too many to be looks at one vehicle"

_Weighed = tuple[Row, Said]


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle that was seen.

    Attributes:
        id: of its rows.
        line: the number of the first of them.
        report: what they say together.
        rows: those that are weighed, in the order of the file.
    """

    id: str
    line: int
    report: Report
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Gathering:
    """How the rows of a file come together; a row without a source has this one."""

    reads: ReadsFile
    survey: Survey
    source: Source

    def vehicles(self, chunk: Chunk) -> Iterator[Vehicle | Reject]:
        """Yield each vehicle whose first row lies in this chunk, and each row that is refused.

        Of the rows of one vehicle those that are at fault are refused and the others are
        weighed, all of them where the first of the rows stands.
        """
        rows = list(self.reads.rows(chunk))
        here = {row.offset: row for row in rows if isinstance(row, Row)}
        for row in rows:
            if isinstance(row, Reject):
                yield row
                continue
            places = self.survey.places(row.cells["id"])
            if len(places) > MOST_LOOKS:
                yield _refused(row, Fault(_TOO_MANY))
            elif places:
                yield from self._gathered(row, self._group(row, places, here))
            else:
                said = self._said(row)
                yield said if isinstance(said, Reject) else _vehicle(row, [(row, said)])

    def _gathered(self, row: Row, group: Sequence[Row]) -> Iterator[Vehicle | Reject]:
        """Yield what a row comes to that is one of a group, which is empty but for its first."""
        said = {one.offset: self._said(one) for one in (row, *group)}
        looks = [(one, look) for one in group if isinstance(look := said[one.offset], Said)]
        own = said[row.offset]
        if isinstance(own, Reject):
            yield own if group and not looks else own._replace(unread=None)
        if looks:
            yield _vehicle(row, looks)

    def _group(self, row: Row, places: Sequence[int], here: Mapping[int, Row]) -> list[Row]:
        """Return the rows of this row's id if it is their first, or else none."""
        group: list[Row] = []
        for place in places:
            other = here.get(place) or self.reads.row_at(place)
            if isinstance(other, Row) and other.cells["id"] == row.cells["id"]:
                group.append(other)
            if group and group[0].offset != row.offset:
                return []
        return group

    def _said(self, row: Row) -> Said | Reject:
        try:
            return said_in(row.cells, self.source)
        except Fault as fault:
            return _refused(row, fault)


def _vehicle(first: Row, looks: Sequence[_Weighed]) -> Vehicle:
    report = report_of([said for _, said in looks])
    return Vehicle(first.cells["id"], first.number, report, [row for row, _ in looks])


def _refused(row: Row, fault: Fault) -> Reject:
    """Return the refusal of a row that could be taken apart."""
    unread = row if isinstance(fault, Unread) else None
    return Reject(row.cells["id"], f"line {row.number}: {fault}", unread)

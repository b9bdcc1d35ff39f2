"""Lines of a file and the mapping of its feed -> rows by names of fields."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import islice

from plate_match.errors import UnreadableHotlist
from plate_match.feed.cells import Cells, Table, names_in
from plate_match.feed.days import by_clock
from plate_match.feed.fields import FieldFault
from plate_match.feed.lines import Line
from plate_match.feed.mapping import ANY, NAMED, Columns, Place
from plate_match.feed.row import Row

_BEGINS, _ENDS = "validFrom", "validUntil"

Reader = Callable[[str], object]
"""Makes the value of JSON from a cell, None where it says nothing; may raise `FieldFault`."""


def mapped_rows(lines: Iterator[Line], columns: Columns) -> Iterator[Row]:
    """Return the rows of a file, which are read as they are asked for.

    Raises:
        UnreadableHotlist: the line with the names of columns cannot be read, or does not have
            once each that the mapping speaks of.
    """
    deque(islice(lines, columns.skip), maxlen=0)
    names: Sequence[str] | None = None
    if columns.header:
        header = next((line for line in lines if line.fault or line.text.strip()), None)
        if header is None:
            return iter(())
        names = _names(header, columns)
    told = _fixed(lines, columns) if columns.delimiter is None else _table(lines, columns, names)
    readers = {name: _reader(name, columns) for name in columns.places}
    return (_row(cells, readers, columns.constants) for cells in told)


def _names(header: Line, columns: Columns) -> Sequence[str]:
    if header.fault:
        raise UnreadableHotlist(f"the header in line {header.number}: {header.fault}")
    names = names_in(header, columns.delimiter or ",")
    faults = [
        f"{place}: {'is missing' if place not in names else 'occurs twice'}"
        for place in dict.fromkeys(columns.places.values())
        if isinstance(place, str) and names.count(place) != 1
    ]
    most = max((place for place in columns.places.values() if isinstance(place, int)), default=0)
    if most > len(names):
        faults.append(f"columns: {len(names)}, where the mapping speaks of number {most}")
    if faults:
        raise UnreadableHotlist(f"the header in line {header.number}: {'; '.join(faults)}")
    return names


def _fixed(lines: Iterable[Line], columns: Columns) -> Iterator[Cells]:
    spans = [slice(*place) for place in columns.places.values() if isinstance(place, tuple)]
    for number, text, fault in lines:
        if fault or text.strip():
            yield Cells(number, [text[span].strip() for span in spans], fault)


def _table(lines: Iterator[Line], columns: Columns, names: Sequence[str] | None) -> Iterator[Cells]:
    order = [_number(place, names or ()) for place in columns.places.values()]
    width = None if names is None else len(names)
    table = Table(lines, columns.delimiter or ",", width=width, least=max(order) + 1)
    for number, cells, fault in table:
        yield Cells(number, [] if fault else [cells[place] for place in order], fault)


def _number(place: Place, names: Sequence[str]) -> int:
    """Return which cell of a row this is, from 0."""
    return names.index(place) if isinstance(place, str) else int(str(place)) - 1


def _row(told: Cells, readers: Mapping[str, Reader], constants: Mapping[str, object]) -> Row:
    if told.fault:
        return Row(told.number, {}, told.fault)
    fields, faults = dict(constants), []
    for (name, read), cell in zip(readers.items(), told.cells, strict=True):
        try:
            fields[name] = read(cell)
        except FieldFault as fault:
            faults.append(f"{name}: {fault}")
    given = {name: value for name, value in fields.items() if value is not None}
    return Row(told.number, given, "; ".join(faults))


def _reader(name: str, columns: Columns) -> Reader:
    """Return what reads the cells of one column."""
    plain = _plain_reader(name, columns.dates)
    words = columns.values.get(name)
    if not words:
        return plain
    begins = sorted((word[:-1] for word in words if word.endswith(ANY)), key=len, reverse=True)

    def read(cell: str) -> object:
        if cell in words:
            return words[cell]
        begin = next((one for one in begins if cell and cell.startswith(one)), None)
        return plain(cell) if begin is None else words[begin + ANY]

    return read


def _plain_reader(name: str, dates: Sequence[str]) -> Reader:
    if dates and name in {_BEGINS, _ENDS}:
        read: Reader = lru_cache(partial(_moment, dates=dates, last=name == _ENDS))
    else:
        read = NAMED[name].cell
    return lambda cell: read(cell) if cell else None


def _moment(text: str, *, dates: Sequence[str], last: bool) -> str:
    """Return the moment that a Dutch clock or calendar means, in the form of JSON.

    A day that is the `last` one is over when the next begins.
    """
    for form in dates:
        try:
            shown = datetime.strptime(text, form)  # noqa: DTZ007 - by_clock knows the offset
            # What is read more freely than it would be written is no date in this form.
            if shown.strftime(form) == text:
                return by_clock(shown + timedelta(days=last and "%H" not in form)).isoformat()
        except (ValueError, OverflowError):
            continue
    raise FieldFault("is in none of the forms that the mapping gives")

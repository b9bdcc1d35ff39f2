"""Lines as other systems write their check lists -> the fields of entries.

    8XKV41;NLD;burglary, silver Golf             Nedap: plate; country in three capitals; comment
    NL;8XKV41;2026-01-01;2026-02-28              Genetec AutoVu: state; plate; from; to
    Category;PlateState;PlateNumber;ExpiryDate   the same, with names above and in any order

Days are those of the Netherlands, the last one included. What these systems say in words is shown
as the instruction of an entry and never matched.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain

from plate_match.errors import UnreadableHotlist
from plate_match.feed.cells import QUOTES
from plate_match.feed.days import begin_of
from plate_match.feed.fields import FIELDS
from plate_match.feed.lines import Line
from plate_match.feed.row import Row
from plate_match.hotlist import Category, Wanted

DELIMITERS = ";,:\t"
"""What AutoVu may write between attributes."""


class System(StrEnum):
    """Whose check list a file is."""

    NEDAP = "nedap"
    AUTOVU = "autovu"


Fields = Mapping[str, object]


def system_of(start: str) -> System | None:
    """Return whose check list begins with this line, or None."""
    cells = [cell.strip() for cell in start.split(";")]
    if len(cells) == _NEDAP_CELLS and _THREE_CAPITALS.fullmatch(cells[1]):
        return System.NEDAP
    return System.AUTOVU if _names(start) or _USUAL_ROW.fullmatch(start) else None


def rows_of(system: System, first: Line, lines: Iterator[Line]) -> Iterator[Row]:
    """Return the rows of a check list; `first` is its first line.

    Raises:
        UnreadableHotlist: it has names above that AutoVu does not know.
    """
    if system is System.NEDAP:
        return _rows(chain([first], lines), ";", _nedap)
    names = _names(first.text)
    if names is None:
        delimiter = next(iter(re.findall(f"[{DELIMITERS}]", first.text)), DELIMITERS[0])
        return _rows(chain([first], lines), delimiter, lambda cells: _autovu(cells, _USUAL))
    if unknown := [name for name in names if name not in _ATTRIBUTES]:
        raise UnreadableHotlist(
            f"the header in line {first.number} has {len(unknown)} names that are no attributes "
            f"of AutoVu; these are: {', '.join(_ATTRIBUTES)}"
        )
    if len(set(names)) < len(names):
        raise UnreadableHotlist(f"the header in line {first.number} has a name twice")
    return _rows(lines, _delimiter(first.text), lambda cells: _autovu(cells, names))


class _Fault(ValueError):
    """What is wrong with a line as a whole."""


def _rows(
    lines: Iterable[Line], delimiter: str, read: Callable[[Sequence[str]], Fields]
) -> Iterator[Row]:
    for number, text, fault in lines:
        if fault:
            yield Row(number, {}, fault)
        elif text.strip():
            try:
                cells = next(csv.reader([text], delimiter=delimiter, strict=True))
                yield Row(number, read([cell.strip() for cell in cells]))
            except csv.Error:
                yield Row(number, {}, QUOTES)
            except _Fault as error:
                yield Row(number, {}, str(error))


def _nedap(cells: Sequence[str]) -> Fields:
    if len(cells) != _NEDAP_CELLS:
        raise _Fault(f"columns: {len(cells)}, where a Nedap check list has {_NEDAP_CELLS}")
    plate, country, comment = cells
    return _said({"plate": plate, "country": _COUNTRIES.get(country, country)}, comment)


def _autovu(cells: Sequence[str], names: Sequence[str]) -> Fields:
    if len(cells) != len(names):
        raise _Fault(f"columns: {len(cells)}, where the first line has {len(names)}")
    given = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    fields: dict[str, object] = {"plate": given.get("platenumber")}
    if state := given.get("platestate"):
        fields["country"] = _COUNTRIES.get(state, state)
    if begin := given.get("effectivedate"):
        fields["validFrom"] = _day(begin)
    if end := given.get("expirydate"):
        fields["validUntil"] = _day(end, after=1)
    if priority := given.get("priority"):
        fields["priority"] = FIELDS["priority"].cell(priority)
    category = given.get("category", "")
    if category in list(Category):
        # By its nature a stolen plate is on another vehicle.
        wanted = Wanted.PLATE if category == Category.STOLEN_PLATE else Wanted.VEHICLE
        return {**fields, "category": category, "wanted": wanted.value}
    return _said(fields, category)


def _said(fields: Fields, text: str) -> Fields:
    return {**fields, "instruction": text} if text else fields


def _day(text: str, *, after: int = 0) -> str:
    """Return when a day begins in the Netherlands, or so many days later; else it is refused."""
    try:
        return begin_of(date.fromisoformat(text) + timedelta(days=after)).isoformat()
    except (ValueError, OverflowError):
        raise _Fault("dates: must be days, as in 2026-01-31") from None


def _names(start: str) -> tuple[str, ...] | None:
    """Return the names above the columns of an AutoVu file, if these are names."""
    cells = [cell.strip().lower() for cell in start.split(_delimiter(start))]
    return tuple(cells) if "platenumber" in cells else None


def _delimiter(start: str) -> str:
    return max(DELIMITERS, key=start.count)


_NEDAP_CELLS = 3
_THREE_CAPITALS = re.compile(r"[A-Z]{3}")
_USUAL = ("platestate", "platenumber", "effectivedate", "expirydate", "category")
"""The order without names above."""

_ATTRIBUTES = ("category", "platestate", "platenumber", "effectivedate", "expirydate", "priority")
_USUAL_ROW = re.compile(
    rf"[A-Z]{{1,3}}\s*([{DELIMITERS}])[^{DELIMITERS}]+\1\s*\d{{4}}-\d\d-\d\d\s*\1"
    rf"\s*\d{{4}}-\d\d-\d\d\s*\1[^{DELIMITERS}]*",
    re.ASCII,
)

_LONG = """NLD DEU BEL LUX FRA GBR IRL ESP PRT ITA AUT CHE POL CZE SVK HUN SVN HRV ROU BGR GRC DNK
 SWE NOR FIN EST LVA LTU UKR TUR SRB BIH MNE MKD ALB MDA CYP MLT LIE ISL D B F L"""
_SHORT = """NL DE BE LU FR GB IE ES PT IT AT CH PL CZ SK HU SI HR RO BG GR DK
 SE NO FI EE LV LT UA TR RS BA ME MK AL MD CY MT LI IS DE BE FR LU"""
_COUNTRIES = dict(zip(_LONG.split(), _SHORT.split(), strict=True))
"""Countries as these systems write them, and as entries do."""

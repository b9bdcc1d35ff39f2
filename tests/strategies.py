"""What the tests draw from: plates, their spellings, patterns, hotlists. All synthetic."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from plate_match import channel
from plate_match.audience import Audience
from plate_match.channel import Read, Source
from plate_match.glance import Looks
from plate_match.hotlist import Category, Dissemination, Entry, Hotlist, Wanted
from plate_match.looks import together
from plate_match.matcher import FORESEEN
from plate_match.normalize import parse
from plate_match.plate import (
    GAP,
    LONGEST_PLATE,
    SHORTEST_PLATE,
    SYMBOLS,
    UNKNOWN,
    Pattern,
    Plate,
)
from plate_match.report import Look
from plate_match.sidecode import SIDECODES, Sidecode, format_plate, sidecode
from plate_match.sight import Sight
from plate_match.spelling import SHORTEST_WORD

_SEPARATORS = ("-", " ", ".", "/", "\u2013", "\u2011", "\u2212", "\u00b7", " - ")
_LOOK_ALIKES = str.maketrans(
    "ABCEHKMOPTX", "\u0410\u0392\u0421\u0415\u041d\u039a\u041c\u039f\u0420\u03a4\u0425"
)
_FULL_WIDTH = str.maketrans({symbol: chr(ord(symbol) + 0xFEE0) for symbol in SYMBOLS})


@st.composite
def _of_layout(draw: DrawFn, layout: Sidecode) -> Plate:
    """Draw a plate as this layout was issued: letters of its era, digits within bounds."""
    letters = st.sampled_from(layout.letters)
    numbers = iter(layout.digits)
    groups = []
    for group in layout.layout.split("-"):
        if group[0] == "9":
            number = draw(st.integers(*next(numbers)))
            groups.append(f"{number:0{len(group)}}")
        else:
            groups.append("".join(draw(letters) for _ in group))
    return Plate("".join(groups))


def sidecode_plates(number: int) -> SearchStrategy[Plate]:
    """Plates of one sidecode, 1 to 14."""
    return _of_layout(SIDECODES[number - 1])


def plates() -> SearchStrategy[Plate]:
    """Plates of every sidecode, and now and then any 3 to 10 symbols."""
    anything = st.text(SYMBOLS, min_size=SHORTEST_PLATE, max_size=LONGEST_PLATE).map(Plate)
    dutch = st.integers(1, len(SIDECODES)).flatmap(sidecode_plates)
    return st.one_of(dutch, dutch, dutch, anything)


@st.composite
def spellings(draw: DrawFn, plate: Plate) -> str:
    """The ways a person or a keyboard writes this plate, separators in wrong places too.

    Only spellings that are of this plate alone: no group is a whole word, and what separates
    the groups of fewer than six symbols cannot be taken for symbols that were not read.
    """
    joined = draw(_grouping(plate))
    for table in (_LOOK_ALIKES, _FULL_WIDTH):
        joined = joined.translate(table) if draw(st.booleans()) else joined
    joined = joined.lower() if draw(st.booleans()) else joined
    if sidecode(plate):
        joined = draw(st.sampled_from(("", "NL-", "nl ", "NL", " ", "kenteken "))) + joined
    return joined + draw(st.sampled_from(("", " ")))


@st.composite
def _grouping(draw: DrawFn, plate: Plate) -> str:
    """Cut the plate into groups; short of six symbols only spaces part them."""
    shown = format_plate(plate)
    if draw(st.booleans()):
        return shown
    cuts = draw(st.lists(st.integers(1, len(plate) - 1), unique=True, max_size=3).map(sorted))
    bounds: Sequence[int] = (0, *cuts, len(plate))
    groups = [plate[start:end] for start, end in pairwise(bounds)]
    short = any(len(group) >= SHORTEST_WORD and group.isalpha() for group in groups)
    if short or groups[0] in ("NL", "XX") or groups[-1] == "XX":
        return str(plate)
    separator = draw(st.sampled_from(_SEPARATORS)) if len(plate) >= 6 else " "
    return separator.join(groups)


@st.composite
def patterns(draw: DrawFn, *, max_size: int = 9) -> Pattern:
    """Patterns as `parse` makes them: known, unknown and doubted places, gaps, separators."""
    doubted = st.sets(st.sampled_from(SYMBOLS), min_size=2, max_size=4).map(
        lambda symbols: f"[{''.join(sorted(symbols))}]"
    )
    known = st.sampled_from(SYMBOLS)
    place = st.one_of(known, known, known, st.just(UNKNOWN), st.just(GAP), doubted)
    places = draw(st.lists(place, max_size=max_size - 1))
    places.insert(draw(st.integers(0, len(places))), draw(known))
    return parse("".join(f"{'-' if draw(st.booleans()) else ''}{place}" for place in places))


def entries() -> SearchStrategy[Entry]:
    """Entries that differ in what decides who learns what, and why."""
    return st.builds(
        Entry,
        plate=plates(),
        reference=st.uuids().map(str),
        wanted=st.sampled_from(Wanted),
        category=st.sampled_from(Category),
        dissemination=st.sampled_from(Dissemination),
    )


NORTH, SOUTH = "Synthetic North", "Synthetic South"
"""Firms that entries may name."""

AUDIENCES = (
    *FORESEEN,
    Audience(NORTH),
    Audience(SOUTH, frozenset({Category.ROBBERY})),
    Audience("", frozenset({Category.ROBBERY})),
)


def known_to(audience: Audience, entries: Iterable[Entry]) -> list[Entry]:
    """Return those of some entries that an audience may know of."""
    return [entry for entry in entries if audience.may_know(entry)]


def hotlists(*, min_size: int = 1, max_size: int = 20) -> SearchStrategy[Hotlist]:
    """Hotlists of a few entries; a plate may have several."""
    return st.lists(entries(), min_size=min_size, max_size=max_size).map(
        lambda drawn: Hotlist(tuple(drawn))
    )


def _misread(draw: DrawFn, symbols: list[str]) -> None:
    """Let happen to a read, once, what happens to reads."""
    place = draw(st.integers(0, len(symbols) - 1))
    symbol = st.sampled_from(SYMBOLS)
    doubt = st.sets(symbol, min_size=2, max_size=3).map(lambda some: "".join(sorted(some)))
    match draw(st.sampled_from(("confused", "unread", "gap", "doubted", "lost", "added", "swap"))):
        case "confused":
            symbols[place] = draw(symbol)
        case "unread":
            symbols[place] = UNKNOWN
        case "gap":
            symbols[place] = GAP
        case "doubted":
            symbols[place] = draw(doubt)
        case "lost":
            symbols[place : place + 1] = [] if len(symbols) > 1 else [UNKNOWN]
        case "added":
            symbols.insert(place, draw(symbol))
        case _:
            symbols[place : place + 2] = symbols[place : place + 2][::-1]


@st.composite
def reads(draw: DrawFn, listed: Sequence[Plate], *, mistakes: int = 3) -> Read:
    """Reads of every class: whole, a part, with mistakes, sure and unsure, or of anything.

    From one symbol to more than a plate has; with separators and confidences or without.
    """
    if not listed or draw(st.integers(0, 5)) == 0:
        symbols = list(draw(patterns()).symbols)
    else:
        symbols = list(draw(st.sampled_from(listed)))
        if draw(st.integers(0, 4)) == 0:
            begin = draw(st.integers(0, len(symbols) - 1))
            symbols = symbols[begin : draw(st.integers(begin + 1, len(symbols)))]
        for _ in range(draw(st.integers(0, mistakes))):
            _misread(draw, symbols)
    between = st.lists(st.integers(1, max(1, len(symbols) - 1)), max_size=3, unique=True)
    separators = draw(between.map(sorted)) if len(symbols) > 1 else []
    stated = st.none() | st.floats(0, 1)
    every = st.lists(stated, min_size=len(symbols), max_size=len(symbols)).map(tuple)
    return Read(Pattern(tuple(symbols), tuple(separators)), draw(st.just(()) | every))


@st.composite
def looks_of(
    draw: DrawFn, listed: Sequence[Plate], *, max_size: int = 3, mistakes: int = 3
) -> Looks:
    """One look or more, by any source, at one of these plates or at anything."""
    sources = draw(st.lists(st.sampled_from(Source), min_size=1, max_size=max_size))
    seen = [Look(draw(reads(listed, mistakes=mistakes)), source) for source in sources]
    tables = channel.load()
    sights = tuple(Sight.of(tables, one.read, one.source) for one in seen)
    if len(sights) == 1:
        return Looks.of(sights[0])
    observed = [tables.observe(one.read, one.source) for one in seen]
    return Looks(sights, together(seen, observed))

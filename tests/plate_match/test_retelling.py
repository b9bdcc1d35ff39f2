"""What may have been told before it was misread: laws, and what is undone."""

from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from plate_match.channel import Read, Source, load
from plate_match.layouts import SIDECODES, Sidecode, layouts_of
from plate_match.matcher import Matcher
from plate_match.plate import GAP, SYMBOLS, UNKNOWN, Pattern, Plate
from plate_match.report import read_of
from plate_match.retelling import DOUBLE, GROUPS, INVERSION, JUMP, KINDS, MOST, retellings
from plate_match.scan import likelihoods_of
from plate_match.sight import Sight

SHARES = (0.03, 0.008, 0.05, 0.01)

LETTERS, DIGITS = "BDFGHJKLNPRSTVXZ", "0123456789"


def only(kind: int, share: float = 0.06) -> tuple[float, ...]:
    """Return shares of a source to which one kind happens."""
    return tuple(share * (number == kind) for number in range(len(KINDS)))


def meant(text: str, shares: tuple[float, ...] = SHARES) -> dict[str, float]:
    """Return what a report may have meant beside what it says, and the weight of each."""
    told = retellings(read_of(text, source=Source.EYESIGHT), shares)
    return {str(read.pattern): weight for weight, read in told[1:]}


places = st.one_of(
    st.sampled_from(SYMBOLS),
    st.sampled_from([UNKNOWN, GAP]),
    st.sets(st.sampled_from(SYMBOLS), min_size=2, max_size=3).map(lambda one: "".join(sorted(one))),
)


@st.composite
def some_reads(draw: st.DrawFn) -> Read:
    """Draw reads of any length, most of them about as long as a plate."""
    symbols = draw(st.lists(places, min_size=1, max_size=8))
    ends = draw(st.sets(st.integers(1, len(symbols) - 1), max_size=3)) if symbols[1:] else set()
    sure = draw(st.booleans())
    confidences = tuple(0.9 - 0.1 * place for place in range(len(symbols))) if sure else ()
    return Read(Pattern(tuple(symbols), tuple(sorted(ends))), confidences)


@st.composite
def groups_of_plates(draw: st.DrawFn) -> tuple[Sidecode, list[str]]:
    """Draw the three groups of a plate of any layout."""
    layout = draw(st.sampled_from(SIDECODES))
    kinds = {"X": st.sampled_from(LETTERS), "9": st.sampled_from(DIGITS)}
    drawn = "".join(draw(kinds[kind]) if kind in kinds else "-" for kind in layout.layout)
    return layout, drawn.split("-")


@given(some_reads())
@example(read_of("0000??"))
@example(read_of("?A????"))
@example(read_of("AB???1"))
def test_the_first_is_the_read_and_what_may_have_happened_is_a_share(read: Read) -> None:
    told = retellings(read, SHARES)
    weights, reads = zip(*told, strict=True)
    assert reads[0] == read
    assert len(set(reads)) == len(reads) <= MOST
    assert all(weight > 0 for weight in weights)
    for layout in SIDECODES:
        into = (weight for weight, one in told[1:] if layout in layouts_of(one.pattern))
        assert weights[0] + sum(into) <= 1 + 1e-12
    assert weights[0] >= 1 - sum(SHARES) - 1e-12


@given(some_reads())
def test_a_camera_tells_what_it_reads(read: Read) -> None:
    assert retellings(read, load().sources[Source.CAMERA].retold.tolist()) == ((1.0, read),)


@given(some_reads())
def test_what_was_meant_is_a_whole_plate_of_the_symbols_that_were_told(read: Read) -> None:
    said = sorted(read.pattern.symbols)
    for _, told in retellings(read, SHARES)[1:]:
        assert layouts_of(told.pattern)
        left = list(said)
        for symbol in told.pattern.symbols:
            left.remove(symbol)
        assert len(left) <= 1
        ends = told.pattern.separators
        assert all(0 < end < len(told.pattern.symbols) for end in ends)
        assert all(one < other for one, other in pairwise(ends))
        assert len(ends) <= len(read.pattern.separators)


@given(some_reads())
def test_a_confidence_stays_with_its_symbol(read: Read) -> None:
    stated = list(zip(read.pattern.symbols, read.confidences, strict=False))
    for _, told in retellings(read, SHARES):
        assert len(told.confidences) == (len(told.pattern.symbols) if read.confidences else 0)
        for pair in zip(told.pattern.symbols, told.confidences, strict=False):
            assert pair in stated


@given(groups_of_plates(), st.sampled_from([(0, 1), (0, 2), (1, 2)]), st.sampled_from(["", "-"]))
def test_groups_are_put_back_where_they_belong(
    plate: tuple[Sidecode, list[str]], swap: tuple[int, int], dash: str
) -> None:
    _, groups = plate
    said = list(groups)
    for one, other in (swap, swap[::-1]):
        said[one] = groups[other]
    assume(said != groups)
    assert meant(dash.join(said), only(GROUPS))[dash.join(groups)] == pytest.approx(0.02)


@given(groups_of_plates(), st.integers(0, 3))
def test_symbols_that_changed_places_over_a_third_are_put_back(
    plate: tuple[Sidecode, list[str]], place: int
) -> None:
    right = "".join(plate[1])
    said = list(right)
    said[place], said[place + 2] = said[place + 2], said[place]
    assume("".join(said) != right)
    assert meant("".join(said), only(JUMP))[right] == pytest.approx(0.015)


@given(groups_of_plates())
def test_a_number_that_was_said_backwards_is_turned_round(
    plate: tuple[Sidecode, list[str]],
) -> None:
    _, groups = plate
    for place, group in enumerate(groups):
        if len(group) > 1 and group.isdigit() and group[-1] != group[-2]:
            turned = group[:-2] + group[-1] + group[-2]
            said = "-".join([*groups[:place], turned, *groups[place + 1 :]])
            assert "-".join(groups) in meant(said, only(INVERSION))


@given(groups_of_plates(), st.integers(0, 5))
def test_a_symbol_that_was_told_twice_is_told_once(
    plate: tuple[Sidecode, list[str]], place: int
) -> None:
    right = "".join(plate[1])
    found = meant(right[: place + 1] + right[place:], only(DOUBLE))
    assert found[right] >= 0.06 / 6 - 1e-12


@pytest.mark.parametrize(
    ("said", "plate"),
    [
        ("422gjp", "GJ422P"),
        ("F-612-XR", "XR-612-F"),
        ("9dbh13", "13DBH9"),
        ("HD-N3-3R", "HD-NR-33"),
        ("n 825 gn", "N-852-GN"),
        ("90fggx3", "90FGX3"),
        ("13-DBHH-9", "13-DBH-9"),
        ("1?-34-BB", "34-1?-BB"),
    ],
)
def test_what_people_told_is_undone(said: str, plate: str) -> None:
    assert plate in meant(said)


@pytest.mark.parametrize("said", ["ABCDEF", "XR-612", "*612-XR", "XR-612-F-9", "XX-612-F-9"])
def test_where_nothing_fits_a_layout_nothing_is_undone(said: str) -> None:
    assert meant(said) == {}


def test_what_is_the_same_when_undone_counts_for_the_read_as_it_stands() -> None:
    read = read_of("33-XR-44", source=Source.EYESIGHT)
    ((weight, told),) = retellings(read, only(INVERSION))
    assert told == read
    assert weight == pytest.approx(1)


@pytest.mark.parametrize("source", [one for one in Source if one is not Source.CAMERA])
def test_people_retell_by_shares_of_their_own(source: Source) -> None:
    shares = load().sources[source].retold
    assert len(shares) == len(KINDS)
    assert (shares > 0).all()
    assert shares.sum() < 0.2
    assert len(Sight.of(load(), read_of("F-612-XR"), source).retold) > 1


def test_the_share_of_a_kind_decides_how_far_it_is_believed() -> None:
    rare, often = (meant("F-612-XR", only(GROUPS, share)) for share in (0.01, 0.1))
    assert often["XR-612-F"] == pytest.approx(10 * rare["XR-612-F"])


@pytest.mark.parametrize(
    ("said", "plate"), [("F-612-XR", "XR-612-F"), ("HD-N3-3R", "HD-NR-33"), ("8SPF31", "8-SPF-13")]
)
def test_a_report_is_likelier_for_what_was_meant(said: str, plate: str) -> None:
    right = Plate(plate.replace("-", ""))
    sight = Sight.of(load(), read_of(said), Source.EYESIGHT)
    standing = Sight(sight.channel, sight.source, sight.retold[:1])
    retold, alone = (float(likelihoods_of(one, [right])[0]) for one in (sight, standing))
    assert retold > 5 * alone


def test_a_retold_plate_is_found_and_the_reason_says_so() -> None:
    hits = Matcher.build(["XR-612-F", "F-612-XK", "F-617-XR"]).match("F-612-XR").hits
    (right,) = (hit for hit in hits if hit.plate == "XR612F")
    first = right.explain().alignment[0]
    assert (first.read, first.plate, first.kind) == ("F-612-XR", "XR-612-F", "retold")

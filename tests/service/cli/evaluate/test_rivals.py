import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from plate_match.channel import Read
from plate_match.plate import Pattern, Plate
from plate_match.report import Look, Report, read_of
from service.cli.evaluate import rivals
from service.cli.evaluate.rivals import NOTHING, Found, Rivals
from tests.strategies import plates

LIST = Rivals(("12AB34", "8XKV41", "8XKV47", "GH123K"))


def report(*texts: str) -> Report:
    return Report(tuple(Look(read_of(text)) for text in texts))


def test_exact_match_finds_what_stands_there_and_nothing_else() -> None:
    assert LIST.exact(report("8-XKV-41"), "8XKV41") == Found(1, 1)
    assert LIST.exact(report("8-XKV-41"), "12AB34") == Found(1, 0)
    assert LIST.exact(report("8-XKV-4?"), "8XKV41") == NOTHING
    assert LIST.exact(report("8XKV4?", "8XKV47"), "8XKV47") == Found(1, 1)


@pytest.mark.parametrize(
    ("read", "truth", "found"),
    [
        ("BXKV41", "8XKV41", Found(0.5, 1)),
        ("8XKV4I", "8XKV41", Found(0.5, 1)),
        ("BXKV4I", "8XKV41", NOTHING),
        ("8XKV43", "8XKV41", NOTHING),
        ("8XKV47", "8XKV47", Found(1, 1)),
        ("12A834", "12AB34", Found(0.5, 1)),
        ("12A834", "8XKV41", Found(0.5, 0)),
    ],
)
def test_one_look_alike_is_forgiven_and_a_second_is_not(
    read: str, truth: str, found: Found
) -> None:
    assert LIST.one_alike(report(read), truth) == found


def test_plates_that_are_equally_alike_share_the_chance_to_be_first() -> None:
    two = Rivals(("0XKV41", "QXKV41"))
    assert two.one_alike(report("OXKV41"), "QXKV41") == Found(0.5, 0.5)
    (found,) = LIST.similar([report("8XKV4?")], ["8XKV47"])
    assert tuple(found) == pytest.approx((5 / 6, 0.5))


def test_the_mean_of_the_looks_counts() -> None:
    (found,) = LIST.similar([report("8XKV4?", "8XKV?7")], ["8XKV47"])
    assert found.right == 1
    assert found.score == pytest.approx(5 / 6)


def test_without_a_list_or_a_read_nothing_is_found() -> None:
    assert Rivals(()).similar([report("8XKV41")], ["8XKV41"]) == [NOTHING]
    assert LIST.similar([], []) == []


@given(
    listed=st.lists(plates(), min_size=1, max_size=12, unique=True),
    seen=st.lists(plates(), min_size=1, max_size=4),
    truth=plates(),
)
def test_similarity_is_as_comparing_with_every_plate(
    listed: list[Plate], seen: list[Plate], truth: Plate
) -> None:
    before, rivals._BLOCK = rivals._BLOCK, 3
    try:
        reports = [Report((Look(Read(Pattern(tuple(one)))),)) for one in seen]
        found = Rivals(tuple(listed)).similar(reports, [truth] * len(seen))
    finally:
        rivals._BLOCK = before
    for one, text in zip(found, seen, strict=True):
        scores = [OSA.normalized_similarity(text, plate) for plate in listed]
        best = [plate for plate, score in zip(listed, scores, strict=True) if score == max(scores)]
        assert one.score == pytest.approx(max(scores), abs=1e-6)
        assert one.right == pytest.approx((truth in best) / len(best))

"""A listing that was saved answers like the one it was. All plates are synthetic."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import listing_file
from plate_match.census import times_of
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.errors import DamagedFile
from plate_match.hotlist import Entry
from plate_match.listing import Listing
from plate_match.lists import Lists
from plate_match.matcher import Matcher
from plate_match.overlay import overlaid
from plate_match.report import Look, Report, read_of
from tests.answers import told
from tests.plate_match.test_gathering import ENTRIES, NOW, PLATES
from tests.strategies import AUDIENCES

READS = ("8-XKV-41", "12-AB-3?", "*V41", "TVRK42")


def saved(listing: Listing, each: list[Entry], path: Path) -> Listing:
    listing_file.save(listing, path, maker="1")
    return listing_file.load(path, each.__getitem__, maker="1")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("listing") / "one"


@given(st.lists(ENTRIES, max_size=12), st.sampled_from(READS), st.none() | st.just("DE"))
def test_what_is_loaded_answers_like_what_was_saved(
    path: Path, listed: list[Entry], read: str, country: str | None
) -> None:
    made = Lists.of(listed)
    of_each = {made.told(audience): saved(made[audience], listed, path) for audience in AUDIENCES}
    loaded = Lists(made.circles, of_each.__getitem__)
    report = Report(
        (Look(read_of(read), Source.EYESIGHT),), Description(make="VW", colour="grey"), country
    )
    for audience in AUDIENCES:
        one, other = (
            Matcher.of(lists).search(report, at=NOW).answer(audience, min_confidence=0)
            for lists in (made, loaded)
        )
        assert told(one) == told(other)
        assert list(made[audience].tests()) == list(loaded[audience].tests())


def test_long_lists_lie_there_as_bits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plate_match.index.FROM", 2)
    listed = [Entry(plate=plate) for plate in PLATES]
    loaded = saved(Listing.of(listed), listed, path)
    assert loaded.index.plates == Listing.of(listed).index.plates
    assert {one.plate for entries in loaded.entries for one in entries} == set(PLATES)


def test_only_what_is_shown_is_fetched(path: Path) -> None:
    asked = []

    class Watched(list[Entry]):
        def __getitem__(self, place: object) -> object:  # type: ignore[override]
            asked.append(place)
            return super().__getitem__(place)  # type: ignore[call-overload]

    listed = [Entry(plate=plate) for plate in PLATES]
    loaded = saved(Listing.of(listed), Watched(listed), path)
    answer = Matcher.of(Lists((), lambda _: loaded)).match(PLATES[2], limit=1)
    assert answer.hits[0].entries == (listed[2],)
    assert asked == [2]


def test_what_another_version_made_is_to_be_made_again(path: Path) -> None:
    listing_file.save(Listing.of([Entry(plate=PLATES[0])]), path, maker="1")
    with pytest.raises(listing_file.OtherMaker, match="made by version 1, this is 2"):
        listing_file.load(path, [].__getitem__, maker="2")


@pytest.mark.parametrize(
    "change", [lambda b: b[:-1], lambda b: b"x" + b, lambda b: b[:90] + b"~" + b[91:]]
)
def test_a_damaged_file_is_refused(path: Path, change: Callable[[bytes], bytes]) -> None:
    listing_file.save(Listing.of([Entry(plate=PLATES[0])]), path, maker="1")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DamagedFile):
        listing_file.load(path, [].__getitem__, maker="1")


def test_with_entries_laid_over_it_a_listing_has_no_file(path: Path) -> None:
    listing = overlaid(Listing.of([Entry(plate=PLATES[0])]), [Entry(plate=PLATES[1])])
    with pytest.raises(TypeError, match="as it was gathered"):
        listing_file.save(listing, path, maker="1")


def test_a_list_without_times_keeps_none(path: Path) -> None:
    listed = [Entry(plate=PLATES[0])]
    assert saved(Listing.of(listed), listed, path).facts.spans is None
    ends = [Entry(plate=PLATES[0], valid_until=NOW)]
    spans = saved(Listing.of(ends), ends, path).facts.spans
    assert spans is not None
    assert spans.tolist() == [[-np.inf, NOW.timestamp()]]


def paused() -> list[Entry]:
    """Return entries of one plate that is listed, is not for an hour, and is again."""
    hour = timedelta(hours=1)
    return [
        Entry(plate=PLATES[0], valid_until=NOW - hour),
        Entry(plate=PLATES[0], valid_from=NOW, valid_until=NOW + hour),
    ]


def test_a_plate_that_is_listed_again_keeps_its_times(path: Path) -> None:
    listed = paused()
    made = Listing.of(listed)
    loaded = saved(made, listed, path)
    assert list(loaded.facts.times(0)) == list(made.facts.times(0)) == list(times_of(listed))


def test_a_plate_that_is_listed_again_gets_other_times_with_an_entry_more(path: Path) -> None:
    listed, more = paused(), Entry(plate=PLATES[0], valid_from=NOW - timedelta(minutes=90))
    over = overlaid(saved(Listing.of(listed), listed, path), [more])
    assert list(over.facts.times(0)) == list(times_of([*listed, more]))
    assert over.facts.census.at(NOW - timedelta(minutes=30)) == 1

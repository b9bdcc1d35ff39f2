from collections import Counter
from datetime import UTC, datetime
from itertools import islice

from plate_match.foreign import countries
from plate_match.hotlist import Category, Dissemination, Wanted
from plate_match.plate import Plate, spelled
from plate_match.sidecode import forbidden_combination, kind_of_vehicle, sidecode
from service.cli.demo.plates import LABEL, synthetic_entries, synthetic_plates

NOW = datetime(2026, 11, 24, 21, 3, 7, tzinfo=UTC)


def test_the_plates_are_the_same_every_time_and_none_comes_twice() -> None:
    drawn = list(islice(synthetic_plates("listed"), 2000))
    assert drawn == list(islice(synthetic_plates("listed"), 2000))
    assert len(set(drawn)) == 2000
    assert drawn != list(islice(synthetic_plates("innocent"), 2000))


def test_the_plates_follow_layouts_that_were_issued_and_some_are_foreign() -> None:
    drawn = list(islice(synthetic_plates("listed"), 2000))
    layouts = Counter(layout.number for plate in drawn if (layout := sidecode(plate)))
    assert set(layouts) == set(range(3, 13))
    assert layouts[10] > layouts[4]
    foreign = Counter(countries(plate)[0] for plate in drawn if not sidecode(plate))
    assert {"DE", "BE", "PL"} == set(foreign)
    assert foreign.total() == 10
    assert not any(forbidden_combination(plate) for plate in drawn)


def test_a_plate_of_layouts_with_key_letters_begins_with_one() -> None:
    for plate in islice(synthetic_plates("listed"), 500):
        layout = sidecode(plate)
        if layout and layout.key_letters:
            assert next(filter(str.isalpha, plate)) in layout.key_letters


def test_every_entry_is_labelled_and_in_force_for_two_years() -> None:
    entries = synthetic_entries(500, NOW)
    assert [entry.plate for entry in entries] == list(islice(synthetic_plates("listed"), 500))
    assert len({entry.reference for entry in entries}) == 500
    for entry in entries:
        assert entry.reference.startswith(LABEL)
        assert entry.legal_ground.startswith(LABEL)
        assert entry.owner.startswith(LABEL)
        assert entry.instruction
        assert entry.in_force(NOW)
        assert not entry.in_force(datetime(2028, 11, 24, tzinfo=UTC))


def test_the_entries_show_what_an_entry_can_say() -> None:
    entries = synthetic_entries(500, NOW)
    assert len({entry.category for entry in entries}) == 8
    assert {entry.dissemination for entry in entries} == set(Dissemination)
    assert {entry.wanted for entry in entries} == set(Wanted)
    assert any(entry.warnings for entry in entries)
    for entry in entries:
        if entry.category is Category.STOLEN_PLATE:
            assert (entry.wanted, entry.make, entry.kind) == (Wanted.PLATE, None, None)
        else:
            assert entry.kind == kind_of_vehicle(Plate(spelled(entry.plate)))
            assert (entry.make is not None) == (entry.kind in {"car", "van"})

"""Which reads of a firm are a walk through plates, and which are not. All plates are synthetic."""

from hypothesis import given
from hypothesis import strategies as st

from plate_match.normalize import normalize
from plate_match.plate import Plate
from service import clock
from service.limit_ports import GuardsRead
from service.records import Caller, Role
from service.usecases.walks import ONE_PLACE, ONE_SERIES, Detector, Pattern, Walk

GUARDS = [Caller(f"{number:013}", Role.GUARD, "Synthetic") for number in range(20)]
OTHER = Caller("other", Role.GUARD, "Other Synthetic")


def walks(
    reads: list[str], callers: list[Caller] = GUARDS[:1], every: int = clock.MINUTE
) -> list[Walk]:
    """What is found in reads that guards report in turn."""
    detector, found = Detector(clock.DAY), []
    for number, text in enumerate(reads):
        plate = normalize(text)
        plates = (plate,) if isinstance(plate, Plate) else ()
        caller = callers[number % len(callers)]
        walk = detector.add(GuardsRead(number, number * every, caller, plates))
        found += [walk] if walk else []
    return found


@given(place=st.integers(0, 5), data=st.data())
def test_one_place_that_is_gone_through_is_a_walk_in_any_order(
    place: int, data: st.DataObject
) -> None:
    symbols = data.draw(st.permutations("BDFGHJKLNPRSTVXZ0123456789"))
    plates = ["8XKV41"[:place] + symbol + "8XKV41"[place + 1 :] for symbol in symbols]
    found = walks(plates[:ONE_PLACE])
    assert [walk.pattern for walk in found] == [Pattern.ONE_SYMBOL]
    assert found[0].callers == (GUARDS[0],)
    assert set(found[0].plates) == set(plates[:ONE_PLACE])
    assert walks(plates[: ONE_PLACE - 1]) == []


@given(numbers=st.permutations(range(0, 990, 11)))
def test_a_series_that_is_swept_is_a_walk_in_any_order(numbers: list[int]) -> None:
    swept = [f"{number // 100}XKV{number % 100:02}" for number in numbers[:ONE_SERIES]]
    assert Pattern.SERIES in {walk.pattern for walk in walks(swept)}


def test_a_walk_that_is_shared_is_found_and_names_who_went_on_with_it() -> None:
    plates = [f"8XKV4{digit}" for digit in range(10)]
    found = walks(plates, GUARDS)
    assert found[0].pattern is Pattern.SHARED
    assert found[0].callers == (GUARDS[ONE_PLACE - 1],)
    two = walks(plates, GUARDS[:2])
    assert set(two[-1].callers) == set(GUARDS[:2])
    assert walks(plates[: ONE_PLACE + 2], [GUARDS[0], OTHER]) == []


def test_a_colleague_who_read_one_of_them_does_not_walk() -> None:
    plates = [f"8XKV4{digit}" for digit in range(6)]
    found = walks(plates, [GUARDS[0], *[GUARDS[1]] * 5])
    assert [walk.callers for walk in found] == [(GUARDS[1],)] * 2


def test_each_step_further_is_found_again_and_a_repeated_one_is_not() -> None:
    plates = [f"8XKV4{digit}" for digit in range(7)]
    assert len(walks(plates)) == 3
    assert len(walks([*plates, *plates])) == 3


def test_what_is_older_than_the_window_is_forgotten() -> None:
    plates = [f"8XKV4{digit}" for digit in range(10)]
    assert walks(plates, every=clock.DAY // 3) == []
    detector = Detector(clock.HOUR)
    detector.add(GuardsRead(1, 0, GUARDS[0], (Plate("8XKV41"),)))
    detector.add(GuardsRead(2, 2 * clock.HOUR, GUARDS[0], ()))
    assert not detector._kin
    assert not detector._order


def test_a_wanted_car_that_many_report_with_misreads_is_no_walk() -> None:
    misread = ["8XKV41", "BXKV41", "8XKU41", "8XKV4I", "8XKV47", "8YKV41", "8XKW41", "8XRV41"]
    assert walks(["8XKV41"] * 100 + misread * 5, GUARDS) == []


@given(st.lists(st.sampled_from(["8XKV?", "12*", "KV", "ABCDEFG", "123456"]), max_size=30))
def test_reads_in_part_and_reads_without_letters_are_no_walk_of_a_series(reads: list[str]) -> None:
    assert walks(reads) == []

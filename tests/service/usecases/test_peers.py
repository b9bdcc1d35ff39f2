"""Who stands out among peers. All people are synthetic."""

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.usecases.peers import Actor, Doings, compare


def actor(number: int, role: str = "guard") -> Actor:
    return Actor(role, "Synthetic Security", f"G. {number}")


def doings(hour: int = 10, **kinds: int) -> Doings:
    done = Doings()
    done.kinds.update({name.replace("_", "-"): count for name, count in kinds.items()})
    done.hours[hour] = kinds.get("sightings", 0)
    return done


@given(
    st.lists(st.integers(0, 40), min_size=3, max_size=20),
    st.sampled_from(["sightings", "consultations", "refusals", "exports"]),
)
def test_whoever_did_a_thousand_times_more_than_anybody_stands_out_alone_if_all_are_alike(
    counts: list[int], measure: str
) -> None:
    peers = {actor(n): doings(**{measure: count}) for n, count in enumerate(counts)}
    alike = {one: doings(**{measure: 20}) for one in peers}
    assert compare(alike).outliers == {}
    found = compare({**peers, actor(99): doings(**{measure: 100_000})}).outliers
    assert measure in {one.measure for one in found[actor(99)]}


@given(st.integers(0, 100), st.integers(3, 30))
def test_counts_that_differ_by_chance_alone_make_nobody_stand_out(base: int, people: int) -> None:
    peers = {actor(n): doings(looks=base + n % 2) for n in range(people)}
    assert compare(peers).outliers == {}


def test_a_share_is_weighed_by_how_many_sightings_it_is_of() -> None:
    peers = {actor(n): doings(sightings=100, without_hit=50) for n in range(5)}
    few = {actor(7): doings(sightings=6, without_hit=6)}
    many = {actor(8): doings(sightings=100, without_hit=100)}
    found = compare({**peers, **few, **many}).outliers
    assert list(found) == [actor(8)]
    (outlier,) = found[actor(8)]
    assert (outlier.measure, outlier.value, outlier.median) == ("without-hit", 1.0, 0.5)


def test_hours_in_which_peers_hardly_ever_work_are_unusual() -> None:
    peers = {actor(n): doings(sightings=100) for n in range(5)}
    found = compare({**peers, actor(9): doings(hour=3, sightings=12)})
    assert 3 in found.unusual[actor(9)]
    assert 10 not in found.unusual[actor(9)]
    assert [one.measure for one in found.outliers[actor(9)]] == ["unusual-hours"]


def test_people_are_compared_within_their_role_and_not_where_they_are_too_few() -> None:
    guards = {actor(n): doings(looks=1) for n in range(3)}
    desk = {actor(n, "infodesk"): doings(looks=n * 1_000) for n in range(2)}
    found = compare({**guards, **desk})
    assert found.outliers == {}
    assert found.peerless == ["infodesk"]


DAY, EVENING, NIGHT = (frozenset(range(begin, begin + 8)) for begin in (6, 14, 22))


Rng = np.random.Generator
RNGS = st.integers(0, 2**32).map(np.random.default_rng)


def worker(hours: Iterable[int], sightings: int, rng: Rng) -> Doings:
    """What somebody does in a month who reports at some hours of day."""
    among, done = sorted(hour % 24 for hour in hours), doings(sightings=sightings)
    counts = np.bincount(rng.choice(among, sightings), minlength=24)
    done.hours = counts.tolist()
    return done


def out_of_hours(peers: dict[Actor, Doings]) -> set[Actor]:
    found = compare(peers).outliers
    return {one for one, why in found.items() if "unusual-hours" in {each.measure for each in why}}


def of_firm(firm: str, number: int) -> Actor:
    return Actor("guard", firm, f"G. {number}")


@given(st.integers(2, 20), st.integers(5, 400), st.sampled_from([DAY, EVENING, NIGHT]), RNGS)
def test_whoever_works_alone_at_hours_at_which_nobody_of_the_others_does_stands_out(
    people: int, sightings: int, alone: frozenset[int], rng: Rng
) -> None:
    usual = {10, 11, 12} if alone is not DAY else {23, 0, 1}
    peers = {actor(n): worker(usual, 200, rng) for n in range(people)}
    lone = actor(99)
    assert out_of_hours({**peers, lone: worker(alone, sightings, rng)}) == {lone}
    assert out_of_hours({**peers, lone: worker(alone, 10 * 200 * people, rng)}) == {lone}


@given(st.integers(3, 12), st.integers(2, 8), RNGS)
def test_a_firm_of_which_everybody_works_at_night_does_not(
    by_day: int, at_night: int, rng: Rng
) -> None:
    night = {of_firm("Night", n): worker(NIGHT, 300, rng) for n in range(at_night)}
    day = {of_firm(f"Day {n % 9}", n): worker(DAY, 300, rng) for n in range(20 * by_day)}
    assert out_of_hours({**day, **night}) == set()
    assert out_of_hours(night) == set()


@given(RNGS)
def test_in_a_month_of_shifts_nobody_who_keeps_to_them_stands_out(rng: Rng) -> None:
    shifts = [*12 * [DAY], *5 * [EVENING], *3 * [NIGHT]]
    peers = {
        of_firm(f"Firm {n % 3}", n): worker(shift, int(rng.integers(150, 900)), rng)
        for n, shift in enumerate(3 * shifts)
    }
    assert out_of_hours(peers) == set()


def test_one_look_of_a_colleague_at_night_does_not_make_the_night_usual() -> None:
    rng = np.random.default_rng(1)
    peers = {actor(n): worker(DAY, 300, rng) for n in range(6)}
    peers[actor(0)].hours[2] += 1
    peers[actor(0)].kinds["sightings"] += 1
    assert out_of_hours({**peers, actor(9): worker({2, 3}, 40, rng)}) == {actor(9)}

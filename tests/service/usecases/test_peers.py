"""Who stands out among peers. All people are synthetic."""

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
    assert 3 in found.unusual["guard"]
    assert 10 not in found.unusual["guard"]
    assert [one.measure for one in found.outliers[actor(9)]] == ["unusual-hours"]


def test_people_are_compared_within_their_role_and_not_where_they_are_too_few() -> None:
    guards = {actor(n): doings(looks=1) for n in range(3)}
    desk = {actor(n, "infodesk"): doings(looks=n * 1_000) for n in range(2)}
    found = compare({**guards, **desk})
    assert found.outliers == {}
    assert found.peerless == ["infodesk"]

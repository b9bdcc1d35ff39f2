"""Base rates are shares of all vehicles, from the table or from a registry's counts."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.base_rates import EVERYTHING, RAREST, BaseRates, Shares, class_of, load
from plate_match.wording import NOTHING, Words

COUNTS = st.dictionaries(st.sampled_from(["A", "B", "C", "D", ""]), st.integers(0, 10**7))


def all_shares(rates: BaseRates) -> Iterator[Shares]:
    yield from (rates.kinds, rates.plate_colours, rates.duplicate_codes)
    for group in (rates.makes, rates.models, rates.colours):
        yield from group.values()


@given(COUNTS, st.sampled_from([RAREST, 0.1]))
def test_shares_sum_to_one_and_none_is_zero(counts: dict[str, int], unnamed: float) -> None:
    shares = Shares.of_counts(counts, unnamed=unnamed)
    assert sum(shares.named.values()) + shares.rest == pytest.approx(1)
    assert 0 < shares.unnamed <= shares.rest * (1 + 1e-9)
    assert all(share >= RAREST / 2 for share in shares.named.values())
    assert shares.of(Words({"never counted"})) == shares.unnamed


@given(COUNTS)
def test_shares_keep_the_proportions_of_counts(counts: dict[str, int]) -> None:
    named = Shares.of_counts(counts).named
    for word, share in named.items():
        for other, other_share in named.items():
            assert share * counts[other] == pytest.approx(other_share * counts[word])


def test_a_word_too_rare_to_tell_is_one_of_the_rest() -> None:
    shares = Shares.of_counts({"common": 10**7, "rare": 5})
    assert set(shares.named) == {"common"}
    assert shares.of(Words({"rare"})) == shares.unnamed == pytest.approx(RAREST, rel=1e-3)


def test_the_shares_of_several_words_add_up_and_those_of_none_are_nothing() -> None:
    shares = Shares.of_counts({"a": 3, "b": 1})
    assert shares.of(Words({"a", "b"})) == pytest.approx(1, abs=2 * RAREST)
    assert shares.of(NOTHING) == 0


def test_the_table_says_what_its_sources_say() -> None:
    rates = load()
    cars, colours = rates.makes["car"].named, rates.colours["car"].named
    assert cars["VOLKSWAGEN"] == pytest.approx(0.116, abs=0.001)
    assert colours["grey"] == pytest.approx(0.34, abs=0.001)
    assert colours["red"] == pytest.approx(0.06, abs=0.006)
    assert rates.kinds.named["car"] == pytest.approx(0.64, abs=0.01)
    for shares in all_shares(rates):
        assert sum(shares.named.values()) + shares.rest == pytest.approx(1)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (set(), EVERYTHING),
        ({"car"}, "car"),
        ({"van"}, "commercial"),
        ({"van", "truck"}, "commercial"),
        ({"moped", "light-moped"}, "moped"),
        ({"car", "van"}, EVERYTHING),
        ({"UFO"}, "UFO"),
    ],
)
def test_kinds_that_a_registry_counts_together_share_their_rates(
    kinds: set[str], expected: str
) -> None:
    assert class_of(Words(kinds)) == expected


def test_makes_are_those_of_the_class_that_was_seen() -> None:
    rates = load()
    daf = Words({"DAF"})
    trucks, cars = rates.makes_of(Words({"truck"})), rates.makes_of(Words({"car"}))
    anything = rates.makes_of(NOTHING)
    assert trucks is not None
    assert cars is not None
    assert anything is not None
    assert trucks.of(daf) > anything.of(daf) > cars.of(daf)
    assert rates.makes_of(Words({"UFO"})) is None


def test_colours_of_vans_and_trucks_are_not_registered() -> None:
    rates = load()
    assert rates.colours_of(Words({"van"})) is None
    assert rates.colours_of(Words({"truck"})) is None
    assert rates.colours_of(Words({"car"})) == rates.colours_of(NOTHING)


REGISTRY = (
    {
        "Personenauto": {"VW": 60, "VOLKSWAGEN": 40, "OPEL": 100},
        "Bedrijfsauto": {"DAF": 50, "N.v.t.": 7},
        "Bromfiets": {},
    },
    {
        "Personenauto": {"GRIJS": 30, "ZILVER": 20, "ROOD": 50, "Niet geregistreerd": 9},
        "Bedrijfsauto": {"N.v.t.": 57},
    },
)
"""Makes and colours by kind, in the register's spelling; few, and made up."""


def test_a_registry_counts_in_its_own_spelling() -> None:
    rates = BaseRates.of_counts(*REGISTRY)
    cars, commercial = rates.makes["car"], rates.makes["commercial"]
    assert cars.named == pytest.approx({"VOLKSWAGEN": 0.5, "OPEL": 0.5}, rel=1e-3)
    assert commercial.named == pytest.approx({"DAF": 1}, rel=1e-3)
    together = {"VOLKSWAGEN": 0.4, "OPEL": 0.4, "DAF": 0.2}
    assert rates.makes[EVERYTHING].named == pytest.approx(together, rel=1e-3)
    assert rates.colours["car"].named == pytest.approx({"grey": 0.5, "red": 0.5}, rel=1e-3)
    assert set(rates.colours) == {"car", EVERYTHING}
    assert set(rates.makes) == {"car", "commercial", EVERYTHING}


def test_what_a_registry_has_not_counted_is_that_of_the_tables() -> None:
    assert BaseRates.of_counts({}, {}) == load()
    rates = BaseRates.of_counts({}, REGISTRY[1])
    assert (rates.makes, rates.kinds) == (load().makes, load().kinds)
    assert rates.colours == BaseRates.of_counts(*REGISTRY).colours
    assert BaseRates.of_counts(REGISTRY[0], {}).colours == load().colours


def test_colours_that_a_registry_has_counted_as_none_are_left_unweighed() -> None:
    rates = BaseRates.of_counts({}, {"Personenauto": {"N.v.t.": 3}})
    assert rates.colours_of(Words({"car"})) is None
    assert rates.colours_of(NOTHING) is None

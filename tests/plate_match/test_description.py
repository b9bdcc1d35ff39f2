"""What a vehicle looks like is evidence, worth what its base rates say and no more."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from itertools import permutations, product
from math import log2
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.base_rates import Shares, load
from plate_match.description import (
    FALSE_PLATE,
    NOTHING_SAID,
    POSSIBLE_FALSE_PLATE,
    Description,
    Profiles,
    is_possible_false_plate,
    profile_of,
    ratios,
    weigh,
)
from plate_match.hotlist import Entry, Wanted
from plate_match.plate import Plate
from plate_match.traits import (
    BLENDED,
    WRONG_COLOUR,
    WRONG_DUPLICATE_CODE,
    WRONG_KIND,
    WRONG_MAKE,
    WRONG_MODEL,
    WRONG_PLATE_COLOUR,
    Profile,
)

RATES = load()
PLATE = Plate("8XKV41")
"""Synthetic."""

WORDS: Mapping[str, Sequence[object]] = {
    "make": ["VW", "Volkswagen", "OPEL", "Toyota", "DAF", "zundapp", "n.v.t."],
    "model": ["POLO 44 KW", "vw golf", "Corsa", "aygo", "3*RFN*"],
    "colour": ["zilver", "grijs", "ZWART", "rood", "donker", "lichtgrijs", "mauve"],
    "kind": ["Personenauto", "busje", "Bedrijfsauto", "truck", "scooter", "ufo"],
    "plate_colour": ["geel", "blauw", "wit", "lichtblauw"],
    "duplicate_code": [0, 1, 2, 14],
}


def descriptions() -> st.SearchStrategy[Description]:
    return st.builds(
        Description, **{name: st.sampled_from([None, *words]) for name, words in WORDS.items()}
    )


def entry(seen: Description, wanted: Wanted = Wanted.VEHICLE) -> Entry:
    said = {field.name: getattr(seen, field.name) for field in fields(Description)}
    return Entry(plate=PLATE, wanted=wanted, **said)


def profiles() -> st.SearchStrategy[Profile]:
    return descriptions().map(entry).map(profile_of)


def ratio(seen: Description, known: Description) -> float:
    return float(ratios(seen, [profile_of(entry(known))], RATES)[0])


def mixed(likelihood_ratio: float) -> float:
    return (1 - FALSE_PLATE) * likelihood_ratio + FALSE_PLATE


def said_by_others(shares: Shares | None, own: str) -> list[tuple[str | None, float]]:
    """Return everything that can be said of a trait, with how often it is said of anybody."""
    if shares is None:
        return [(None, 1.0)]
    said = [(word, share) for word, share in shares.named.items() if word != own]
    mine = shares.of(frozenset({own}))
    rest = shares.rest if own in shares.named else shares.rest - mine
    return [*said, (own, mine), ("something quite else", rest)]


OWN = [
    Description(make="VOLKSWAGEN", colour="grey", kind="car"),
    Description(make="DAF", colour="white", kind="truck"),
    Description(make="ZUNDAPP", colour="MAUVE", kind="moped"),
    Description(make="LANCIA", colour="purple"),
    Description(kind="bedrijfsauto", colour="donker"),
    Description(make="FORD", kind="UFO"),
    Description(),
]


@pytest.mark.parametrize("known", OWN, ids=str)
def test_over_all_that_could_be_said_of_anybody_the_ratio_averages_one(known: Description) -> None:
    for kind, how_often in said_by_others(RATES.kinds, known.kind or "car"):
        kinds = profile_of(Entry(plate=PLATE, kind=kind)).kind
        makes = said_by_others(RATES.makes_of(kinds), known.make or "OPEL")
        colours = said_by_others(RATES.colours_of(kinds), known.colour or "red")
        total = 0.0
        for (make, of_make), (colour, of_colour) in product(makes, colours):
            seen = Description(make=make, colour=colour, kind=kind)
            bits = {one.name: one.bits for one in weigh(seen, profile_of(entry(known)), RATES)}
            # Apart from the kind, which is given here: on average, it tells the rest nothing.
            total += of_make * of_colour * 2 ** (bits.get("make", 0) + bits.get("colour", 0))
        assert total == pytest.approx(1, rel=1e-9), how_often


@pytest.mark.parametrize("known", [known for known in OWN if known.colour != "donker"], ids=str)
@pytest.mark.parametrize("trait", ["make", "colour", "kind", "plate_colour", "duplicate_code"])
def test_the_ratio_of_one_trait_averages_one(known: Description, trait: str) -> None:
    shares = {
        "make": RATES.makes_of(frozenset()),
        "colour": RATES.colours_of(frozenset()),
        "kind": RATES.kinds,
        "plate_colour": RATES.plate_colours,
        "duplicate_code": RATES.duplicate_codes,
    }[trait]
    known = replace(known, plate_colour="light-blue", duplicate_code=2)
    own = getattr(known, trait)
    total = 0.0
    for word, how_often in said_by_others(shares, str(own or "something")):
        code = 77 if word == "something quite else" else word
        said = {trait: int(code or 0) if trait == "duplicate_code" else word}
        total += how_often * ratio(Description(**said), known)  # type: ignore[arg-type]  # by name
    assert total == pytest.approx(1, rel=1e-9)


def test_models_of_a_make_average_one_beside_it() -> None:
    known = Description(make="VW", model="Passat")
    make = mixed(0) - FALSE_PLATE + ratio(Description(make="VW"), known)
    unmixed = (make - FALSE_PLATE) / (1 - FALSE_PLATE)
    total = sum(
        how_often * ratio(Description(make="VW", model=word), known)
        for word, how_often in said_by_others(RATES.models_of("VOLKSWAGEN"), "PASSAT")
    )
    assert total == pytest.approx(mixed(unmixed))


@given(descriptions(), st.lists(profiles(), max_size=8))
def test_ratios_are_finite_above_nothing_and_those_of_each_alone(
    seen: Description, known: list[Profile]
) -> None:
    found = ratios(seen, known, RATES)
    assert found.shape == (len(known),)
    assert np.all(found >= FALSE_PLATE)
    assert np.all(np.isfinite(found))
    assert found.tolist() == [ratios(seen, [one], RATES)[0] for one in known]


@given(descriptions(), st.lists(profiles(), max_size=8))
def test_gathered_profiles_are_weighed_like_loose_ones(
    seen: Description, known: list[Profile]
) -> None:
    gathered = ratios(seen, Profiles.of(known), RATES)
    assert gathered.tolist() == ratios(seen, known, RATES).tolist()


@given(descriptions(), profiles())
def test_the_bits_add_up_to_the_ratio(seen: Description, known: Profile) -> None:
    reasons = weigh(seen, known, RATES)
    total = sum(one.bits for one in reasons)
    assert total == pytest.approx(log2(ratios(seen, [known], RATES)[0]), abs=1e-9)
    names = [one.name for one in reasons]
    assert len(set(names)) == len(names)
    assert not reasons or names[-1] == POSSIBLE_FALSE_PLATE


@given(descriptions())
def test_what_is_unknown_on_either_side_costs_nothing(seen: Description) -> None:
    assert ratio(seen, NOTHING_SAID) == ratio(NOTHING_SAID, seen) == 1
    assert weigh(seen, Profile(), RATES) == ()
    assert not is_possible_false_plate(seen, Profile(), RATES)


@given(descriptions(), descriptions())
def test_of_a_wanted_plate_nothing_that_is_seen_is_evidence(
    seen: Description, known: Description
) -> None:
    profile = profile_of(entry(known, Wanted.PLATE))
    assert ratios(seen, [profile], RATES).tolist() == [1.0]
    assert weigh(seen, profile, RATES) == ()
    assert not is_possible_false_plate(seen, profile, RATES)


def test_the_bits_of_a_trait_do_not_depend_on_the_order_in_which_traits_are_said() -> None:
    known = profile_of(Entry(plate=PLATE, make="VW", colour="rood", kind="car", plate_colour="wit"))
    said = {"make": "OPEL", "colour": "rood", "kind": "auto", "plate_colour": "geel"}
    found = {
        ratios(Description(**dict(order)), [known], RATES)[0]  # type: ignore[arg-type]  # by name
        for order in permutations(said.items())
    }
    assert len(found) == 1


@pytest.mark.parametrize("seen", ["zilver", "silver", "GRIJS", "light grey", "antraciet"])
@pytest.mark.parametrize("known", ["grijs", "zilvergrijs"])
def test_silver_is_grey(seen: str, known: str) -> None:
    same = ratio(Description(colour="grey"), Description(colour="grey"))
    assert ratio(Description(colour=seen), Description(colour=known)) == same > 2


def test_a_rare_colour_says_more_than_a_common_one() -> None:
    red, grey = (ratio(Description(colour=one), Description(colour=one)) for one in ("red", "grey"))
    share = RATES.colours["car"].named
    assert red == pytest.approx(mixed((1 - WRONG_COLOUR) / share["red"] + WRONG_COLOUR))
    assert red > 4 * grey


def test_bad_light_blends_four_colours_and_no_other() -> None:
    black_or_grey = ratio(Description(colour="zwart"), Description(colour="grijs"))
    red_or_grey = ratio(Description(colour="rood"), Description(colour="grijs"))
    blend = sum(RATES.colours["car"].named[one] for one in ("grey", "black", "blue", "white"))
    assert red_or_grey == pytest.approx(mixed(WRONG_COLOUR))
    assert black_or_grey == pytest.approx(mixed(WRONG_COLOUR + BLENDED / blend))


def test_a_dark_vehicle_agrees_a_little_with_every_dark_colour() -> None:
    dark = Description(colour="donker")
    assert ratio(dark, Description(colour="blue")) > 1 > ratio(dark, Description(colour="red"))


@pytest.mark.parametrize(
    ("seen", "known", "wrong"),
    [
        (Description(make="VW"), Description(make="OPEL"), WRONG_MAKE),
        (Description(kind="auto"), Description(kind="vrachtwagen"), WRONG_KIND),
        (Description(plate_colour="wit"), Description(plate_colour="geel"), WRONG_PLATE_COLOUR),
        (Description(duplicate_code=0), Description(duplicate_code=1), WRONG_DUPLICATE_CODE),
    ],
)
def test_what_contradicts_costs_as_much_as_reporters_are_wrong(
    seen: Description, known: Description, wrong: float
) -> None:
    assert ratio(seen, known) == pytest.approx(mixed(wrong))


def test_a_van_agrees_with_what_the_register_calls_a_commercial_vehicle() -> None:
    van, truck, car = (
        ratio(Description(kind=one), Description(kind="Bedrijfsauto"))
        for one in ("busje", "vrachtwagen", "auto")
    )
    share = RATES.kinds.of(frozenset({"van", "truck"}))
    assert van == pytest.approx(truck)
    assert van == pytest.approx(mixed((1 - WRONG_KIND) / share + WRONG_KIND))
    assert car < 1


def test_the_colour_of_a_van_is_no_evidence_whoever_names_the_kind() -> None:
    white, red = Description(colour="wit"), Description(colour="rood")
    assert ratio(white, replace(red, kind="busje")) == 1
    assert ratio(replace(white, kind="Bedrijfsauto"), red) == 1
    assert ratio(white, replace(red, kind="auto")) < 1


def test_a_make_is_as_rare_as_it_is_among_vehicles_of_the_kind_seen() -> None:
    known = Description(make="DAF")
    among = [Description(make="DAF", kind=kind) for kind in ("vrachtwagen", "auto", "ufo")]
    truck, car, unheard_of = (ratio(one, known) for one in among)
    assert car > truck > unheard_of == 1


def test_a_model_counts_only_beside_its_own_make() -> None:
    known = Description(make="VW", model="POLO 44 KW")
    polo, golf = (ratio(Description(make="VW", model=one), known) for one in ("polo", "golf"))
    make, other = ratio(Description(make="VW"), known), ratio(Description(make="OPEL"), known)
    assert polo > make > golf > other
    assert ratio(Description(make="OPEL", model="Corsa"), known) == other
    make_alone = (make - FALSE_PLATE) / (1 - FALSE_PLATE)
    assert golf == pytest.approx(mixed(make_alone * WRONG_MODEL))


def test_a_sure_read_on_the_wrong_vehicle_stays_sure_and_is_a_possible_false_plate() -> None:
    known = Description(make="VW", colour="rood")
    profile = profile_of(entry(known))
    wrong = Description(make="OPEL", colour="grijs")
    half_wrong = Description(make="OPEL", colour="rood")
    assert is_possible_false_plate(wrong, profile, RATES)
    assert ratio(wrong, known) > FALSE_PLATE
    assert weigh(wrong, profile, RATES)[-1].bits > 1
    for seen in (known, half_wrong, NOTHING_SAID):
        assert not is_possible_false_plate(seen, profile, RATES)


def test_the_model_page_states_how_often_reporters_are_taken_to_be_wrong() -> None:
    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    section = page.split("\n## Description\n")[1].split("\n## ")[0]
    told = dict(re.findall(r"^\| ([a-z ]+) \| (\.\d\d) \|", section, re.MULTILINE))
    assert {name: float(wrong) for name, wrong in told.items()} == {
        "make": WRONG_MAKE,
        "model": WRONG_MODEL,
        "colour": WRONG_COLOUR,
        "kind": WRONG_KIND,
        "plate colour": WRONG_PLATE_COLOUR,
        "duplicate code": WRONG_DUPLICATE_CODE,
    }
    assert f"f is {FALSE_PLATE:.2f}".replace("0.", ".") in section
    assert f"one look in {round(1 / BLENDED)}".replace("10", "ten") in section

"""What a registry changes in an answer: who else it could be, and how common that look is."""

from dataclasses import replace
from math import log2

import numpy as np
import pytest

from plate_match import kernel
from plate_match.branches import total
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.found import Answer
from plate_match.grammar import CAPACITY
from plate_match.hotlist import Entry, Hotlist
from plate_match.index import Index
from plate_match.keys import keys_of
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.registration import Registration
from plate_match.registry import Registry
from plate_match.report import Look, Report, read_of
from plate_match.store import every_plate

LISTED = "8XKV41"
HEADER = "kenteken,voertuigsoort,merk,eerste_kleur,export_indicator\n"


def registry_of(*plates: str, look: str = "SYNTHETISCH,N.v.t.") -> Registry:
    rows = "".join(f"{plate},Personenauto,{look},Nee\n" for plate in plates)
    return Registry.build([(HEADER + rows).encode()])


def random_registry(vehicles: int) -> Registry:
    """Synthetic plates anywhere in the layouts, and a few of none."""
    codes = np.sort(np.random.default_rng(8).choice(CAPACITY, vehicles, replace=False))
    keys = np.unique(keys_of([Plate(f"1ABC{number:03d}") for number in range(200)]))
    return Registry.of(Registration(codes, keys, {}, {}, vehicles + len(keys), 0))


MANY = random_registry(600_000)


def odds(answer: Answer) -> float:
    hit = next(hit for hit in answer.hits if hit.plate == LISTED)
    return hit.confidence / (1 - hit.confidence)


def looks_at(*texts: str) -> Report:
    return Report(tuple(Look(read_of(text), Source.EYESIGHT) for text in texts))


def test_a_vehicle_that_fits_counts_if_it_is_registered_and_not_otherwise() -> None:
    read, other = "8-XKV-4?", "8XKV42"
    counted = {}
    for name, plates in (("with", (LISTED, other)), ("without", (LISTED, "99ZZ99"))):
        matcher = Matcher.build([LISTED], registry=registry_of(*plates))
        answer = matcher.match(read, min_confidence=0)
        counted[name] = answer.hits[0].explanation.vehicles_that_fit
    assert counted["with"] - counted["without"] == pytest.approx(1, abs=0.05)


def test_the_confidence_is_that_of_a_count_by_hand() -> None:
    """P(8XKV41) against each other registered plate, by what the channel makes of the read."""
    registry = registry_of(LISTED, "8XKV42", "8XKB41", "1ABC23")
    matcher = Matcher.build([LISTED], registry=registry)
    found = matcher.search(looks_at("8-XKV-4?"))
    plates = [Plate(text) for text in (LISTED, "8XKV42", "8XKB41", "1ABC23")]
    own, *rest = (found.looks.above(found.looks.each(plates)) + found.looks.base).tolist()
    abroad = matcher.others.table.foreign.vehicles
    vehicles = registry.vehicles + abroad
    foreign = (
        matcher.others.likelihood(found.looks) * vehicles
        - found.looks.above(found.looks.each(plates)).sum()
    )
    others = sum(rest) + foreign + abroad * found.looks.base
    prior = 0.01 / 0.99
    expected = prior * own / (others / (vehicles - 1))
    assert odds(found.answer(min_confidence=0)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("text", ["8X?V4?", "GB12", "*1", "8-XKV-41"])
def test_all_probabilities_sum_to_one_and_evidence_to_the_confidence(text: str) -> None:
    matcher = Matcher.build([LISTED, "GB123K", "1ABC234"], registry=MANY)
    answer = matcher.match(text, min_confidence=0)
    sums = answer.not_listed + sum(hit.confidence for hit in answer.hits)
    assert sums == pytest.approx(1, abs=1e-6)
    for hit in answer.hits:
        bits = sum(one.bits for one in hit.explanation.evidence)
        assert bits == pytest.approx(log2(hit.confidence / (1 - hit.confidence)), abs=1e-6)


def test_the_version_of_the_model_ends_with_the_registry() -> None:
    registry = registry_of(LISTED)
    plain, weighed = Matcher.build([LISTED]), Matcher.build([LISTED], registry=registry)
    assert weighed.version == f"{plain.version}+{registry.name}"


def of_colour(registry: Registry | None) -> float:
    """What a red car says for the entry of a red one, in bits."""
    listed = Hotlist((Entry(plate=Plate(LISTED), make="OPEL", colour="rood", kind="car"),))
    report = replace(looks_at(LISTED), description=Description(colour="red", kind="car"))
    hit = Matcher.build(listed, registry=registry).search(report).answer().hits[0]
    return next(one.bits for one in hit.explanation.evidence if one.name == "colour")


def test_a_colour_is_worth_what_it_is_rare_among_the_vehicles_registered() -> None:
    grey = [f"GB{number:03d}K" for number in range(99)]
    rare = registry_of(*grey, look="OPEL,GRIJS")
    red = registry_of(*grey, look="OPEL,ROOD")
    assert of_colour(rare) > of_colour(None) + 1
    assert of_colour(red) < 0.2 < of_colour(None) - 1


def test_a_registry_that_counted_no_colours_leaves_those_of_the_tables() -> None:
    plain = b"kenteken,voertuigsoort,export_indicator\nGB123K,Personenauto,Nee\n"
    assert of_colour(Registry.build([plain])) == pytest.approx(of_colour(None))


@pytest.mark.parametrize(
    "texts", [("1", "2"), ("?B1", "1"), ("8XKV41", "8XKV41"), ("8X?V4?", "?XKV4"), ("GB1", "123K")]
)
def test_the_sum_for_several_looks_is_near_the_exact_one_however_vague(
    texts: tuple[str, ...],
) -> None:
    if not kernel.native:
        pytest.skip("the exact sum takes numpy too long")
    matcher = Matcher.build([LISTED], registry=MANY)
    looks = matcher.search(looks_at(*texts)).looks
    summed = matcher.others._registered(MANY.index, looks)
    assert summed == pytest.approx(total(MANY.index, looks, 0.0).estimate, rel=0.3)


@pytest.mark.parametrize("most", [1, 7, 1000, 10**7])
def test_a_spread_is_every_so_manieth_plate(most: int) -> None:
    store = MANY.index.store
    every = store.all_keys()
    found = store.spread(most)
    step = -(-len(every) // most)
    assert found.tolist() == every[::step].tolist()
    assert len(found) <= most


def test_a_spread_of_keys_alone_or_of_nothing_is_one_too() -> None:
    few = registry_of("1ABC234", "ABC").index.store
    assert few.spread(10).tolist() == few.all_keys().tolist()
    assert Index.build([]).store.spread(10).tolist() == []
    assert len(every_plate().spread(100)) == 100

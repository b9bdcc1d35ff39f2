from datetime import UTC, datetime
from typing import Any

import pytest

from plate_match import Answer, Hotlist, Matcher, normalize
from plate_match.channel import Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.hotlist import Dissemination, Entry
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from service.cli.demo.plates import synthetic_entries
from service.cli.demo.samples import sightings

NOW = datetime(2026, 11, 24, 21, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return synthetic_entries(1500, NOW)


@pytest.fixture(scope="module")
def chosen(entries: list[Entry]) -> dict[str, Any]:
    return {str(one["title"]): one["body"] for one in sightings(entries, NOW)}


@pytest.fixture(scope="module")
def answers(entries: list[Entry], chosen: dict[str, Any]) -> dict[str, Answer]:
    return {title: asked(entries, body) for title, body in chosen.items()}


def asked(
    entries: list[Entry],
    body: dict[str, Any],
    *,
    most_looks: int = 2,
    description: Description | None = None,
) -> Answer:
    """The answer to what a body says, or to less of it."""
    source = Source(body["source"])
    texts = [body["read"], *(again["read"] for again in body.get("alsoRead", ()))][:most_looks]
    looks = tuple(Look(read_of(text, source=source), source) for text in texts)
    said = Description(**body.get("vehicle", {})) if description is None else description
    return Matcher.build(Hotlist(tuple(entries))).search(Report(looks, said)).answer()


def test_there_is_one_of_each_kind(chosen: dict[str, Any]) -> None:
    assert list(chosen) == [
        "a clean read",
        "a misread by a camera",
        "a partial: one symbol was not seen",
        "two symbols not seen, but the make and the colour",
        "two looks, each at a part of the plate",
        "a number turned round on the radio",
        "a foreign plate",
        "a plate that is not listed",
    ]
    assert all("SYNTHETIC" in body["note"] for body in chosen.values())


def test_a_clean_read_is_the_plate_itself(
    answers: dict[str, Answer], chosen: dict[str, Any], entries: list[Entry]
) -> None:
    plate = normalize(chosen["a clean read"]["read"])
    assert plate in {entry.plate for entry in entries}
    assert answers["a clean read"].hits[0].plate == plate
    assert answers["a clean read"].hits[0].confidence > 0.9


def test_a_misread_names_no_listed_plate_and_leads_to_one(
    answers: dict[str, Answer], chosen: dict[str, Any], entries: list[Entry]
) -> None:
    read = normalize(chosen["a misread by a camera"]["read"])
    assert isinstance(read, Plate)
    assert read not in {entry.plate for entry in entries}
    hit = answers["a misread by a camera"].hits[0]
    assert hit.confidence > 0.5
    assert sum(a != b for a, b in zip(read, hit.plate, strict=True)) == 1


def test_a_partial_shows_a_confidence_worth_showing(
    answers: dict[str, Answer], chosen: dict[str, Any]
) -> None:
    title = "a partial: one symbol was not seen"
    assert chosen[title]["read"].count("?") == 1
    assert answers[title].hits[0].confidence > 0.5


def test_the_make_and_the_colour_make_the_difference(
    entries: list[Entry], answers: dict[str, Answer], chosen: dict[str, Any]
) -> None:
    title = "two symbols not seen, but the make and the colour"
    body, hit = chosen[title], answers[title].hits[0]
    assert body["read"].count("?") == 2
    assert set(body["vehicle"]) == {"make", "colour"}
    undescribed = asked(entries, body, description=NOTHING_SAID).hits[0]
    assert undescribed.plate == hit.plate
    assert hit.confidence > 0.9
    assert undescribed.confidence < 0.8


def test_the_second_look_makes_the_difference(
    entries: list[Entry], answers: dict[str, Answer], chosen: dict[str, Any]
) -> None:
    title = "two looks, each at a part of the plate"
    body, hit = chosen[title], answers[title].hits[0]
    assert len(body["alsoRead"]) == 1
    alone = asked(entries, body, most_looks=1).hits[0]
    assert alone.plate == hit.plate
    assert hit.confidence > 0.9
    assert alone.confidence < 0.8


def test_a_number_turned_round_leads_to_the_plate(
    answers: dict[str, Answer], chosen: dict[str, Any], entries: list[Entry]
) -> None:
    title = "a number turned round on the radio"
    read, hit = normalize(chosen[title]["read"]), answers[title].hits[0]
    assert read not in {entry.plate for entry in entries}
    assert isinstance(read, Plate)
    assert hit.plate == read[:-2] + read[:-3:-1]
    assert hit.confidence > 0.5


def test_a_foreign_plate_is_found_too(answers: dict[str, Answer]) -> None:
    hit = answers["a foreign plate"].hits[0]
    assert (hit.country, hit.confidence > 0.9) == ("DE", True)


def test_a_plate_that_is_not_listed_has_no_hit(answers: dict[str, Answer]) -> None:
    assert answers["a plate that is not listed"].hits == ()


def test_a_guard_may_know_of_every_sample(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        for hit in answer.hits[:1]:
            assert hit.entries[0].dissemination is not Dissemination.DISPATCH_ONLY

from datetime import UTC, datetime
from typing import Any

import pytest

from plate_match import Answer, Hotlist, Matcher, normalize
from plate_match.hotlist import Dissemination, Entry
from plate_match.plate import Plate
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
    matcher = Matcher.build(Hotlist(tuple(entries)))
    return {
        title: matcher.match(body["read"], source=body["source"]) for title, body in chosen.items()
    }


def test_there_is_one_of_each_kind(chosen: dict[str, Any]) -> None:
    assert list(chosen) == [
        "a clean read",
        "a misread by a camera",
        "a partial: one symbol was not seen",
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


def test_a_foreign_plate_is_found_too(answers: dict[str, Answer]) -> None:
    hit = answers["a foreign plate"].hits[0]
    assert (hit.country, hit.confidence > 0.9) == ("DE", True)


def test_a_plate_that_is_not_listed_has_no_hit(answers: dict[str, Answer]) -> None:
    assert answers["a plate that is not listed"].hits == ()


def test_a_guard_may_know_of_every_sample(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        for hit in answer.hits[:1]:
            assert hit.entries[0].dissemination is not Dissemination.DISPATCH_ONLY

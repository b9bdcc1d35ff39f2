"""Every route, every role, whose it is: the right status, and nothing given away by another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from service.records import Role
from tests.service.api.harness import audited
from tests.service.api.matrix import (
    CALLERS,
    NOBODY,
    NONE,
    OTHER,
    OWN,
    Case,
    World,
    observed,
    page,
    world,
)
from tests.service.api.test_edge import MATRIX

DOCUMENT = Path(__file__).parents[3] / "docs" / "matrix.md"

OWN_ALONE = {
    ("GET /v1/sightings/{id}", "guard"): "guard",
    ("GET /v1/entries/{id}", "feed"): "firm",
    ("POST /v1/entries/{id}/withdrawals", "feed"): "firm",
    ("POST /v1/feeds/{feed}/files", "feed"): "firm",
    ("GET /v1/feeds/{feed}/files", "feed"): "firm",
    ("GET /v1/feeds/{feed}/files/{id}", "feed"): "firm",
    ("GET /v1/people/{id}", "manager"): "firm",
    ("POST /v1/people/{id}/withdrawals", "manager"): "firm",
    ("POST /v1/people/{id}/drops", "manager"): "firm",
    ("POST /v1/devices/{id}/drops", "manager"): "firm",
}
"""Who sees only what is the caller's own, or its firm's; everybody else who may sees all."""

CREATED = {
    "POST /v1/sightings": 201,
    "POST /v1/entries": 201,
    "POST /v1/entries/{id}/withdrawals": 201,
    "POST /v1/feeds/{feed}/files": 202,
    "POST /v1/organisations": 201,
    "POST /v1/organisations/{id}/suspensions": 201,
    "POST /v1/organisations/{id}/reinstatements": 201,
    "POST /v1/people": 201,
    "POST /v1/people/{id}/approvals": 201,
    "POST /v1/people/{id}/refusals": 201,
    "POST /v1/people/{id}/withdrawals": 201,
    "POST /v1/people/{id}/drops": 201,
    "POST /v1/devices": 201,
    "POST /v1/devices/{id}/drops": 201,
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("matrix")) as running:
        yield running


@pytest.fixture(scope="module")
def answers(asked: World) -> dict[Case, Response]:
    return observed(asked)


def expected(name: str, whose: str, role: str) -> int:
    if role not in MATRIX[name].split():
        return 403
    hidden = {"guard": {"colleague's", OTHER}, "firm": {OTHER}}.get(
        OWN_ALONE.get((name, role), ""), set()
    )
    # To others than its owner a feed without files is an empty list.
    listed = name == "GET /v1/feeds/{feed}/files" and role != "feed"
    absent = whose == NONE and not listed
    return 404 if whose in hidden or absent else CREATED.get(name, 200)


def test_every_cell_is_that_of_the_contract(answers: dict[Case, Response]) -> None:
    found = {case: response.status_code for case, response in answers.items()}
    wanted = {
        (name, whose, caller): 401 if caller in NOBODY else expected(name, whose, caller)
        for name, whose, caller in found
    }
    assert found == wanted
    assert {name for name, _, _ in found} == set(MATRIX)


def told(response: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return all that an answer says, but for the id of the request."""
    headers = [one for one in response.headers.multi_items() if one[0] != "x-request-id"]
    return response.status_code, response.content, headers


def test_what_is_refused_is_refused_alike_whether_it_is_there_or_not(
    answers: dict[Case, Response],
) -> None:
    compared = 0
    for (name, whose, caller), response in answers.items():
        if response.status_code in {401, 403, 404}:
            same = answers.get((name, NONE, caller), response)
            if same.status_code == response.status_code:
                assert told(response) == told(same), (name, whose, caller)
                compared += 1
            assert len(response.headers["x-request-id"]) == 13
    assert compared > 100


@pytest.mark.parametrize("nobody", NOBODY)
def test_nobody_is_refused_alike_whatever_is_asked_for(
    answers: dict[Case, Response], nobody: str
) -> None:
    alike = {
        str(told(response)) for (_, _, caller), response in answers.items() if caller == nobody
    }
    assert len(alike) == 1


def test_a_refusal_names_nothing_of_what_is_there(
    asked: World, answers: dict[Case, Response]
) -> None:
    known = [id_ for of in asked.ids.values() for whose, id_ in of.items() if whose != NONE]
    secrets = [
        *known,
        "8XKV41",
        "SYN-",
        "Security",
        "synthetic",
        "guard",
        *asked.harness.keys.values(),
    ]
    for response in answers.values():
        if response.status_code >= 400:
            assert not [one for one in secrets if one in response.text + str(response.headers)]


@pytest.mark.parametrize(
    ("method", "template", "kind", "role"),
    [
        ("GET", "/v1/sightings/{id}", "sightings", "guard"),
        ("GET", "/v1/entries/{id}", "entries", "feed"),
    ],
)
def test_another_s_and_nobody_s_cost_the_same_record(
    asked: World, method: str, template: str, kind: str, role: str
) -> None:
    made = []
    for whose in (OTHER, NONE):
        path = template.replace("{id}", asked.ids[kind][whose])
        before = len(audited(asked.harness))
        assert asked.harness.call(method, path, role).status_code == 404
        made.append([set(header) for header, _ in audited(asked.harness)[before:]])
    assert made[0] == made[1]
    assert len(made[0]) == 1


def test_the_page_shows_what_is_so(answers: dict[Case, Response]) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(answers)


def test_the_page_has_every_role() -> None:
    assert set(CALLERS) == {role.value for role in Role} | set(NOBODY)
    assert OWN in DOCUMENT.read_text(encoding="utf-8")

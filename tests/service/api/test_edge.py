import json
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import AsyncMock

import pytest

from service import clock, errors
from service.adapters.db import open_database
from service.adapters.db.recorder import GroupRecorder
from service.adapters.feed_pull import PullFailed
from service.adapters.issuer.documents import IssuerFault
from service.api.edge import LARGEST_BODY
from service.api.errors import TABLE, Refusal, row_of
from service.api.route import Route
from service.api.routes import ROUTES
from service.ports import StorageError, StorageUnavailable
from service.records import Role
from service.token_ports import TokenExpired
from service.usecases import follow_up
from service.usecases.canary import CanaryDied
from service.usecases.credentials import (
    CannotRotate,
    CredentialRefused,
    Holder,
    UnknownCredential,
    issue_to,
    revoke,
)
from service.usecases.load_hotlist import InvalidOverride
from service.usecases.turn_feed import NotPossible
from tests.service.api.harness import Harness, audited, sighting

MATRIX = {
    "POST /v1/sightings": "guard dispatch",
    "POST /v1/sightings/batch": "guard dispatch",
    "GET /v1/sightings/{id}": "guard dispatch infodesk auditor",
    "POST /v1/sightings/{id}/replay": "auditor",
    "POST /v1/hits/search": "dispatch infodesk auditor",
    "GET /v1/hits/{id}": "dispatch infodesk auditor",
    "POST /v1/entries": "dispatch infodesk feed",
    "POST /v1/entries/search": "dispatch infodesk feed auditor",
    "GET /v1/entries/{id}": "dispatch infodesk feed auditor",
    "POST /v1/entries/{id}/withdrawals": "dispatch infodesk feed",
    "POST /v1/organisations": "operator",
    "GET /v1/organisations": "manager auditor operator",
    "POST /v1/organisations/{id}/suspensions": "operator",
    "POST /v1/organisations/{id}/reinstatements": "operator",
    "POST /v1/people": "manager operator",
    "POST /v1/people/search": "manager auditor operator",
    "GET /v1/people/{id}": "manager auditor operator",
    "POST /v1/people/{id}/approvals": "operator",
    "POST /v1/people/{id}/refusals": "operator",
    "POST /v1/people/{id}/withdrawals": "manager",
    "POST /v1/people/{id}/drops": "manager operator",
    "POST /v1/devices": "manager operator",
    "GET /v1/devices": "manager auditor operator",
    "POST /v1/devices/{id}/drops": "manager operator",
    "GET /v1/hotlist": "guard dispatch infodesk feed manager auditor operator",
    "GET /v1/feeds": "dispatch infodesk feed auditor operator",
    "POST /v1/feeds/{feed}/files": "feed",
    "GET /v1/feeds/{feed}/files": "dispatch infodesk feed auditor operator",
    "GET /v1/feeds/{feed}/files/{id}": "dispatch infodesk feed auditor operator",
}
WITH_KEY = [route for route in ROUTES if route.roles is not None]


def path_of(route: Route) -> str:
    return route.template.replace("{id}", "0000000000000").replace("{feed}", "synthetic")


def test_the_matrix_is_that_of_the_contract() -> None:
    table = {f"{one.method} {one.template}": one.roles for one in WITH_KEY}
    assert table == {
        name: frozenset(Role(role) for role in roles.split()) for name, roles in MATRIX.items()
    }


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("route", WITH_KEY, ids=lambda route: f"{route.method}{route.template}")
def test_a_role_is_let_in_or_refused_by_the_matrix(
    harness: Harness, route: Route, role: Role
) -> None:
    response = harness.call(route.method, path_of(route), role.value, json={})
    allowed = role.value in MATRIX[f"{route.method} {route.template}"].split()
    assert (response.status_code == 403) is not allowed
    assert response.status_code in ({200, 400, 404, 415} if allowed else {403})


@pytest.mark.parametrize("route", WITH_KEY, ids=lambda route: f"{route.method}{route.template}")
def test_nobody_gets_in_without_a_key(harness: Harness, route: Route) -> None:
    response = harness.call(route.method, path_of(route), None, json={})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["type"] == "urn:plate-match:key-missing"


def test_who_is_refused_is_on_record_and_refused_all_the_same(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert harness.post("/v1/hits/search", {"plate": "8XKV41"}, "guard").status_code == 403
    header = audited(harness)[-1][0]
    assert header["action"] == "refused"
    assert (header["route"], header["role"]) == ("POST /v1/hits/search", "guard")
    assert header["credential"]
    broken = AsyncMock(side_effect=StorageUnavailable("full"))
    monkeypatch.setattr(GroupRecorder, "audit", broken)
    assert harness.post("/v1/hits/search", {}, "guard").status_code == 403
    assert broken.await_count == 1


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer pm_unknown", "Basic {key}", "{key}"]
)
def test_what_is_no_issued_key_is_refused(harness: Harness, authorization: str) -> None:
    headers = {"Authorization": authorization.format(key=harness.keys["guard"])}
    assert harness.call("GET", "/v1/hotlist", None, headers=headers).status_code == 401


def test_a_refused_key_is_told_what_is_wrong_with_it(harness: Harness) -> None:
    firm, now = Holder(Role.GUARD, "Synthetic Security"), clock.now()
    with open_database(data=harness.data) as database:
        revoked, first = issue_to(database.credentials, firm, now=now)
        revoke(database.credentials, revoked.id, now=now)
        _, second = issue_to(database.credentials, firm, now=now, lasts=timedelta(0))
    for key, slug in (
        (first, "key-revoked"),
        (second, "key-expired"),
        ("pm_none", "unknown-caller"),
    ):
        headers = {"Authorization": f"Bearer {key}"}
        response = harness.call("GET", "/v1/hotlist", None, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert response.json()["type"] == f"urn:plate-match:{slug}"


def test_two_keys_at_once_are_none(harness: Harness) -> None:
    sent = [("Authorization", f"Bearer {harness.keys[role]}") for role in ("guard", "dispatch")]
    assert harness.client.get("/v1/hotlist", headers=sent).status_code == 401


def test_the_scheme_may_be_written_in_any_case(harness: Harness) -> None:
    headers = {"Authorization": f"bEARER {harness.keys['guard']}"}
    assert harness.call("GET", "/v1/hotlist", None, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/sightings/", "/v1/plates/8XKV41", "//livez"])
def test_a_route_that_is_not_there_is_a_problem_document(harness: Harness, path: str) -> None:
    response = harness.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:plate-match:unknown-route"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/sightings", "POST"),
        ("GET", "/v1/hits/search", "POST"),
        ("DELETE", "/v1/sightings/0000000000000", "GET, HEAD"),
        ("OPTIONS", "/livez", "GET, HEAD"),
        ("BREW", "/livez", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_ones_there_are(
    harness: Harness, method: str, path: str, allow: str
) -> None:
    response = harness.call(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allow
    assert response.json()["type"] == "urn:plate-match:wrong-method"


def test_head_is_answered_as_get_without_a_body(harness: Harness) -> None:
    response = harness.call("HEAD", "/livez", None)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("path", ["/livez", "/v1/nowhere", "/v1/hotlist"])
def test_every_answer_has_the_headers_of_every_answer(harness: Harness, path: str) -> None:
    headers = harness.call("GET", path, None).headers
    assert headers["api-version"] == "1.0.0"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert "max-age=" in headers["strict-transport-security"]
    assert headers["x-request-id"] != harness.get(path).headers["x-request-id"]


def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not(harness: Harness) -> None:
    body = json.dumps(sighting()).encode()
    whole = harness.post("/v1/sightings", body + b" " * (LARGEST_BODY - len(body)))
    assert whole.status_code == 201
    over = harness.post("/v1/sightings", body + b" " * (LARGEST_BODY - len(body) + 1))
    assert over.status_code == 413
    assert over.headers["connection"] == "close"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Content-Type": "application/xml"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
    ],
)
def test_what_is_not_plain_json_is_415(harness: Harness, headers: dict[str, str]) -> None:
    response = harness.post("/v1/sightings", sighting(), headers=headers)
    assert response.status_code == 415
    assert response.json()["type"] == "urn:plate-match:not-json"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (("Content-Encoding", "identity"), 201),
        (("Content-Encoding", "gzip"), 415),
        (("Content-Type", "application/json"), 415),
        (("Content-Type", "text/plain"), 415),
    ],
)
def test_a_second_header_is_not_overlooked(
    harness: Harness, more: tuple[str, str], status: int
) -> None:
    headers = [
        ("Authorization", f"Bearer {harness.keys['guard']}"),
        ("Content-Type", "application/json"),
        ("Content-Encoding", "identity"),
        more,
    ]
    response = harness.client.post("/v1/sightings", content=json.dumps(sighting()), headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_named_in_several_ways(harness: Harness, media: str) -> None:
    response = harness.post("/v1/sightings", sighting(), headers={"Content-Type": media})
    assert response.status_code == 201


def test_the_first_of_several_refusals_is_the_one_that_is_told(harness: Harness) -> None:
    large = b"{" * (LARGEST_BODY + 1)
    gzip = {"Content-Encoding": "gzip"}
    assert harness.post("/v1/sightings", large, None, headers=gzip).status_code == 401
    assert harness.post("/v1/sightings", large, "feed", headers=gzip).status_code == 403
    assert harness.post("/v1/sightings", large, headers=gzip).status_code == 413
    assert harness.post("/v1/sightings", b"{", headers=gzip).status_code == 415
    assert harness.post("/v1/sightings", b"{").status_code == 400


def subclasses(*kinds: type[Exception]) -> Iterator[type[Exception]]:
    for kind in kinds:
        for child in kind.__subclasses__():
            yield child
            yield from subclasses(child)


def test_every_error_that_may_reach_a_caller_has_a_row_of_its_own() -> None:
    never_on_a_request = {
        CanaryDied,
        CannotRotate,
        errors.CannotStart,
        errors.DamagedRecord,
        errors.NoWord,
        errors.AnotherWord,
        errors.FaultyDeclaration,
        errors.FaultyManifest,
        follow_up.Frozen,
        InvalidOverride,
        IssuerFault,
        CredentialRefused,
        NotPossible,
        PullFailed,
        errors.StillListed,
        StorageError,
        TokenExpired,
        UnknownCredential,
    }
    may_reach = (
        set(subclasses(errors.ServiceError))
        - never_on_a_request
        - set(subclasses(*never_on_a_request))
        - {errors.ComeLater}  # never itself, only as what it is the base of
    )
    assert may_reach | {StorageUnavailable} | set(subclasses(Refusal)) <= set(TABLE)
    assert all(400 <= row.status < 600 for row in TABLE.values())
    assert len({row.slug for row in TABLE.values()}) >= len(TABLE) - 1
    assert row_of(KeyError()).status == 500

"""Tokens of a real issuer at a real service: who is calling, on record, revoked. All synthetic."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service import clock
from service.adapters.db import open_database
from service.adapters.issuer import issuer_keys
from service.adapters.issuer.tokens import LONGEST_TOKEN
from service.app import create_app
from service.records import IssuedCredential, Role
from service.settings import Settings
from service.token_ports import Vouched
from service.usecases.credentials import CannotRotate, revoke, rotate
from service.usecases.take_token import digest_of
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, audited, sighting
from tests.service.issuer import AUDIENCE, DISCOVERY, KEYS, Issuer, issuing, public_jwk

FIRM = "Synthetic Security"


def service(data: Path, issuer: Issuer, **more: Any) -> TestClient:
    """A service that takes the tokens of an issuer."""
    told = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, **more}
    settings = Settings(data=data, canary_minutes=0, **told)
    return TestClient(create_app(settings), "http://127.0.0.1")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing("rsa-1") as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, issuer: Issuer) -> Iterator[Harness]:
    load(tmp_path)
    with service(tmp_path, issuer) as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def asked(desk: Harness, token: str, **headers: str) -> Response:
    """Ask something that every role may."""
    return desk.call(
        "GET", "/v1/hotlist", None, headers={"Authorization": f"Bearer {token}", **headers}
    )


def refused(desk: Harness, token: str, slug: str = "unknown-caller") -> None:
    response = asked(desk, token)
    assert response.status_code == 401, response.text
    assert response.json()["type"] == f"urn:plate-match:{slug}"
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert token[:40] not in response.text


def holders(data: Path) -> list[IssuedCredential]:
    """The credentials that tokens made."""
    with open_database(data=data) as database:
        return [one for one in database.credentials.all() if one.issuer is not None]


def revoke_all(data: Path) -> None:
    """Revoke what tokens made, as another process does."""
    with open_database(data=data) as database:
        for one in database.credentials.all():
            if one.issuer is not None:
                revoke(database.credentials, one.id, now=clock.now())


def test_a_person_reports_by_tokens_until_revoked_whatever_keys_the_issuer_has(
    desk: Harness, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "PAUSE_SECONDS", 0.0)
    report = {"Authorization": f"Bearer {issuer.token()}"}
    answer = desk.post("/v1/sightings", sighting(), None, headers=report)
    assert answer.status_code == 201
    (holder,) = holders(desk.data)
    assert (holder.role, holder.organisation, holder.person, holder.issuer) == (
        Role.GUARD,
        FIRM,
        "synthetic-pass-1",
        issuer.url,
    )
    known, reported = audited(desk)[-2:]
    assert (known[0]["action"], known[0]["issuer"]) == ("credential-made-known", issuer.url)
    assert "synthetic-pass-1" not in str(known[0])
    assert reported[0]["action"] == "sighting-reported"
    assert {(one[0]["credential"], one[0]["organisation"]) for one in (known, reported)} == {
        (holder.id, FIRM)
    }
    assert [one[1]["person"] for one in (known, reported)] == ["synthetic-pass-1"] * 2
    own = f"/v1/sightings/{answer.json()['id']}"
    assert desk.call("GET", own, None, headers=report).status_code == 200

    issuer.published = [public_jwk("ec-2"), public_jwk("rsa-1")]
    for name in ("ec-2", "rsa-1"):
        assert asked(desk, issuer.token(name)).status_code == 200
    issuer.published = [public_jwk("ec-2")]
    monkeypatch.setattr(issuer_keys, "FRESH_SECONDS", 0.0)
    refused(desk, issuer.token("rsa-1"))
    assert asked(desk, issuer.token("ec-2")).status_code == 200
    assert holders(desk.data) == [holder]

    revoke_all(desk.data)
    refused(desk, issuer.token("ec-2"), "key-revoked")
    assert len(holders(desk.data)) == 1


def tried(desk: Harness) -> list[tuple[str, str, list[str], str]]:
    """What is on record of keys and tokens that count no longer."""
    return [
        (header["credential"], header["route"], header["reasons"], payload["person"])
        for header, payload in audited(desk)
        if header["action"] == "refused"
    ]


def test_that_a_token_is_tried_whose_holder_is_known_and_refused_is_on_record(
    desk: Harness, issuer: Issuer
) -> None:
    now = clock.now() // clock.SECOND
    late = issuer.token(exp=now - 900)
    refused(desk, late, "key-expired")
    assert tried(desk) == []  # of nobody who is known
    asked(desk, issuer.token())
    (holder,) = holders(desk.data)
    refused(desk, late, "key-expired")
    refused(desk, issuer.token(exp=now - 900, sub="\ud800"), "key-expired")
    refused(desk, issuer.token(exp=now - 900, role="chief"), "key-expired")
    refused(desk, issuer.token()[:-6] + "AAAAAA")
    revoke_all(desk.data)
    sent = {"Authorization": f"Bearer {issuer.token()}"}
    assert desk.post("/v1/sightings", sighting(), None, headers=sent).status_code == 401
    refused(desk, late, "key-expired")
    person = "synthetic-pass-1"
    assert tried(desk) == [
        (holder.id, "GET /v1/hotlist", ["key-expired"], person),
        (holder.id, "POST /v1/sightings", ["key-revoked"], person),
        (holder.id, "GET /v1/hotlist", ["key-expired"], person),
    ]


def test_who_tries_an_old_token_neither_fills_the_audit_nor_keeps_its_holder_from_calling(
    tmp_path: Path, issuer: Issuer
) -> None:
    load(tmp_path)
    late = issuer.token(exp=clock.now() // clock.SECOND - 900)
    with service(tmp_path, issuer, requests_a_minute=3) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        assert asked(desk, issuer.token()).status_code == 200
        for _ in range(5):
            refused(desk, late, "key-expired")
        assert len(tried(desk)) == 3
        left = [asked(desk, issuer.token()).status_code for _ in range(3)]
        assert left == [200, 200, 429]


def test_every_worker_refuses_a_revoked_holder_within_a_second(
    desk: Harness, issuer: Issuer
) -> None:
    token = issuer.token()
    with service(desk.data, issuer) as client:
        other = Harness(client, desk.keys, desk.data)
        assert {asked(worker, token).status_code for worker in (desk, other)} == {200}
        assert len(holders(desk.data)) == 1
        revoke_all(desk.data)
        ends = time.monotonic() + 1
        for worker in (desk, other):
            refused(worker, token, "key-revoked")
        assert time.monotonic() < ends


def test_first_tokens_that_come_together_make_one_credential(desk: Harness, issuer: Issuer) -> None:
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: asked(desk, issuer.token()), range(12)))
    assert {one.status_code for one in answers} == {200}
    assert len(holders(desk.data)) == 1
    assert [one[0]["action"] for one in audited(desk)].count("credential-made-known") == 1


def test_each_role_of_a_person_is_a_credential_of_its_own(desk: Harness, issuer: Issuer) -> None:
    asked(desk, issuer.token(role="guard"))
    revoke_all(desk.data)
    assert asked(desk, issuer.token(role=["x", "auditor"])).status_code == 200
    refused(desk, issuer.token(role="guard"), "key-revoked")
    response = desk.post(
        "/v1/hits/search",
        {},
        None,
        headers={"Authorization": f"Bearer {issuer.token(sub='synthetic-pass-2')}"},
    )
    assert response.status_code == 403
    assert {(one.person, one.role) for one in holders(desk.data)} == {
        ("synthetic-pass-1", Role.GUARD),
        ("synthetic-pass-1", Role.AUDITOR),
        ("synthetic-pass-2", Role.GUARD),
    }


def test_the_issuer_cannot_make_up_organisations(desk: Harness, issuer: Issuer) -> None:
    before = len(audited(desk))
    for name in ("Made-up Security", "", "x" * 201, "a\0b", "\ud800"):
        refused(desk, issuer.token(organisation=name))
    assert holders(desk.data) == []
    assert len(audited(desk)) == before


def test_another_spelling_of_an_organisation_makes_no_other_holder(
    desk: Harness, issuer: Issuer
) -> None:
    for name in (FIRM.upper(), FIRM, FIRM + " ", FIRM.replace("S", "\u0405")):
        assert asked(desk, issuer.token(organisation=name)).status_code == 200
    assert [one.organisation for one in holders(desk.data)] == [FIRM]
    revoke_all(desk.data)
    for name in (FIRM, FIRM.lower()):
        refused(desk, issuer.token(organisation=name), "key-revoked")


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb", "a\0b", "\ud800"])
def test_a_person_has_a_name_like_any_other(desk: Harness, issuer: Issuer, name: str) -> None:
    refused(desk, issuer.token(sub=name))
    assert holders(desk.data) == []


def test_what_a_person_is_called_comes_back_as_text(desk: Harness, issuer: Issuer) -> None:
    names = ["'; DROP TABLE credential; --", "<script>alert(1)</script>", "[bold]x[/]", "%s{0}"]
    for name in names:
        assert asked(desk, issuer.token(sub=name)).status_code == 200
    assert [one.person for one in holders(desk.data)] == names


def test_what_stands_for_a_holder_is_no_key(desk: Harness, issuer: Issuer) -> None:
    assert asked(desk, issuer.token()).status_code == 200
    vouched = Vouched(issuer.url, FIRM, "synthetic-pass-1", Role.GUARD)
    key = f"oidc\0{issuer.url}\0{FIRM}\0synthetic-pass-1\0guard"
    assert sha256(key.encode()).digest() == digest_of(vouched)
    with open_database(data=desk.data) as database:
        assert database.credentials.holder(digest_of(vouched)) is not None
        assert database.credentials.identify(key) is None


def test_a_holder_of_tokens_is_given_no_key(desk: Harness, issuer: Issuer) -> None:
    asked(desk, issuer.token())
    (holder,) = holders(desk.data)
    with open_database(data=desk.data) as database, pytest.raises(CannotRotate, match="tokens"):
        rotate(database.credentials, holder.id, overlap=timedelta(0), now=clock.now())


def test_a_refusal_tells_nothing_of_the_reason_but_that_the_time_is_over(
    desk: Harness, issuer: Issuer
) -> None:
    now = clock.now() // clock.SECOND
    good = issuer.token()
    bad = [
        good[:-6] + "AAAAAA",
        issuer.token(aud="another"),
        issuer.token(iss="https://other.example"),
        issuer.token(nbf=now + 900),
        issuer.token(role="chief"),
        issuer.token("rsa-2"),
        issuer.token(more="x" * LONGEST_TOKEN),
        good + ".",
        "a.b.c",
    ]
    answers = {asked(desk, token).text for token in bad}
    assert len(answers) == 1
    refused(desk, issuer.token(exp=now - 900), "key-expired")
    assert asked(desk, good).status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_token_that_was_changed_on_its_way_is_refused_and_breaks_nothing(
    desk: Harness, issuer: Issuer, data: st.DataObject
) -> None:
    token = issuer.token()
    start = data.draw(st.integers(0, len(token) - 1))
    end = data.draw(st.integers(start, min(len(token), start + 4)))
    put = data.draw(st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=4))
    changed = token[:start] + put + token[end:]
    sent = {b"Authorization": b"Bearer " + changed.encode("latin-1")}
    response = desk.client.get("/v1/hotlist", headers=sent)
    assert response.status_code == (200 if changed == token else 401)


def test_two_tokens_at_once_are_none(desk: Harness, issuer: Issuer) -> None:
    sent = [("Authorization", f"Bearer {issuer.token()}") for _ in range(2)]
    assert desk.client.get("/v1/hotlist", headers=sent).status_code == 401
    assert asked(desk, f"{issuer.token()}, Bearer {issuer.token()}").status_code == 401


def test_a_fetch_of_keys_holds_up_nobody_else(tmp_path: Path, issuer: Issuer) -> None:
    load(tmp_path)
    issuer.open.clear()
    with service(tmp_path, issuer) as client, ThreadPoolExecutor(1) as threads:
        desk = Harness(client, keys(tmp_path), tmp_path)
        waiting = threads.submit(asked, desk, issuer.token())
        for _ in range(20):
            assert desk.get("/v1/hotlist").status_code == 200
        assert not waiting.done()
        issuer.open.set()
        assert waiting.result().status_code == 200


@pytest.mark.parametrize("answer", [(500, {}, b""), (200, {}, b"<html>")])
def test_without_keys_of_the_issuer_tokens_wait_and_issued_keys_work(
    tmp_path: Path, issuer: Issuer, answer: tuple[int, dict[str, str], bytes]
) -> None:
    load(tmp_path)
    issuer.answers[DISCOVERY] = answer
    with service(tmp_path, issuer) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        for _ in range(3):
            response = asked(desk, issuer.token())
            assert response.status_code == 503
            assert response.headers["retry-after"] == "10"
            assert response.json()["type"] == "urn:plate-match:issuer-out-of-reach"
            assert desk.get("/v1/hotlist").status_code == 200
    assert issuer.asked == {DISCOVERY: 1}
    assert KEYS not in issuer.asked


def test_a_token_by_a_key_that_was_published_while_the_issuer_is_down_is_not_said_to_be_bad(
    desk: Harness, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "PAUSE_SECONDS", 0.0)
    assert asked(desk, issuer.token()).status_code == 200
    issuer.published.append(public_jwk("ec-2"))
    issuer.answers[DISCOVERY] = (502, {}, b"")
    response = asked(desk, issuer.token("ec-2"))
    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert response.json()["type"] == "urn:plate-match:issuer-out-of-reach"
    assert asked(desk, issuer.token()).status_code == 200
    issuer.answers.clear()
    refused(desk, issuer.token("rsa-3"))
    assert asked(desk, issuer.token("ec-2")).status_code == 200


def test_a_service_without_an_issuer_takes_no_token(harness: Harness, issuer: Issuer) -> None:
    response = asked(harness, issuer.token())
    assert response.status_code == 401
    assert response.json()["type"] == "urn:plate-match:unknown-caller"

"""Whatever somebody writes into a text comes back as that text, and as nothing else.

Through the body, storage and back by every way out: GET, search, the export of the audit.
"""

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service import clock, ids
from service.adapters.inbox import Inbox
from service.api.routes import ROUTES
from service.app import create_app
from service.names import faults_of, tidy
from service.settings import Settings
from tests.service.api.conftest import UNLIMITED, declare, keys, load
from tests.service.api.harness import Harness, audited, faults, sighting
from tests.service.cli.conftest import Call, call  # noqa: F401 - a fixture

STRINGS = {
    "SQL": "'; DROP TABLE sighting; --",
    "SQL union": "1' UNION SELECT key FROM credential WHERE '1'='1",
    "HTML": '<script>alert(1)</script><img src=x onerror="a()">',
    "entity": "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "header": "x\r\nX-Injected: 1\r\n\r\nHTTP/1.1 200 OK",
    "format": "%s%n%x {0.__class__} ${x} {{7*7}} %(x)s",
    "JNDI": "${jndi:ldap://127.0.0.1/a}",
    "shell": "$(id) `id` ; id | id && id",
    "path": "../../../../etc/passwd\\..\\..\\x",
    "formula": "=cmd|' /C calc'!A0",
    "formula with a sign": '@SUM(1+1)*cmd|"x"!A0',
    "turned round": "left \u202e right \u2066 inner \u2069",
    "zero width": "a\u200bb\ufeffc\u00ad",
    "emoji": "\U0001f697\U0001f3f3\ufe0f\u200d\U0001f308",
    "combining": "e\u0301 Z\u0351\u0343\u034a \u00e9",
    "separators": "a\u2028b\u2029c\td",
    "controls": "a\u0085b\u009fc",
    "JSON": '{"a": "\\u0000", "b": [null, 1e999]} \\" \\',
    "quotes": '"\'`\u2018\u201d,;\n""',
    "long": "x" * 99,
    "prototype": "__proto__ constructor null undefined NaN",
}
CONTROL = re.compile(r"[\x80-\x9f]")
TEXTS = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\x7f"),
    min_size=1,
    max_size=99,
)


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A service of its own: what is put in here changes the list."""
    data = tmp_path_factory.mktemp("injection")
    load(data)
    declare(data)
    app = create_app(Settings(data=data, canary_minutes=0, **UNLIMITED))
    with TestClient(app, "http://127.0.0.1") as client:
        yield Harness(client, keys(data), data)


@pytest.fixture(params=list(STRINGS.values()), ids=list(STRINGS))
def text(request: pytest.FixtureRequest) -> str:
    """One of the strings, as long as the shortest field takes."""
    return str(request.param)[:99]


def whole(response: Response) -> Any:
    """Return what an answer says, which has the headers of every answer and no other."""
    assert "x-injected" not in response.headers
    assert response.headers["content-type"].startswith("application/")
    assert response.headers["x-content-type-options"] == "nosniff"
    return response.json()


def a_sighting(text: str) -> dict[str, Any]:
    return sighting(
        read="8X-?V-41",  # synthetic
        note=text,
        incidentReference=text,
        location={"latitude": 52.2, "longitude": 6.9, "place": text},
        vehicle=dict.fromkeys(("make", "model", "colour", "kind", "plateColour"), text[:30]),
    )


def an_entry(text: str) -> dict[str, Any]:
    return {
        "plate": "GV124B",  # synthetic
        "validUntil": clock.to_text(clock.now() + clock.HOUR),
        "purpose": "offences",
        **dict.fromkeys(("legalGround", "reference", "instruction", "owner", "contact"), text),
        **dict.fromkeys(("make", "model", "colour", "kind", "plateColour"), text),
        "warnings": [text, text],
        "persons": [text, text],
    }


def come_back(harness: Harness, text: str) -> None:
    """Send a text in every field of a sighting and an entry, and see it come back.

    An entry is taken as in a file of a feed: without blanks around its texts, and not at all where
    its ground is blank, or a text has control characters.
    """
    sent = a_sighting(text)
    answer = whole(harness.post("/v1/sightings", sent))
    told = whole(harness.get(f"/v1/sightings/{answer['id']}"))
    for name in ("note", "incidentReference", "vehicle"):
        assert told[name] == sent[name]
    assert told["location"]["place"] == text
    sent = an_entry(text)
    line = text.strip()
    response = harness.post("/v1/entries", sent, "dispatch")
    if CONTROL.search(line) or not line:
        assert {pointer for pointer, _ in faults(response)} >= {"/legalGround"}
        line = "plain"
        sent = an_entry(line)
        response = harness.post("/v1/entries", sent, "dispatch")
    assert response.status_code == 201
    entry = whole(response)
    of_texts = {
        name: [line, line] if isinstance(value, list) else line if value == text else value
        for name, value in sent.items()
        if name != "validUntil"
    }
    reads = harness.get(f"/v1/entries/{entry['id']}", "auditor")
    search = {"reference": line, "limit": 200}
    (found, *_) = whole(harness.post("/v1/entries/search", search, "infodesk"))["items"]
    for shown in (entry, whole(reads), found):
        assert {name: shown[name] for name in of_texts} == of_texts
    path = f"/v1/entries/{entry['id']}/withdrawals"
    gone = whole(harness.post(path, {"reason": text}, "dispatch"))
    assert gone["withdrawn"]["reason"] == text


def test_so_does_what_is_said_of_partners(harness: Harness, text: str) -> None:
    line = tidy(text)
    terms = {"licence": "x" + text[:39], "mark": text, "decision": text}
    body = {"name": line, "terms": terms | {"from": "2026-01-01T00:00:00Z"}}
    answer = harness.post("/v1/organisations", body, "operator")
    if faults_of(line):
        assert faults(answer) == {("/name", "bad-name")}
        return
    firm = whole(answer)
    assert (firm["name"], firm["terms"]["mark"]) == (line, text)
    person = {
        "name": line,
        "organisation": line,
        "passNumber": "x" + text[:39],
        "passColour": "grey",
        "passUntil": "2099-01-01T00:00:00Z",
    }
    proposed = whole(harness.post("/v1/people", person, "operator"))
    path = f"/v1/people/{proposed['id']}"
    gone = whole(harness.post(f"{path}/drops", {"reason": text}, "operator"))
    assert gone["dropped"]["reason"] == text
    (found,) = whole(harness.post("/v1/people/search", {"name": line}, "auditor"))["items"]
    assert (found["id"], found["organisation"]) == (proposed["id"], line)
    device = {"name": line, "organisation": line}
    assert whole(harness.post("/v1/devices", device, "operator"))["name"] == line


def test_a_text_comes_back_as_it_was_sent(harness: Harness, text: str) -> None:
    come_back(harness, text)
    with closing(sqlite3.connect(harness.data / "plate-match.sqlite", timeout=30)) as database:
        assert database.execute("SELECT count(*) FROM sighting").fetchone()[0] > 0


@given(text=TEXTS)
def test_so_does_any_other_text(harness: Harness, text: str) -> None:
    come_back(harness, text)


def key_file(harness: Harness) -> Path:
    """A file with the key of the auditor."""
    path = harness.data / "auditor.key"
    path.write_text(harness.keys["auditor"], encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_text_is_on_record_and_comes_out_of_an_export_as_it_was(
    harness: Harness,
    text: str,
    call: Call,  # noqa: F811 - the fixture
) -> None:
    come_back(harness, text)
    (*_, (header, payload)) = [one for one in audited(harness) if "reason" in one[1]]
    assert payload["reason"] == text
    key = ("--key-file", key_file(harness))
    asked = ("audit", "export", *key, "--by", text.replace("\n", " "), "--reason", "test")
    lines = call(*asked, "--data", harness.data).out.strip().split("\n")
    assert text in [(json.loads(line)["personal"] or {}).get("reason") for line in lines]
    table = call(*asked, "--csv", "--data", harness.data).out
    names, *rows = csv.reader(StringIO(table, newline=""))
    assert {len(row) for row in rows} == {len(names)}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    personal = [json.loads(row[names.index("personal")] or "{}") for row in rows]
    assert text in [one.get("reason") for one in personal]
    assert header["subject"]


def test_a_name_that_would_be_a_formula_is_none_in_a_spreadsheet_and_itself_in_json(
    harness: Harness,
    call: Call,  # noqa: F811 - the fixture
) -> None:
    name = STRINGS["formula"] + " of nobody else"
    issue = ("credential", "issue", "--role", "guard", "--organisation", name, "--person", name)
    key = json.loads(call(*issue, "--data", harness.data).out)["key"]
    headers = {"Authorization": f"Bearer {key}"}
    response = harness.post("/v1/sightings", sighting(), None, headers=headers)
    assert response.status_code == 201
    opened = ("audit", "export", "--key-file", key_file(harness), "--person", name)
    asked = (*opened, "--by", "A. Uditor", "--reason", "test")
    lines = call(*asked, "--data", harness.data).out.strip().split("\n")
    assert {json.loads(line).get("organisation") for line in lines} >= {name}
    names, *rows = csv.reader(StringIO(call(*asked, "--csv", "--data", harness.data).out))
    people = {row[names.index("person")] for row in rows}
    assert people == {f"'{name}", "auditor"}  # who exported what is of that name before


def test_a_text_where_a_plate_is_asked_for_is_read_or_refused_and_never_told_back(
    harness: Harness, text: str
) -> None:
    for path, body, role in (
        ("/v1/sightings", sighting(read=text[:64]), "guard"),
        ("/v1/sightings", sighting(source=text, purpose=text, country=text), "guard"),
        ("/v1/sightings", sighting(seenAt=text, follows=text[:64]), "guard"),
        ("/v1/entries", an_entry("x") | {"plate": text}, "dispatch"),
        ("/v1/hits/search", {"plate": text}, "dispatch"),
        ("/v1/hits/search", {"cursor": text, "organisation": text}, "dispatch"),
        ("/v1/entries/search", {"cursor": text}, "dispatch"),
        ("/v1/sightings", {text: text}, "guard"),
    ):
        response = harness.post(path, body, role)
        assert response.status_code in {200, 201, 400}
        whole(response)
        if response.status_code == 400:
            assert text not in json.loads(response.content)["detail"]
            assert not [one for one in response.json()["errors"] if text in str(one.values())]


def test_a_text_in_a_path_or_a_query_names_nothing(harness: Harness, text: str) -> None:
    name = quote(text, safe="")
    for template in {route.template for route in ROUTES if "{" in route.template}:
        path = template.replace("{id}", name).replace("{feed}", name)
        for role in ("auditor", "feed"):
            assert harness.get(path, role).status_code in {200, 403, 404, 405}
    paths = (f"/v1/feeds/synthetic/files?{one}={name}" for one in ("cursor", "limit"))
    assert {harness.get(path, "auditor").status_code for path in paths} == {400}


def test_a_text_in_a_header_is_a_key_or_refused(harness: Harness, text: str) -> None:
    sent = sighting()
    visible = all("!" <= character <= "~" for character in text)
    headers = {"Idempotency-Key": text.encode()}
    answers = [harness.post("/v1/sightings", sent, headers=headers) for _ in range(2)]
    assert {one.status_code for one in answers} == {201 if visible else 400}
    assert not visible or answers[0].json()["id"] == answers[1].json()["id"]


@pytest.mark.parametrize("name", ["../../outside", "/tmp/outside", "a\\..\\b", "x\r\ny", "=cmd|x"])  # noqa: S108 - an attack
def test_a_name_of_an_uploaded_file_is_the_name_of_nothing(
    harness: Harness, name: str, tmp_path: Path
) -> None:
    before = set(harness.data.parent.iterdir())
    with Inbox(harness.data).taking():
        files = {"file": (name, b"8XKV41\n")}  # synthetic
        response = harness.call("POST", "/v1/feeds/synthetic/files", "feed", files=files)
        waiting = harness.data / "inbox" / "synthetic"
        assert response.status_code in {202, 400}
        for one in waiting.glob("*/*"):
            assert one.name == "file"
            one.unlink()
        for folder in waiting.iterdir():
            folder.rmdir()
    assert set(harness.data.parent.iterdir()) == before
    assert not list(tmp_path.iterdir())


def control_characters() -> Iterator[str]:
    yield from (chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127))


@pytest.mark.parametrize("field", ["note", "incidentReference"])
def test_a_control_character_is_refused_and_not_repeated(harness: Harness, field: str) -> None:
    for character in control_characters():
        response = harness.post("/v1/sightings", sighting(**{field: f"a{character}b"}))
        assert faults(response) == {(f"/{field}", "control-character")}
    entry = an_entry("x") | {"warnings": ["\0"], "owner": "\x1b[2J", "legalGround": "\x07"}
    response = harness.post("/v1/entries", entry, "dispatch")
    assert {pointer for pointer, _ in faults(response)} == {"/warnings/0", "/owner", "/legalGround"}


@pytest.mark.parametrize("half", [b"\\ud800", b"\\udfff\\ud800", b"\xff", b"\xed\xa0\x80", b"\x00"])
def test_half_a_character_and_what_is_no_text_is_refused(harness: Harness, half: bytes) -> None:
    body = json.dumps(sighting(note="HERE")).encode().replace(b"HERE", half)
    response = harness.post("/v1/sightings", body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_a_text_over_the_limit_of_its_field_is_refused_whole(harness: Harness) -> None:
    sent = a_sighting("x" * 2001)
    assert {code for _, code in faults(harness.post("/v1/sightings", sent))} == {"too-long"}
    kept = harness.report(note="\u00e9\U0001f697" * 1000)
    told = harness.get(f"/v1/sightings/{kept['id']}").json()
    assert len(told["note"]) == 2000
    assert ids.from_text(kept["id"])

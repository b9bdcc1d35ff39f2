"""What is on record of a plate, beside a running service. All plates are synthetic."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.adapters.db import Database, open_database
from service.api.edge import Edge
from service.app import Service, create_app
from service.records import AuditEvent
from service.settings import Settings
from service.usecases.audit import verify
from tests.service.api.conftest import ENTRIES, declare, keys, load
from tests.service.api.harness import Harness, audited
from tests.service.cli.conftest import Call
from tests.service.folk import write_key

ASKED = ("--by", "P. Officer", "--reason", "a request")
LISTED: tuple[dict[str, object], ...] = (
    *ENTRIES,
    {"plate": "8XRV41", "reference": "SYN-6", "category": "robbery"},
)
TOMORROW = clock.to_text(clock.now() + clock.DAY)


@dataclass(frozen=True)
class Place:
    """A running service, and a file with the key of its auditor."""

    harness: Harness
    key: Path

    def subject(self, call: Call, plate: str, *words: object, code: int = 0) -> dict[str, Any]:
        """What the command says of a plate, as JSON; nothing where it is refused."""
        told = call("subject", plate, *ASKED, *words, "--json", "--data", self.harness.data)
        assert told.code == code, told.err
        assert told.code == 0 or told.out == ""
        return json.loads(told.out) if told.out else {"refused": told.err}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    load(tmp_path, LISTED)
    declare(tmp_path)
    issued = keys(tmp_path)
    write_key(tmp_path / "auditor.key", issued["auditor"])
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        quiet(client)
        yield Place(Harness(client, issued, tmp_path), tmp_path / "auditor.key")


def quiet(client: TestClient) -> None:
    """Keep the log of the service out of what a command says."""
    service = client.app
    assert isinstance(service, Service)
    assert isinstance(service._application, Edge)
    service._application._log._write = lambda _: None


def withdrawn_by_its_feed(place: Place) -> None:
    """The next file of the feed has no entry on 8XKV41."""
    load(place.harness.data, tuple(one for one in LISTED if one["plate"] != "8XKV41"))


def put_in(place: Place, plate: str) -> str:
    entry = {
        "plate": plate, "category": "robbery", "validUntil": TOMORROW, "legalGround": "Wpg 20",
        "purpose": "offences", "reference": "SYN-P",
    }  # fmt: skip
    answer = place.harness.post("/v1/entries", entry, "dispatch")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_it_shows_who_listed_a_plate_who_was_told_and_what_was_done(
    call: Call, place: Place
) -> None:
    answer = place.harness.report(read="8-XKV-41")
    place.harness.get(f"/v1/hits/{answer['hits'][0]['id']}", "dispatch")
    put_in(place, "8XKV41")
    withdrawn_by_its_feed(place)
    shown = place.subject(call, "8-xkv-41", "--key-file", place.key)
    first, second = shown["listed"]
    assert (first["feed"], first["reference"], first["inForce"]) == ("synthetic", "SYN-1", False)
    assert (first["owner"], first["contact"]) == ("Synthetic Security", "synthetic desk")
    assert (second["reference"], len(second["versions"])) == ("SYN-2", 1)
    (entry,) = shown["entries"]
    assert (entry["reference"], entry["person"], entry["inForce"]) == ("SYN-P", "dispatch", True)
    assert (entry["legalGround"], entry["purpose"]) == ("Wpg 20", "offences")
    (hit,) = shown["hits"]
    assert (hit["person"], hit["organisation"]) == ("guard", "Synthetic Security")
    assert hit["references"] == ["SYN-1", "SYN-2"]
    assert hit["alertedAt"]
    assert [one["action"] for one in shown["audit"]] == [
        "sighting-reported", "hit-read", "entry-put-in", "subject-shown"
    ]  # fmt: skip
    header, payload = audited(place.harness)[-1]
    assert (header["action"], header["role"]) == ("subject-shown", "auditor")
    assert "8XKV41" not in json.dumps(header)
    assert (payload["plate"], payload["by"]) == ("8XKV41", "P. Officer")


def test_what_is_kept_as_proof_is_told_by_no_other_way(call: Call, place: Place) -> None:
    answer = place.harness.report(read="8-XKV-41")
    place.subject(call, "8XKV41", "--restrict")
    shown = place.subject(call, "8XKV41")
    assert (shown["hits"], shown["restrictedHits"]) == ([], 1)
    opened = place.subject(call, "8XKV41", "--key-file", place.key)
    assert (len(opened["hits"]), opened["restrictedHits"]) == (1, 0)
    again = place.harness.get(f"/v1/sightings/{answer['id']}").json()
    assert (again["hits"], again["notListed"]) == ([], None)


def test_what_a_sighting_notes_of_another_plate_does_not_erase_it(call: Call, place: Place) -> None:
    kept = place.harness.report(read="QQ111Q", note="AB1234", incidentReference="AB1234")
    gone = place.harness.report(read="AB1234")
    assert place.subject(call, "AB1234", "--erase")["sightings"] == 1
    statuses = [place.harness.get(f"/v1/sightings/{one['id']}").status_code for one in (kept, gone)]
    assert statuses == [200, 404]


def test_without_the_key_of_an_auditor_the_audit_stays_closed(
    call: Call, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.harness.report(read="8-XKV-41")
    monkeypatch.setattr("sys.stdin", StringIO("8-XKV-41\n"))
    shown = place.subject(call, "-")
    assert shown["audit"] is None
    assert len(shown["hits"]) == 1
    write_key(place.harness.data / "guard.key", place.harness.keys["guard"])
    place.subject(call, "8XKV41", "--key-file", place.harness.data / "guard.key", code=1)
    assert audited(place.harness)[-1][0]["command"] == "subject"


def test_a_correction_stands_beside_the_hits_on_record(call: Call, place: Place) -> None:
    answer = place.harness.report(read="8-XKV-41")
    path = f"/v1/hits/{answer['hits'][0]['id']}"
    for statement in ("the plate was copied", "the plate was stolen"):
        assert place.subject(call, "8XKV41", "--correct", statement)["corrected"] == 1
    shown = place.harness.get(path, "dispatch").json()
    assert shown["correction"]["statement"] == "the plate was stolen"
    exported = call(
        "audit", "export", *ASKED, "--plate", "8XKV41", "--key-file", place.key,
        "--data", place.harness.data,
    )  # fmt: skip
    assert "the plate was copied" in exported.out


def test_a_restricted_hit_is_shown_to_an_auditor_alone(call: Call, place: Place) -> None:
    answer = place.harness.report(read="8-XKV-41")
    hit, sighting = f"/v1/hits/{answer['hits'][0]['id']}", f"/v1/sightings/{answer['id']}"

    def seen(role: str) -> tuple[int, int, int]:
        found = place.harness.post("/v1/hits/search", {"plate": "8XKV41"}, role).json()["items"]
        in_answer = place.harness.get(sighting, role).json()["hits"]
        return place.harness.get(hit, role).status_code, len(found), len(in_answer)

    assert seen("dispatch") == (200, 1, 1)
    assert place.subject(call, "8XKV41", "--restrict")["restricted"] == 1
    assert place.subject(call, "8XKV41", "--restrict")["restricted"] == 0
    assert seen("dispatch") == (404, 0, 0)
    assert place.harness.get(sighting).json()["hits"] == []
    assert seen("auditor") == (200, 1, 1)
    assert place.harness.get(hit, "auditor").json()["restrictedAt"]
    assert "kept as proof" in erased_with(call, place, code=1)["refused"]
    with open_database(data=place.harness.data) as database:
        late = clock.now() + 99 * clock.DAY
        gone = database.erasure.sightings_with_hit(late, AuditEvent(late, "erased", {}, {}))
    assert gone == 0
    assert place.subject(call, "8XKV41", "--lift")["lifted"] == 1
    assert seen("dispatch") == (200, 1, 1)


def erased_with(call: Call, place: Place, *, code: int) -> dict[str, Any]:
    withdrawn_by_its_feed(place)
    return place.subject(call, "8XKV41", "--erase", code=code)


def test_what_may_be_erased_is_gone_from_the_tables_and_the_audit_stays_whole(
    call: Call, place: Place
) -> None:
    alone = place.harness.report(read="8-XKV-41")
    other = place.harness.report(read="GV-123-B")
    assert "by feed synthetic" in place.subject(call, "8XKV41", "--erase", code=1)["refused"]
    header, payload = audited(place.harness)[-1]
    assert (header["action"], header["wanted"]) == ("refused", "subject-erased")
    assert (payload["plate"], payload["by"]) == ("8XKV41", "P. Officer")
    withdrawn_by_its_feed(place)
    put_in(place, "8XKV41")
    assert "--withdraw it" in place.subject(call, "8XKV41", "--erase", code=1)["refused"]
    assert place.subject(call, "8XKV41", "--withdraw")["withdrawn"] == 1
    without = place.harness.report(read="8 XKV 41")
    done = place.subject(call, "8XKV41", "--erase")
    assert (done["sightings"], done["entries"]) == (len({alone["id"], without["id"]}), 1)
    assert "the audit within its years" in done["stays"]
    assert place.harness.get(f"/v1/sightings/{alone['id']}", "dispatch").status_code == 404
    assert place.harness.get(f"/v1/sightings/{without['id']}", "dispatch").status_code == 404
    assert place.harness.get(f"/v1/sightings/{other['id']}", "dispatch").status_code == 200
    shown = place.subject(call, "8XKV41", "--key-file", place.key)
    assert (shown["hits"], shown["entries"]) == ([], [])
    assert "subject-erased" in {one["action"] for one in shown["audit"]}
    with Database(None, place.harness.data) as database:
        assert verify(database.audit).fault is None


def test_a_sighting_with_hits_on_other_plates_stays_for_those(call: Call, place: Place) -> None:
    answer = place.harness.report("dispatch", read="8X-?V-41")
    assert {hit["plate"] for hit in answer["hits"]} == {"8XKV41", "8XRV41"}
    withdrawn_by_its_feed(place)
    done = place.subject(call, "8XKV41", "--erase")
    assert (done["sightings"], done["hitsOfOtherSightings"]) == (0, 1)
    left = place.harness.get(f"/v1/sightings/{answer['id']}", "dispatch").json()
    assert [hit["plate"] for hit in left["hits"]] == ["8XRV41"]


def test_a_table_for_people_says_the_same(call: Call, place: Place) -> None:
    place.harness.report(read="8-XKV-41")
    put_in(place, "8XKV41")
    asked = ("subject", "8XKV41", *ASKED, "--data", place.harness.data)
    told = call(*asked, "--key-file", place.key)
    assert told.code == 0
    for title in ("Listed by a feed: 2", "Put in by itself: 1", "Hits: 1", "On record: 3"):
        assert title in told.out
    assert "with --key-file" in call(*asked).err
    assert call(*asked, "--correct", "x").out == "corrected: 1\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("8X-*",), "PLATE: must be a whole plate"),
        (("!",), "PLATE: "),
        (("8XKV41", "--erase", "--restrict"), "--restrict and --erase: one at a time"),
        (("8XKV41", "--correct", " "), "--correct: the statement is empty"),
        (("-", "--key-file", "-"), "--key-file: standard input is the plate"),
    ],
)
def test_what_does_not_go_together_is_named_and_nothing_is_done(
    call: Call, tmp_path: Path, *, words: tuple[str, ...], said: str
) -> None:
    told = call("subject", *words, *ASKED, "--data", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    empty = call("subject", "8XKV41", "--by", "", "--reason", " ", "--data", tmp_path)
    assert empty.code == 2
    assert "--by" in empty.err
    assert "--reason" in empty.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE hit SET document = '[]'", "a hit on the plate"),
        ("UPDATE hit SET disposition = x'00'", "a hit on the plate"),
        ("UPDATE entry SET valid_until = 'x'", "an entry on the plate"),
        ("UPDATE entry SET credential = 'x'", "an entry"),
        ("UPDATE entry SET document = '{}'", "an entry on the plate"),
        ("UPDATE credential SET role = 'x'", "a credential, or whose it is"),
        ("UPDATE credential SET issued_at = 'x'", "a credential, or whose it is"),
        ("UPDATE credential SET expires_at = ''", "a credential, or whose it is"),
    ],
)
def test_a_row_that_was_tampered_with_is_told_in_one_line(
    call: Call, place: Place, change: str, said: str
) -> None:
    place.harness.report(read="8-XKV-41")
    put_in(place, "8XKV41")
    with closing(sqlite3.connect(place.harness.data / "plate-match.sqlite")) as file, file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '')")
    with closing(sqlite3.connect(place.harness.data / "plate-match.sqlite")) as file, file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("PRAGMA ignore_check_constraints = ON")
        file.execute(change)
    told = place.subject(call, "8XKV41", code=1)
    assert told["refused"] == f"plate-match: the database is damaged: {said}\n"

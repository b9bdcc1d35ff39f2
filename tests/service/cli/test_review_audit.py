"""What of a month is to be judged, and what is judged. All plates and people are synthetic."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service import clock
from service.adapters.db import Database, open_database
from service.names import CANARY
from service.records import SIGHTING_REPORTED, AuditEvent, Role
from service.usecases.audit import verify
from service.usecases.credentials import issue
from tests.service.cli.conftest import Call
from tests.service.folk import write_key

OCTOBER, NOVEMBER = 1_790_812_800_000_000, 1_793_491_200_000_000
"""The first moments of 2026-10 and 2026-11."""

FIRM = "Synthetic Security"
WORD = "a word of nobody else"


@dataclass(frozen=True)
class Month:
    """A data folder with an audit of October, and the key of an auditor."""

    data: Path
    key: Path


@pytest.fixture
def month(tmp_path: Path) -> Month:
    with open_database(data=tmp_path) as database:
        for person in ("G. One", "G. Two", "G. Three", "G. Curious"):
            issued, _ = issue(database.credentials, Role.GUARD, FIRM, person=person, now=OCTOBER)
            for event in doings(person, issued.id):
                database.audit.add(event)
        _, key = issue(
            database.credentials, Role.AUDITOR, "Synthetic Police", person="A. K.", now=NOVEMBER
        )
    write_key(tmp_path / "auditor.key", key)
    return Month(tmp_path, tmp_path / "auditor.key")


def doings(person: str, credential: str) -> Iterator[AuditEvent]:
    """Ten sightings in October; of one who is curious wide patterns, and thirty looks."""
    curious = person == "G. Curious"
    header = {"credential": credential, "organisation": FIRM, "purpose": "offences"}
    for number in range(10):
        shown = [] if number % 2 else [{"plate": "8XKV41"}]
        payload = {"person": person, "reads": ["8*" if curious else "8-XKV-41"], "shown": shown}
        at = OCTOBER + number * clock.DAY + 10 * clock.HOUR
        yield AuditEvent(at, SIGHTING_REPORTED, {**header, "subject": "0000000000001"}, payload)
    for _ in range(30 if curious else 1):
        yield AuditEvent(OCTOBER + clock.DAY, "hit-read", header, {"person": person})
    yield AuditEvent(NOVEMBER, "hit-read", header, {"person": person})
    canary = {"credential": "canary", "organisation": CANARY, "subject": "0000000000001"}
    yield AuditEvent(OCTOBER + clock.DAY, SIGHTING_REPORTED, canary, {"person": None})


def reviewed(call: Call, month: Month, *words: str) -> dict[str, Any]:
    told = call(
        "audit", "review", "--month", "2026-10", "--key-file", month.key, "--json", *words,
        *(() if "--word" in words else ("--word", WORD)), "--data", month.data,
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    found: dict[str, Any] = json.loads(told.out)
    return found


def test_the_list_is_of_who_stands_out_and_a_sample_of_the_month(call: Call, month: Month) -> None:
    found = reviewed(call, month, "--sample", "4")
    assert (found["records"], found["people"], found["provisional"]) == (73, 4, False)
    assert found["head"]["seq"] == last_of_october(month)
    why = [(one["who"], reason["measure"]) for one in found["items"] for reason in one["why"]]
    assert sum(measure == "sample" for _, measure in why) == 4
    standing_out = [one for one in why if one[1] != "sample"]
    assert sorted(standing_out) == 3 * [("G. Curious", "consultations")] + 3 * [
        ("G. Curious", "wide-patterns")
    ]
    item = next(one for one in found["items"] if one["why"][-1]["measure"] == "wide-patterns")
    assert (item["role"], item["personal"]["reads"], item["judged"]) == ("guard", ["8*"], None)
    assert item["why"][-1] | {"score": 0} == {
        "measure": "wide-patterns", "value": 1.0, "median": 0.0, "score": 0
    }  # fmt: skip
    assert (found["judged"], found["open"]) == (0, len(found["items"]))


def test_what_is_refused_together_counts_as_often_as_it_was_tried(call: Call, month: Month) -> None:
    with open_database(data=month.data) as database:
        guard = next(one for one in database.credentials.all() if one.person == "G. One")
        header = {"credential": guard.id, "organisation": FIRM, "reasons": ["budget"]}
        typed = {"person": guard.person, "tried": [["8-XKV-41"]] * 9}
        database.audit.add(AuditEvent(OCTOBER + 1, "refused", {**header, "times": 9}, typed))
        database.audit.add(AuditEvent(OCTOBER + 2, "refused", header, {"person": guard.person}))
    found = reviewed(call, month, "--sample", "0")
    told = [
        (one["who"], reason["value"])
        for one in found["items"]
        for reason in one["why"]
        if reason["measure"] == "refusals"
    ]
    assert told == [("G. One", 10.0)] * 2


def test_what_is_done_on_the_machine_is_reviewed_by_the_name_that_was_typed(
    call: Call, month: Month
) -> None:
    with open_database(data=month.data) as database:
        for _ in range(3):
            said = AuditEvent(OCTOBER + 1, "subject-shown", {"opened": False}, {"by": "O. Perator"})
            database.audit.add(said)
        stood = {"credential": "0000000000009", "organisation": FIRM, "hit": "0000000000001"}
        database.audit.add(AuditEvent(OCTOBER + 1, "hit-stood-down", stood, {}))
    found = reviewed(call, month, "--sample", "500")
    typed = {(one["role"], one["who"]) for one in found["items"] if one["role"] == "machine"}
    assert typed == {("machine", "O. Perator")}
    assert found["people"] == 5


def last_of_october(month: Month) -> int:
    return [seq for seq, header in headers(month) if header["at"] < NOVEMBER][-1]


def headers(month: Month) -> list[tuple[int, dict[str, Any]]]:
    with open_database(data=month.data) as database, database.audit.rows() as rows:
        return [(row.seq, json.loads(row.header)) for row in rows]


def test_anybody_can_draw_the_sample_again_from_what_is_on_record(call: Call, month: Month) -> None:
    found = reviewed(call, month, "--sample", "7")
    with open_database(data=month.data) as database:
        last = database.audit.row(found["head"]["seq"])
    assert last is not None
    assert last.hash.hex() == found["head"]["hash"]
    seed = sha256(last.hash + (last.salt or b"") + WORD.encode()).digest()
    assert found["seed"] == seed.hex() == headers(month)[-1][1]["seed"]
    may_be_drawn = [
        seq
        for seq, header in headers(month)
        if header["action"] in {SIGHTING_REPORTED, "hit-read"}
        and header["at"] < NOVEMBER
        and header["organisation"] != CANARY
    ]
    lots = sorted(may_be_drawn, key=lambda seq: sha256(seed + seq.to_bytes(8, "big")).digest())
    drawn = {one["seq"] for one in found["items"] if {"measure": "sample"} in one["why"]}
    assert drawn == set(lots[:7])
    first, _ = headers(month)[-1]
    again = reviewed(call, month, "--sample", "7")
    assert again == {**found, "drawnFirst": first}


def asked(month: Month, *words: object) -> tuple[object, ...]:
    of = ("--month", "2026-10", "--key-file", month.key, "--data", month.data)
    return ("audit", "review", *of, *words)


def test_the_first_word_counts_and_another_is_refused_unseen_by_the_draw(
    call: Call, month: Month
) -> None:
    before = len(headers(month))
    for words, said in (((), "was not drawn yet"), (("--word", " "), "1 to 200 characters")):
        told = call(*asked(month, *words))
        assert (told.code, told.out) == (2, "")
        assert said in told.err
    assert len(headers(month)) == before
    first = reviewed(call, month, "--word", "one")
    told = call(*asked(month, "--word", "two"))
    assert (told.code, told.out) == (2, "")
    assert f"drawn by another word, that of record {before + 1}" in told.err
    without = json.loads(call(*asked(month, "--json")).out)
    assert (without["word"], without["seed"]) == ("one", first["seed"])
    assert without["items"] == first["items"]


def test_a_word_that_was_given_changes_the_draw(call: Call, month: Month, tmp_path: Path) -> None:
    drawn = []
    for word in ("one", "two"):
        copy = tmp_path / word
        copy.mkdir()
        shutil.copy(month.data / "plate-match.sqlite", copy)
        found = reviewed(call, Month(copy, month.key), "--word", word)
        drawn.append(
            [item["seq"] for item in found["items"] if {"measure": "sample"} in item["why"]]
        )
    assert drawn[0] != drawn[1]


def test_what_is_written_into_a_month_after_its_draw_is_told_and_draws_nothing_anew(
    call: Call, month: Month
) -> None:
    first = reviewed(call, month, "--word", "one")
    with open_database(data=month.data) as database:
        late = {"credential": "0000000000009", "organisation": FIRM}
        database.audit.add(AuditEvent(NOVEMBER - 1, "hit-read", late, {"person": "G. Late"}))
    found = reviewed(call, month, "--word", "one")
    assert (found["late"], found["seed"], found["head"]) == (1, first["seed"], first["head"])
    assert "1 records of the month were written after it was first drawn" in call(*asked(month)).err


HEADER = "UPDATE audit SET header = CAST(replace(header, {}) AS BLOB) WHERE seq = :{}"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE audit_payload SET salt = zeroblob(16) WHERE seq = :last", "last"),
        (HEADER.format("'}', ' }'", "last"), "last"),
        (HEADER.format("""'"seed":"', '"seed":"0'""", "first"), "first"),
    ],
)
def test_by_what_was_tampered_with_nothing_is_drawn(
    call: Call, month: Month, *, change: str, named: str
) -> None:
    places = {"last": last_of_october(month), "first": len(headers(month)) + 1}
    reviewed(call, month)
    with closing(sqlite3.connect(month.data / "plate-match.sqlite")) as file, file:
        assert file.execute(change, places).rowcount == 1
    told = call(*asked(month))
    assert (told.code, told.out) == (1, "")
    assert f"record {places[named]} of the audit is damaged" in told.err


@pytest.mark.parametrize(("before", "word"), [(NOVEMBER, "one"), (None, "")])
def test_salt_and_word_that_were_erased_leave_the_seed(
    call: Call, month: Month, before: int | None, word: str
) -> None:
    found = reviewed(call, month, "--word", "one")
    with open_database(data=month.data) as database:
        done = AuditEvent(clock.now(), "erased", {}, {})
        assert database.erasure.audit_payloads(before or clock.now(), done) > 1
    later = reviewed(call, month, "--word", word or "another")
    assert (later["word"], later["seed"]) == (word, found["seed"])


def test_that_the_list_was_made_is_on_record(call: Call, month: Month) -> None:
    found = reviewed(call, month)
    _, header = headers(month)[-1]
    assert header["action"] == "audit-reviewed"
    assert (header["month"], header["head"], header["role"]) == (
        "2026-10", found["head"]["seq"], "auditor"
    )  # fmt: skip
    assert header["items"] == len(found["items"])


def test_what_is_judged_is_on_record_and_shown_in_the_list(call: Call, month: Month) -> None:
    seq = reviewed(call, month)["items"][0]["seq"]
    asked = ("audit", "judge", seq, "--by", "A. Uditor", "--key-file", month.key)
    for option, judged in (("--lawful", "lawful"), ("--unlawful", "not lawful")):
        told = call(*asked, option, "--reason", "no incident", "--data", month.data)
        assert (told.code, told.err) == (0, "")
        assert told.out == f"record {seq} is judged {judged}; that is on record\n"
    found = reviewed(call, month)
    judged = found["items"][0]["judged"]
    assert (judged["lawful"], judged["by"], judged["reason"]) == (
        False, "A. Uditor", "no incident"
    )  # fmt: skip
    assert (found["judged"], found["open"]) == (1, len(found["items"]) - 1)
    said = {header["action"]: header for _, header in headers(month)}["audit-judged"]
    assert "A. Uditor" not in json.dumps(said)
    with Database(None, month.data) as database:
        assert verify(database.audit).fault is None


def test_a_table_says_what_is_open_and_how_it_was_drawn(call: Call, month: Month) -> None:
    told = call(*asked(month, "--word", WORD))
    assert told.code == 0
    assert "  hit-read (offences)  open\n    who  G. Curious, guard, Synthetic Sec" in told.out
    assert "consultations: 30, median 1\n" in told.out
    assert "0 judged, " in told.err
    assert "fewer than 3 people" not in told.err


def test_the_list_of_a_month_that_is_not_over_is_provisional(call: Call, month: Month) -> None:
    now = clock.to_text(clock.now())[:7]
    asked = ("audit", "review", "--month", now, "--key-file", month.key, "--data", month.data)
    told = call(*asked)
    assert told.code == 0
    assert "the month is not over" in told.err
    again = call(*asked)
    assert "fewer than 3 people, so nobody to compare with: auditor" in again.err


def test_a_month_before_all_is_empty(call: Call, month: Month) -> None:
    told = call(
        "audit", "review", "--month", "2020-12", "--word", "w", "--key-file", month.key,
        "--data", month.data,
    )  # fmt: skip
    assert (told.code, told.out) == (0, "nothing of 2020-12 is to be judged\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("review", "--month", "November"), 2, "--month: must be a month"),
        (("review", "--month", "9999-12"), 2, "--month: must be a month"),
        (("judge", "9999", "--lawful", "--by", "A", "--reason", "b"), 1, "no record 9999"),
        (("judge", "1", "--lawful", "--by", " ", "--reason", ""), 2, "--by: goes on record"),
        (("judge", "1", "--by", "A", "--reason", "b"), 2, "lawful"),
        (("judge", "0", "--lawful", "--by", "A", "--reason", "b"), 2, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    call: Call, month: Month, *, words: tuple[str, ...], code: int, said: str
) -> None:
    told = call("audit", *words, "--key-file", month.key, "--data", month.data)
    assert (told.code, told.out) == (code, "")
    assert said in told.err


def test_it_takes_the_key_of_an_auditor(call: Call, month: Month) -> None:
    write_key(month.data / "none.key", "pm_none")
    for words in (
        ("review", "--month", "2026-10"),
        ("judge", "1", "--lawful", "--by", "A", "--reason", "b"),
    ):
        told = call("audit", *words, "--key-file", month.data / "none.key", "--data", month.data)
        assert (told.code, told.out) == (1, "")
        assert call("audit", *words, "--data", month.data).code == 2

"""What is personal of people goes after their end; ids and refusals stay. All synthetic."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from service import clock
from service.adapters.db import Database, people_erasure
from service.adapters.db.caller_tables import PERSON
from service.adapters.db.engine import reading, writing
from service.errors import KeyRevoked
from service.partners import EndedHow, Listed, PeopleQuery, Person, ProposalEnd
from service.records import AuditEvent, Caller, Role
from service.standing import Pass
from service.token_ports import Lapsed, Vouched
from service.usecases.audit import verify
from service.usecases.credentials import Holder, issue_to, revoke
from service.usecases.take_token import TakeToken
from tests.service.db.synthetic import FIRM, NOW, event, issue, records

DAY = clock.DAY
CARD = Pass(number="SYN-1234", colour="grey", until=NOW + 9 * DAY, role="guard", secrecy_at=NOW)
LATER = NOW + 100 * DAY
KINDS = ("passes", "credentials", "devices", "people")


def purged(database: Database, before: int = LATER) -> dict[str, int]:
    """Erase what ended before a moment, and return how many of each kind that were."""
    done = AuditEvent(LATER, "erased", {"kind": "synthetic"}, {})
    counts = {kind: getattr(database.people_erasure, kind)(before, done) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}


def approved(database: Database, name: str, card: Pass = CARD) -> Person:
    """A person with a pass that counts."""
    partners = database.partners
    person = partners.propose(FIRM, name, card=card, event=event())
    assert person.proposal is not None
    return partners.approve(person.id, person.proposal, event())


def key(database: Database, person: str, **more: Any) -> tuple[str, str]:
    """A key of a person, with the id of its credential."""
    holder = Holder(Role.GUARD, FIRM, person, **more)
    issued, key = issue_to(database.credentials, holder, now=NOW)
    return key, issued.id


def bytes_of(data: Path) -> bytes:
    """All that the file of the database holds."""
    with sqlite3.connect(data / "plate-match.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return (data / "plate-match.sqlite").read_bytes()


def test_a_dropped_person_goes_with_all_their_passes_and_comes_back_as_another(
    database: Database,
) -> None:
    issue(database)
    person = approved(database, "A. Sample")
    used, _ = key(database, "A. Sample")
    assert purged(database, NOW) == {}
    database.partners.drop_person(person.id, "left in a quarrel", event())
    assert purged(database, NOW) == {}
    assert purged(database, NOW + DAY) == {"people": 1}
    gone = database.partners.person(person.id)
    assert gone is not None
    assert (gone.name, gone.reason, gone.dropped_at) == (None, "", NOW)
    assert gone.approved is not None
    assert gone.approved.number == ""
    caller = database.credentials.identify(used)
    assert caller is not None
    assert (caller.person, caller.standing.dropped) == (None, True)
    assert [one.person for one in database.credentials.all()] == [None, None]
    again = database.partners.propose(FIRM, "A. Sample", card=CARD, event=event())
    assert again.id > person.id
    assert purged(database, NOW + DAY) == {}
    assert verify(database.audit).fault is None


def test_nothing_of_it_is_left_in_the_file(database: Database, tmp_path: Path) -> None:
    issue(database)
    person = approved(database, "Unforgettable Sample")
    held, id_ = key(database, "Unforgettable Sample", incident="INCIDENT-77")
    device = database.partners.add_device(FIRM, "phone of Unforgettable", event())
    database.partners.drop_person(person.id, "Unforgettable reason", event())
    database.partners.drop_device(device.id, "Unforgettable loss", event())
    revoke(database.credentials, id_, now=NOW)
    assert b"Unforgettable" in bytes_of(tmp_path)
    assert purged(database) == {"passes": 1, "credentials": 1, "devices": 1, "people": 1}
    assert purged(database) == {}
    with writing(database._engine) as connection:  # the audit keeps its own for its own time
        connection.exec_driver_sql("DELETE FROM audit_payload")
    left = bytes_of(tmp_path)
    for text in (b"Unforgettable", b"SYN-1234", b"INCIDENT-77"):
        assert text not in left
    (shown,) = database.partners.devices(Listed())
    assert (shown.id, shown.name, shown.dropped_at) == (device.id, "", NOW)
    lapsed = database.credentials.lapsed(held)
    assert lapsed is not None
    assert (lapsed.credential, lapsed.person, lapsed.incident) == (id_, None, None)


def test_passes_that_are_over_lose_their_number_and_count_as_before(database: Database) -> None:
    issue(database)
    key(database, "B. Sample")
    person = approved(database, "B. Sample")
    waiting = database.partners.propose(FIRM, "B. Sample", card=CARD, event=event())
    assert waiting.proposal is not None
    end = ProposalEnd(NOW, EndedHow.TURNED_DOWN, "no photo of B. Sample")
    database.partners.end_proposal(person.id, waiting.proposal, end=end, event=event())
    assert purged(database, NOW + DAY) == {"passes": 1}
    kept = database.partners.person(person.id)
    assert kept is not None
    assert kept.approved == CARD
    assert kept.proposal_ended == ProposalEnd(NOW, EndedHow.TURNED_DOWN, "")
    assert purged(database, NOW + 10 * DAY) == {"passes": 1}
    kept = database.partners.person(person.id)
    assert kept is not None
    assert kept.approved is not None
    assert (kept.name, kept.approved.number) == ("B. Sample", "")


def test_who_has_neither_a_pass_nor_a_key_any_more_is_forgotten(database: Database) -> None:
    _, id_ = key(database, "C. Sample")
    approved(database, "C. Sample")
    assert purged(database) == {"passes": 1}
    revoke(database.credentials, id_, now=NOW)
    assert purged(database) == {"credentials": 1, "people": 1}
    (gone,) = database.partners.people(PeopleQuery())
    assert gone.name is None
    assert database.partners.people(PeopleQuery(pass_before=LATER)) == []


def test_who_waits_to_be_approved_again_is_not_forgotten(database: Database) -> None:
    issue(database)
    person = approved(database, "D. Sample")
    database.partners.drop_person(person.id, "left", event())
    database.partners.propose(FIRM, "D. Sample", card=CARD, event=event())
    assert purged(database, NOW + DAY) == {}
    assert purged(database) == {"passes": 2, "people": 1}


class Said:
    """Tokens that all stand for one guard."""

    vouched_for = Vouched("https://issuer.example", FIRM, "E. Sample", Role.GUARD)

    async def vouched(self, token: str, *, now: int) -> Vouched:
        assert (token, now) == ("x", NOW)
        return self.vouched_for


def test_who_was_dropped_does_not_come_back_by_a_token(database: Database) -> None:
    issue(database)
    taking = TakeToken(tokens=Said(), holders=database.credentials, now=lambda: NOW)
    first = asyncio.run(taking("x"))
    person = approved(database, "E. Sample")
    database.partners.drop_person(person.id, "left", event())
    assert purged(database) == {"passes": 1}
    again = asyncio.run(taking("x"))
    assert isinstance(first, Caller)
    assert isinstance(again, Caller)
    assert (again.credential, again.standing.dropped) == (first.credential, True)
    revoke(database.credentials, first.credential, now=NOW)
    assert purged(database) == {"credentials": 1, "people": 1}
    lapsed = asyncio.run(taking("x"))
    assert isinstance(lapsed, Lapsed)
    assert isinstance(lapsed.refusal, KeyRevoked)


def test_batches_are_small_and_each_is_on_record(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_erasure, "BATCH", 2)
    issue(database)
    for number in range(3):
        person = approved(database, f"F{number}")
        database.partners.drop_person(person.id, "left", event())
    before = records(database)
    done = AuditEvent(LATER, "erased", {"kind": "people"}, {})
    assert [database.people_erasure.people(LATER, done) for _ in range(3)] == [2, 1, 0]
    with database.audit.rows() as audited:
        headers = [row.header for row in audited][before:]
    assert [b'"erased":2' in headers[0], b'"erased":1' in headers[1]] == [True, True]
    assert len(headers) == 2
    assert verify(database.audit).fault is None


def test_nobody_can_be_called_what_stands_for_an_erased_name(database: Database) -> None:
    issue(database)
    person = approved(database, "G. Sample")
    database.partners.drop_person(person.id, "left", event())
    purged(database)
    with reading(database._engine) as connection:
        (kept,) = connection.scalars(PERSON.select().with_only_columns(PERSON.c.name)).all()
    assert kept == f" {person.id}"
    _, id_ = key(database, kept)
    assert {one.person for one in database.credentials.all() if one.id == id_} == {str(person.id)}

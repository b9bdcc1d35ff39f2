import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.adapters.db import Database, credentials, engine, open_database
from service.adapters.db.caller_tables import ORGANISATION, PERSON
from service.adapters.db.credentials import VERSION_FILE, SqlCredentials
from service.adapters.db.tables import METADATA
from service.clock import DAY, HOUR
from service.errors import KeyExpired, KeyRevoked, NotThere, UnknownCaller
from service.names import LONGEST_NAME
from service.ports import RecordingRefused, StorageUnavailable
from service.records import Caller, IssuedCredential, Role
from service.usecases.audit import verify
from service.usecases.credentials import (
    KEY_PREFIX,
    CannotRotate,
    CredentialRefused,
    Holder,
    UnknownCredential,
    issue,
    issue_to,
    revoke,
    rotate,
    usual_purpose,
)
from tests.service.db.synthetic import FIRM, NOW, event, records


class Clock:
    """Seconds that pass when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("role", list(Role))
def test_a_key_of_every_role_identifies_its_caller(role: Role, database: Database) -> None:
    issued, key = issue(database.credentials, role, FIRM, person="A. Sample", now=NOW)
    caller = Caller(issued.id, role, FIRM, "A. Sample", purpose=usual_purpose(role))
    assert database.credentials.identify(key) == caller
    assert database.credentials.all() == [issued]


def test_a_key_is_long_random_and_recognised(database: Database) -> None:
    keys = {issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)[1] for _ in "ab"}
    assert len(keys) == 2
    assert {(key.startswith(KEY_PREFIX), len(key)) for key in keys} == {(True, 46)}


def test_a_key_counts_until_its_end_and_no_longer(database: Database, tmp_path: Path) -> None:
    issued, key = issue_to(
        database.credentials, Holder(Role.GUARD, FIRM), now=NOW, lasts=timedelta(hours=1)
    )
    assert issued.expires_at == NOW + HOUR
    now = NOW
    server = SqlCredentials(database._engine, tmp_path, Clock(), now=lambda: now)
    assert server.identify(key) == Caller(issued.id, Role.GUARD, FIRM, purpose="offences")
    now += HOUR - 1
    assert server.identify(key) is not None
    now += 1
    assert server.identify(key) is None
    assert type(server.refusal(key)) is KeyExpired
    assert database.credentials.all() == [issued]


def test_a_refusal_tells_unknown_from_revoked(database: Database) -> None:
    issued, key = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    revoke(database.credentials, issued.id, now=NOW)
    assert type(database.credentials.refusal(key)) is KeyRevoked
    assert type(database.credentials.refusal("pm_none")) is UnknownCaller


def test_a_rotated_key_counts_beside_the_new_one_until_the_overlap_is_over(
    database: Database, tmp_path: Path
) -> None:
    holder = Holder(Role.DISPATCH, FIRM, "A. Sample")
    issued, old = issue_to(database.credentials, holder, now=NOW, lasts=timedelta(days=9))
    now = NOW + DAY
    server = SqlCredentials(database._engine, tmp_path, Clock(), now=lambda: now)
    assert server.identify(old) is not None
    overlap = timedelta(hours=2)
    ending, new, key = rotate(database.credentials, issued.id, overlap=overlap, now=now)
    assert (ending.id, ending.expires_at) == (issued.id, now + 2 * HOUR)
    assert new == replace(issued, id=new.id, issued_at=now)
    assert {server.identify(each) for each in (old, key)} == {
        Caller(one.id, Role.DISPATCH, FIRM, "A. Sample", purpose="offences")
        for one in (issued, new)
    }
    now += 2 * HOUR
    assert server.identify(old) is None
    assert server.identify(key) is not None
    assert database.credentials.all() == [ending, new]
    with database.audit.rows() as rows:
        header = json.loads([*rows][-1].header)
    assert header["action"] == "credential-rotated"
    assert (header["credential"], header["replaces"]) == (new.id, issued.id)
    assert verify(database.audit).fault is None


def test_a_rotation_of_another_process_that_was_killed_is_seen_within_a_second(
    database: Database, tmp_path: Path
) -> None:
    clock = Clock()
    server = SqlCredentials(database._engine, tmp_path, clock)
    issued, old = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    assert server.identify(old) is not None
    (tmp_path / "elsewhere").mkdir()
    untold = SqlCredentials(database._engine, tmp_path / "elsewhere")
    _, _, new = rotate(untold, issued.id, overlap=timedelta(0), now=NOW)
    clock.now += 1
    assert (server.identify(old), server.identify(new) is None) == (None, False)


@pytest.mark.parametrize("overlap", [timedelta(0), timedelta(days=300)])
def test_an_overlap_makes_no_key_last_longer(overlap: timedelta, database: Database) -> None:
    end = NOW + HOUR
    holder, span = Holder(Role.GUARD, FIRM), timedelta(hours=1)
    issued, _ = issue_to(database.credentials, holder, now=NOW, lasts=span)
    longer = timedelta(days=30)
    ending, new, _ = rotate(database.credentials, issued.id, overlap=overlap, now=NOW, lasts=longer)
    assert ending.expires_at == (end if overlap else NOW)
    assert new.expires_at == NOW + 30 * DAY


def test_of_two_rotations_at_once_none_puts_off_the_end_that_the_other_gave(
    database: Database,
) -> None:
    issued, _ = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)

    class Late(SqlCredentials):
        """Somebody else rotates between the look and the writing."""

        def find(self, id_: str) -> IssuedCredential | None:
            found = super().find(id_)
            rotate(database.credentials, id_, overlap=timedelta(0), now=NOW)
            return found

    late = Late(database._engine, database.credentials._version_file.parent)
    with pytest.raises(CannotRotate, match="just now"):
        rotate(late, issued.id, overlap=timedelta(hours=9), now=NOW)
    assert [one.expires_at for one in database.credentials.all()] == [NOW, None]


def test_what_counts_no_more_cannot_be_rotated(database: Database) -> None:
    overlap = timedelta(0)
    with pytest.raises(UnknownCredential):
        rotate(database.credentials, "0000000000001", overlap=overlap, now=NOW)
    issued, _ = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    rotate(database.credentials, issued.id, overlap=overlap, now=NOW)
    with pytest.raises(CannotRotate, match="past its end"):
        rotate(database.credentials, issued.id, overlap=overlap, now=NOW)
    revoke(database.credentials, issued.id, now=NOW)
    with pytest.raises(CannotRotate, match="revoked"):
        rotate(database.credentials, issued.id, overlap=overlap, now=NOW)
    with pytest.raises(NotThere):
        database.credentials.replace(
            replace(issued, expires_at=NOW), issued, digest=bytes(32), event=event()
        )
    assert len(database.credentials.all()) == 2


def test_a_key_is_kept_nowhere(tmp_path: Path) -> None:
    with open_database(data=tmp_path) as database:
        _, key = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert FIRM.encode() in kept
    assert key.removeprefix(KEY_PREFIX).encode() not in kept


@pytest.mark.parametrize("key", ["", "pm_", "pm_" + "A" * 43, "é\u20ac"])
def test_an_unknown_key_is_nobody(key: str, database: Database) -> None:
    issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    assert database.credentials.identify(key) is None


def test_another_process_issues_and_revokes_in_force_at_the_next_request(
    database: Database, tmp_path: Path
) -> None:
    server = SqlCredentials(database._engine, tmp_path, Clock())
    assert server.identify("pm_none") is None
    with open_database(data=tmp_path) as command:
        issued, key = issue(command.credentials, Role.DISPATCH, FIRM, person=None, now=NOW)
        assert server.identify(key) is not None
        _, other = issue(command.credentials, Role.DISPATCH, FIRM, person=None, now=NOW)
        revoke(command.credentials, issued.id, now=NOW)
        assert server.identify(key) is None
        assert server.identify(other) is not None


@pytest.mark.parametrize("lost", ["never written", "deleted"])
def test_a_command_that_was_killed_before_it_told_is_seen_within_a_second(
    lost: str, database: Database, tmp_path: Path
) -> None:
    clock = Clock()
    server = SqlCredentials(database._engine, tmp_path, clock)
    issued, key = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    assert server.identify(key) is not None
    untold = SqlCredentials(database._engine, tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    if lost == "deleted":
        (tmp_path / VERSION_FILE).unlink()
        assert server.identify(key) is not None
    revoke(untold, issued.id, now=NOW)
    clock.now += 1
    assert server.identify(key) is None


def test_nothing_is_read_while_nothing_changes(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    server = SqlCredentials(database._engine, tmp_path, clock)
    _, key = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    caller = server.identify(key)
    clock.now += 1
    assert server.identify(key) is caller
    with engine.writing(database._engine) as connection:
        METADATA.drop_all(connection)
    assert server.identify(key) is caller
    clock.now += 1
    with pytest.raises(StorageUnavailable):
        server.identify(key)


def test_a_revoked_credential_stays_listed_with_the_time_it_was_first_revoked(
    database: Database,
) -> None:
    issued, _ = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    revoked = replace(issued, revoked_at=NOW + 1)
    assert revoke(database.credentials, issued.id, now=NOW + 1) == revoked
    assert revoke(database.credentials, issued.id, now=NOW + 2) == revoked
    assert database.credentials.all() == [revoked]


@pytest.mark.parametrize("id_", ["0000000000001", "not an id"])
def test_what_is_unknown_cannot_be_revoked(id_: str, database: Database) -> None:
    with pytest.raises(UnknownCredential, match="credential list"):
        revoke(database.credentials, id_, now=NOW)


def test_each_is_on_record_and_names_nobody_where_it_cannot_be_erased(database: Database) -> None:
    issued, key = issue(database.credentials, Role.GUARD, FIRM, person="A. Sample", now=NOW)
    revoke(database.credentials, issued.id, now=NOW)
    revoke(database.credentials, issued.id, now=NOW)
    with database.audit.rows() as rows:
        first, second = rows
    assert b'"action":"credential-issued"' in first.header
    assert b'"action":"credential-revoked"' in second.header
    assert b"Sample" not in first.header
    assert first.payload == b'{"person":"A. Sample"}'
    assert key.encode() not in first.header + first.payload
    assert verify(database.audit).fault is None


def test_many_keys_that_are_issued_unseen_are_all_known(database: Database, tmp_path: Path) -> None:
    server = SqlCredentials(database._engine, tmp_path, Clock())
    assert server.identify("pm_none") is None
    holders = [Holder(Role.GUARD, FIRM, f"Synthetic {number}") for number in range(4)]
    keys = [issue_to(database.credentials, one, now=NOW)[1] for one in holders]
    for most in (500, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(credentials, "_MOST_AT_ONCE", most)
            found = [server.identify(key) for key in keys]
        assert [one and one.person for one in found] == [one.person for one in holders]
        server = SqlCredentials(database._engine, tmp_path, Clock())


def test_names_are_made_known_once(database: Database) -> None:
    for firm, person in ((FIRM, "A"), (FIRM, "A"), (FIRM, "B"), ("Other", "A")):
        issue(database.credentials, Role.GUARD, firm, person=person, now=NOW)
    with engine.reading(database._engine) as connection:
        for table, count in ((ORGANISATION, 2), (PERSON, 3)):
            assert connection.scalar(select(func.count()).select_from(table)) == count


def test_bad_names_are_refused_with_every_fault(database: Database) -> None:
    person = "x" * LONGEST_NAME + "\x00"
    with pytest.raises(CredentialRefused) as refused:
        issue(database.credentials, Role.GUARD, " ", person=person, now=NOW)
    assert str(refused.value) == (
        "organisation is empty; person is longer than 200 characters; "
        "person holds characters that cannot be printed"
    )
    assert database.credentials.all() == []


def test_a_credential_that_is_there_already_is_refused_and_not_audited(
    database: Database,
) -> None:
    issued, _ = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    with pytest.raises(RecordingRefused):
        database.credentials.add(issued, bytes(32), event())
    assert records(database) == 1


def test_a_version_file_that_cannot_be_written_undoes_nothing(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / VERSION_FILE).mkdir()
    issued, key = issue(database.credentials, Role.GUARD, FIRM, person=None, now=NOW)
    assert database.credentials.all() == [issued]
    assert database.credentials.identify(key) is not None

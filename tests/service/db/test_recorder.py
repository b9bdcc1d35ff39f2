import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as events
from sqlalchemy import func, select

from service import ids
from service.adapters.db import Database, engine, open_database, recorder
from service.adapters.db.tables import ALERT, AUDIT, CLAIM, HIT, METADATA, SIGHTING
from service.ports import RecordingRefused, StorageUnavailable
from service.records import AuditEvent, Claimed, HitRecord, Recording, Role, SightingRecord
from service.spending import Spent
from service.usecases.audit import verify
from tests.service.db.synthetic import NOW, Maker, event, issue, unknown_organisation
from tests.service.disk import full_for

MICROSECONDS = st.integers(0, 2**62)
SHORT = st.text(min_size=1, max_size=20)
TEXT = st.text(max_size=10)

SEVEN_DAYS = 7 * 24 * 60 * 60 * 1_000_000


def counts(database: Database) -> dict[str, int]:
    """How many rows each table holds that a sighting writes to."""
    with engine.reading(database._engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (SIGHTING, HIT, ALERT, CLAIM, AUDIT)
        }


async def record_together(
    database: Database, recordings: Sequence[Recording]
) -> list[Claimed | Spent | BaseException | None]:
    """Record all at once; what each came to, errors included."""
    recorded = (database.recorder.record(recording) for recording in recordings)
    return await asyncio.gather(*recorded, return_exceptions=True)


@contextmanager
def commits(database: Database) -> Iterator[list[str]]:
    """The names of the threads that committed meanwhile, one each time."""
    seen: list[str] = []
    events.listen(
        database._engine, "commit", lambda _: seen.append(threading.current_thread().name)
    )
    yield seen


class TestWhatIsRecordedIsThere:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        texts=st.tuples(SHORT, SHORT, TEXT, TEXT),
        times=st.tuples(MICROSECONDS, MICROSECONDS),
        bodies=st.tuples(st.binary(max_size=50), st.binary(max_size=50)),
        place=st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
        confidence=st.floats(0, 1),
        categories=st.lists(st.sampled_from(["robbery", "drugs", "fines"]), max_size=4),
    )
    def test_field_by_field(
        self,
        maker: Maker,
        database: Database,
        *,
        texts: tuple[str, str, str, str],
        times: tuple[int, int],
        bodies: tuple[bytes, bytes],
        place: tuple[float, float] | None,
        confidence: float,
        categories: list[str],
    ) -> None:
        latitude, longitude = place or (None, None)
        made = maker.sighting()
        sighting = replace(
            made,
            received_at=times[0],
            seen_at=times[1],
            source=texts[0],
            purpose=texts[1],
            list_version=texts[2],
            model_version=texts[3],
            request=bodies[0],
            answer=bodies[1],
            categories=None if len(categories) > 3 else frozenset(categories),
            latitude=latitude,
            longitude=longitude,
        )
        hit = replace(
            maker.hit(made),
            received_at=times[0],
            seen_at=times[1],
            plate=texts[0][:10],
            categories=tuple(categories),
            disposition=texts[1],
            confidence=confidence,
            document=bodies[0],
        )

        async def story() -> tuple[SightingRecord | None, HitRecord | None]:
            await database.recorder.record(Recording(sighting, (hit,), (), event()))
            history = database.history
            return await history.sighting(sighting.id), await history.hit(hit.id)

        assert asyncio.run(story()) == (sighting, hit)

    def test_with_its_alerts_and_one_audit_record(self, maker: Maker, database: Database) -> None:
        before = counts(database)["audit"]
        asyncio.run(database.recorder.record(maker.recording(hits=3)))
        assert counts(database) == {
            "sighting": 1, "hit": 3, "alert": 3, "claim": 0, "audit": before + 1
        }  # fmt: skip
        assert verify(database.audit).fault is None

    def test_an_event_alone(self, database: Database) -> None:
        asyncio.run(database.recorder.audit(AuditEvent(NOW, "looked", {"hit": "x"}, {"n": "é"})))
        with database.audit.rows() as rows:
            (row,) = rows
        assert (row.seq, row.prev) == (1, bytes(32))
        assert row.header == b'{"action":"looked","at":%d,"hit":"x"}' % NOW
        assert row.payload == '{"n":"é"}'.encode()

    def test_an_event_that_is_no_json_records_nothing(
        self, maker: Maker, database: Database
    ) -> None:
        before = counts(database)
        bad = replace(maker.recording(), audit=event(read=object()))
        with pytest.raises(TypeError):
            asyncio.run(database.recorder.record(bad))
        assert counts(database) == before


class TestGroups:
    def test_what_arrives_together_is_committed_together_off_the_loop(
        self, maker: Maker, database: Database
    ) -> None:
        recordings = [maker.recording() for _ in range(100)]
        with commits(database) as threads:
            assert asyncio.run(record_together(database, recordings)) == [None] * 100
        assert threads == ["commit_0"]
        assert counts(database)["sighting"] == 100

    def test_what_arrives_during_a_commit_is_the_next_group(
        self, maker: Maker, database: Database
    ) -> None:
        async def story() -> None:
            first = asyncio.create_task(database.recorder.record(maker.recording()))
            while not database.recorder._groups:  # noqa: ASYNC110 - a turn of the loop, no more
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            await record_together(database, [maker.recording() for _ in range(20)])
            await first

        with commits(database) as threads:
            asyncio.run(story())
        assert len(threads) == 2
        assert counts(database)["sighting"] == 21

    def test_a_group_has_a_largest_size(self, maker: Maker, database: Database) -> None:
        recordings = [maker.recording(hits=0) for _ in range(2 * recorder.LARGEST_GROUP + 1)]
        with commits(database) as threads:
            asyncio.run(record_together(database, recordings))
        assert len(threads) == 3
        assert counts(database)["sighting"] == len(recordings)

    def test_one_that_is_refused_fails_alone_and_wholly(
        self, maker: Maker, database: Database
    ) -> None:
        good = [maker.recording() for _ in range(3)]
        same_id = replace(maker.recording(), sighting=good[0].sighting)
        nobody = unknown_organisation(maker.recording(key="unused"))
        too_late = replace(maker.recording(), sighting=replace(maker.sighting(), received_at=2**70))
        before = counts(database)["audit"]
        outcomes = asyncio.run(
            record_together(database, [good[0], nobody, good[1], too_late, same_id, good[2]])
        )
        kinds = [type(outcome) for outcome in outcomes]
        refused, fine = RecordingRefused, type(None)
        assert kinds == [fine, refused, fine, refused, refused, fine]
        assert counts(database) == {
            "sighting": 3, "hit": 3, "alert": 3, "claim": 0, "audit": before + 3
        }  # fmt: skip
        assert verify(database.audit).fault is None

    @pytest.mark.parametrize("source", ["\ud800", object()])
    def test_one_that_cannot_be_written_fails_alone(
        self, maker: Maker, database: Database, source: str
    ) -> None:
        bad, good = maker.recording(), maker.recording()
        bad = replace(bad, sighting=replace(bad.sighting, source=source))
        outcomes = asyncio.run(record_together(database, [bad, good]))
        assert isinstance(outcomes[0], RecordingRefused)
        assert outcomes[1] is None

    def test_an_error_nobody_foresaw_keeps_no_lock(self, maker: Maker, database: Database) -> None:
        bad = replace(maker.recording(), hits=cast("tuple[HitRecord, ...]", (None,)))
        outcomes = asyncio.run(record_together(database, [bad]))
        assert isinstance(outcomes[0], StorageUnavailable)
        issue(database)
        assert asyncio.run(record_together(database, [maker.recording()])) == [None]

    def test_one_of_an_unknown_credential_is_refused(
        self, maker: Maker, database: Database
    ) -> None:
        stranger = Maker(replace(maker.credential, id=ids.to_text(5)))
        with pytest.raises(RecordingRefused, match="FOREIGN KEY"):
            asyncio.run(database.recorder.record(stranger.recording()))

    def test_who_goes_away_while_waiting_spoils_nothing(
        self, maker: Maker, database: Database
    ) -> None:
        async def story() -> None:
            gone = asyncio.create_task(database.recorder.record(maker.recording()))
            stays = asyncio.create_task(database.recorder.record(maker.recording()))
            await asyncio.sleep(0)
            gone.cancel()
            await stays

        asyncio.run(story())
        assert counts(database)["sighting"] == 2

    def test_alerts_are_numbered_in_the_order_of_commits_whatever_their_ids(
        self, maker: Maker, database: Database
    ) -> None:
        older, newer = maker.recording(), maker.recording()

        async def story() -> None:
            await database.recorder.record(newer)
            await database.recorder.record(older)

        asyncio.run(story())
        with engine.reading(database._engine) as connection:
            told = connection.execute(select(ALERT.c.hit).order_by(ALERT.c.number)).scalars().all()
        assert told == [newer.hits[0].id, older.hits[0].id]


class TestClaims:
    def test_a_key_stands_for_its_first_sighting(self, maker: Maker, database: Database) -> None:
        first, again = maker.recording(key="k", digest=b"1"), maker.recording(key="k", digest=b"2")

        async def story() -> list[Claimed | Spent | None]:
            record = database.recorder.record
            claimed = await database.history.claimed(maker.claim("k"), NOW)
            return [claimed, await record(first), await record(again)]

        taken = Claimed(first.sighting.id, b"1")
        assert asyncio.run(story()) == [None, None, taken]
        for digest in (b"1", b"2"):
            claim = maker.claim("k", digest)
            assert asyncio.run(database.history.claimed(claim, NOW)) == taken
            assert asyncio.run(database.history.claimed(claim, NOW + 1)) is None
        assert counts(database)["sighting"] == 1

    def test_two_at_once_make_one_sighting_and_one_audit_record(
        self, maker: Maker, database: Database
    ) -> None:
        before = counts(database)["audit"]
        twins = [maker.recording(key="k"), maker.recording(key="k")]
        outcomes = asyncio.run(record_together(database, twins))
        assert outcomes == [None, Claimed(twins[0].sighting.id, b"body")]
        assert counts(database) == {
            "sighting": 1, "hit": 1, "alert": 1, "claim": 1, "audit": before + 1
        }  # fmt: skip

    @pytest.mark.parametrize("together", [True, False])
    def test_one_body_claims_place_by_place_and_another_body_nothing(
        self, maker: Maker, database: Database, *, together: bool
    ) -> None:
        first = [maker.recording(key="k", place=place) for place in (0, 2)]
        again = [maker.recording(key="k", place=place) for place in (0, 1)]
        other = [maker.recording(key="k", digest=b"other", place=place) for place in (2, 3)]

        async def story() -> list[Claimed | Spent | BaseException | None]:
            if together:
                return await record_together(database, [*first, *again, *other])
            record = database.recorder.record
            return [await record(one) for one in (*first, *again, *other)]

        taken = Claimed(first[0].sighting.id, b"body")
        *outcomes, third, fourth = asyncio.run(story())
        assert outcomes == [None, None, taken, None]
        assert isinstance(third, Claimed)
        assert third.digest == b"body"
        assert fourth == third
        assert counts(database)["sighting"] == 3
        claimed = database.history.claimed(maker.claim("k", b"other", place=9), 0)
        standing = asyncio.run(claimed)
        assert standing is not None
        assert standing.digest == b"body"

    def test_another_credential_has_keys_of_its_own(self, maker: Maker, database: Database) -> None:
        other = Maker(issue(database, Role.DISPATCH))
        both = [maker.recording(key="k"), other.recording(key="k")]
        assert asyncio.run(record_together(database, both)) == [None, None]

    @pytest.mark.parametrize(("age", "free"), [(SEVEN_DAYS, False), (SEVEN_DAYS + 1, True)])
    def test_after_seven_days_a_key_is_free_again(
        self, maker: Maker, database: Database, *, age: int, free: bool
    ) -> None:
        old, new = maker.recording(key="k"), maker.recording(key="k", at=NOW + age)

        async def story() -> Claimed | None:
            await database.recorder.record(old)
            await database.recorder.record(new)
            return await database.history.claimed(maker.claim("k"), 0)

        stands_for = new if free else old
        assert asyncio.run(story()) == Claimed(stands_for.sighting.id, b"body")

    def test_a_refused_recording_leaves_its_key_unused(
        self, maker: Maker, database: Database
    ) -> None:
        refused = unknown_organisation(maker.recording(key="k"))
        good = maker.recording(key="k")
        outcomes = asyncio.run(record_together(database, [refused, good]))
        assert isinstance(outcomes[0], RecordingRefused)
        assert outcomes[1] is None


class TestWhenTheDatabaseIsBusyOrFails:
    def test_the_loop_goes_on_while_another_process_holds_the_lock(
        self, maker: Maker, database: Database, tmp_path: Path
    ) -> None:
        other = sqlite3.connect(tmp_path / "plate-match.sqlite", isolation_level=None)

        async def story() -> None:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(database.recorder.record(maker.recording()))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            other.execute("ROLLBACK")
            await waiting

        asyncio.run(story())
        other.close()
        assert counts(database)["sighting"] == 1

    def test_a_lock_that_is_not_let_go_is_told_and_the_next_try_works(
        self,
        maker: Maker,
        database: Database,
        tmp_path: Path,
        *,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(recorder, "PATIENCE_MILLISECONDS", 10)
        other = sqlite3.connect(tmp_path / "plate-match.sqlite", isolation_level=None)

        async def story() -> list[Claimed | Spent | BaseException | None]:
            other.execute("BEGIN IMMEDIATE")
            outcomes = await record_together(database, [maker.recording(), maker.recording()])
            other.execute("ROLLBACK")
            return [*outcomes, await database.recorder.record(maker.recording())]

        first, second, third = asyncio.run(story())
        other.close()
        assert isinstance(first, StorageUnavailable)
        assert isinstance(second, StorageUnavailable)
        assert third is None
        assert counts(database)["sighting"] == 1

    def test_a_full_disk_is_told_to_everyone_and_leaves_nothing(
        self, maker: Maker, database: Database
    ) -> None:
        large = [
            replace(each, sighting=replace(each.sighting, answer=bytes(100_000)))
            for each in (maker.recording(), maker.recording(), maker.recording())
        ]
        before = counts(database)

        async def story() -> list[Claimed | Spent | BaseException | None]:
            database.recorder._connect().exec_driver_sql("PRAGMA max_page_count = 60")
            return await record_together(database, large)

        outcomes = asyncio.run(story())
        assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 3
        assert "full" in str(outcomes[0])
        assert counts(database) == before
        assert asyncio.run(record_together(database, large)) == [None] * 3
        assert verify(database.audit).fault is None

    def test_a_recorder_that_is_stopped_leaves_nobody_waiting(
        self, maker: Maker, database: Database, tmp_path: Path
    ) -> None:
        other = sqlite3.connect(tmp_path / "plate-match.sqlite", isolation_level=None)

        async def story() -> None:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(database.recorder.record(maker.recording()))
            await asyncio.sleep(0.02)
            assert database.recorder._groups is not None
            database.recorder._groups.cancel()
            with pytest.raises(StorageUnavailable, match="stopped"):
                await waiting
            other.execute("ROLLBACK")

        asyncio.run(story())
        other.close()
        database.recorder._thread.shutdown()
        assert counts(database)["sighting"] == 0


class TestClosing:
    def test_what_waits_is_committed_and_what_comes_later_refused(self, tmp_path: Path) -> None:
        async def story() -> None:
            database = open_database(data=tmp_path)
            maker = Maker(issue(database))
            waiting = [
                asyncio.create_task(database.recorder.record(maker.recording())) for _ in range(9)
            ]
            await asyncio.sleep(0)
            await database.close()
            with pytest.raises(StorageUnavailable, match="closed"):
                await database.recorder.audit(event())
            assert await asyncio.gather(*waiting) == [None] * 9

        asyncio.run(story())
        with open_database(data=tmp_path) as again:
            assert counts(again)["sighting"] == 9

    def test_a_database_that_recorded_nothing_closes_too(self, tmp_path: Path) -> None:
        async def story() -> None:
            database = open_database(data=tmp_path)
            await database.ping()
            await database.close()

        asyncio.run(story())

    def test_a_ping_tells_when_the_tables_cannot_be_read(self, database: Database) -> None:
        with engine.writing(database._engine) as connection:
            METADATA.drop_all(connection)
        with pytest.raises(StorageUnavailable):
            asyncio.run(database.ping())

    def test_it_is_not_well_until_it_can_write_again(
        self, tmp_path: Path, maker: Maker, database: Database
    ) -> None:
        async def story() -> None:
            await database.recorder.record(maker.recording())
            with full_for(tmp_path / "plate-match.sqlite-wal"):
                await database.ping()  # nobody knows yet
                with pytest.raises(StorageUnavailable):
                    await database.recorder.record(maker.recording())
                with pytest.raises(StorageUnavailable):
                    await database.ping()
            await database.ping()
            assert database.recorder.failing
            await database.recorder.record(maker.recording())
            assert not database.recorder.failing

        asyncio.run(story())
        assert counts(database)["sighting"] == 2

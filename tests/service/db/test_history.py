import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from service import ids
from service.adapters.db import Database, engine, open_database
from service.adapters.db.caller_tables import CREDENTIAL
from service.adapters.db.tables import JUDGEMENT, METADATA
from service.ports import StorageUnavailable
from service.queries import HitQuery
from service.records import Claim, HitRecord, Recording, SightingRecord
from tests.service.db.synthetic import NOW, Maker, event, issue

PLATES = ("8XKV41", "12ABC3", "GV123B")
CATEGORIES = ("robbery", "drugs", "fines")
DISPOSITIONS = ("alert", "show", "withhold")
FIRMS = ("Synthetic North", "Synthetic South")
IDENTITIES = ("this-vehicle", "misread")
DEGREES = (-170.0, -10.0, 0.0, 5.0, 175.0)


@dataclass(frozen=True)
class Known:
    """A hit with what else a query may ask of it."""

    hit: HitRecord
    sighting: SightingRecord
    judgements: tuple[str, ...]


def known_hits(maker: Maker, firm: int) -> Iterator[Known]:
    """Thirty different hits of one firm."""
    for number in range(30):
        seen_at = NOW + number % 7
        place = (DEGREES[number % 5] / 2, DEGREES[number // 5 % 5]) if number % 4 else (None, None)
        sighting = replace(
            maker.sighting(NOW + number), seen_at=seen_at, latitude=place[0], longitude=place[1]
        )
        hit = replace(
            maker.hit(sighting),
            seen_at=seen_at,
            plate=PLATES[number % 3],
            categories=tuple(CATEGORIES[: number % 4]),
            disposition=DISPOSITIONS[number // 3 % 3],
            confidence=number % 11 / 10,
        )
        yield Known(hit, sighting, IDENTITIES[: (number + firm) % 3])


def fill(database: Database) -> list[Known]:
    """Record hits of two firms and judge some; returned newest first."""
    known: list[Known] = []
    for firm, name in enumerate(FIRMS):
        known += known_hits(Maker(issue(database, organisation=name)), firm)

    async def record_all() -> None:
        for each in known:
            await database.recorder.record(Recording(each.sighting, (each.hit,), (), event()))

    asyncio.run(record_all())
    numbers = itertools.count(1)
    with engine.writing(database._engine) as connection:
        for each in known:
            for identity in each.judgements:
                judge(connection, each.hit.id, number=next(numbers), identity=identity)
    return sorted(known, key=lambda each: each.hit.id, reverse=True)


def judge(connection: Connection, hit: int, *, number: int, identity: str) -> None:
    """Write a judgement, of whoever there is."""
    someone = connection.execute(select(CREDENTIAL.c.id, CREDENTIAL.c.organisation)).first()
    assert someone is not None
    connection.execute(
        insert(JUDGEMENT).values(
            id=number,
            hit=hit,
            organisation=someone.organisation,
            credential=someone.id,
            judged_at=NOW,
            identity=identity,
            outcome="stopped",
            entry_fault="none",
            note="",
        )
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, list[Known]]]:
    """A database of sixty hits, and the same hits for the twin to look through."""
    database = open_database(data=tmp_path_factory.mktemp("history"))
    yield database, fill(database)
    asyncio.run(database.close())


def inside(sighting: SightingRecord, area: tuple[float, float, float, float]) -> bool:
    """Whether a sighting has a place, and it lies in the area."""
    south, west, north, east = area
    if sighting.latitude is None or sighting.longitude is None:
        return False
    if west <= east:
        around = west <= sighting.longitude <= east
    else:
        around = sighting.longitude >= west or sighting.longitude <= east
    return around and south <= sighting.latitude <= north


def fits(known: Known, query: HitQuery) -> bool:
    """The plain twin of every filter."""
    hit = known.hit
    return all(
        (
            query.plate in (None, hit.plate),
            query.seen_from is None or hit.seen_at >= query.seen_from,
            query.seen_to is None or hit.seen_at < query.seen_to,
            query.category is None or query.category in hit.categories,
            query.disposition in (None, hit.disposition),
            query.min_confidence is None or hit.confidence >= query.min_confidence,
            query.organisation in (None, hit.organisation),
            query.area is None or inside(known.sighting, query.area),
            query.judgement is None or query.judgement in known.judgements,
            query.before is None or hit.id < query.before,
        )
    )


QUERIES = st.builds(
    HitQuery,
    plate=st.none() | st.sampled_from((*PLATES, "none")),
    seen_from=st.none() | st.integers(NOW - 1, NOW + 8),
    seen_to=st.none() | st.integers(NOW - 1, NOW + 8),
    category=st.none() | st.sampled_from((*CATEGORIES, "rob", "robbery drugs")),
    disposition=st.none() | st.sampled_from(DISPOSITIONS),
    min_confidence=st.none() | st.sampled_from((0.0, 0.3, 0.5, 1.0)),
    organisation=st.none() | st.sampled_from((*FIRMS, "Nobody")),
    area=st.none() | st.tuples(*[st.sampled_from((*DEGREES, 90.0))] * 4),
    judgement=st.none() | st.sampled_from((*IDENTITIES, "unknown")),
    limit=st.integers(1, 70),
)


@given(query=QUERIES)
def test_a_search_finds_what_its_plain_twin_finds_newest_first(
    filled: tuple[Database, list[Known]], query: HitQuery
) -> None:
    database, known = filled
    expected = [each.hit for each in known if fits(each, query)][: query.limit]
    assert asyncio.run(database.history.hits(query)) == expected


@given(query=QUERIES, size=st.integers(1, 20))
def test_pages_make_the_whole(
    filled: tuple[Database, list[Known]], query: HitQuery, size: int
) -> None:
    database, known = filled

    async def pages() -> Sequence[HitRecord]:
        found: list[HitRecord] = []
        page = await database.history.hits(replace(query, limit=size))
        while page:
            found += page
            after = replace(query, limit=size, before=page[-1].id)
            page = await database.history.hits(after)
        return found

    assert asyncio.run(pages()) == [each.hit for each in known if fits(each, query)]


def test_every_filter_can_leave_something_out(filled: tuple[Database, list[Known]]) -> None:
    database, known = filled
    for query in (
        HitQuery(plate=PLATES[0], limit=200),
        HitQuery(seen_from=NOW + 3, limit=200),
        HitQuery(seen_to=NOW + 3, limit=200),
        HitQuery(category="fines", limit=200),
        HitQuery(disposition="show", limit=200),
        HitQuery(min_confidence=0.5, limit=200),
        HitQuery(organisation=FIRMS[0], limit=200),
        HitQuery(area=(-90, 170, 90, -160), limit=200),
        HitQuery(judgement="misread", limit=200),
    ):
        assert 0 < len(asyncio.run(database.history.hits(query))) < len(known)


def test_what_arrives_while_somebody_pages_does_not_disturb_the_pages(
    maker: Maker, database: Database
) -> None:
    recordings = [maker.recording() for _ in range(4)]

    async def story() -> tuple[Sequence[HitRecord], Sequence[HitRecord]]:
        for recording in recordings:
            await database.recorder.record(recording)
        first = await database.history.hits(HitQuery(limit=2))
        await database.recorder.record(maker.recording())
        return first, await database.history.hits(HitQuery(limit=2, before=first[-1].id))

    first, second = asyncio.run(story())
    newest_first = [recording.hits[0] for recording in reversed(recordings)]
    assert [*first, *second] == newest_first


def test_what_is_unknown_is_none(database: Database) -> None:
    history = database.history
    assert asyncio.run(history.sighting(1)) is None
    assert asyncio.run(history.hit(1)) is None
    assert asyncio.run(history.claimed(Claim(ids.to_text(1), "k", b"body"), 0)) is None
    assert asyncio.run(history.hits(HitQuery())) == []


def test_a_history_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with open_database(data=tmp_path) as database:
        with engine.writing(database._engine) as connection:
            METADATA.drop_all(connection)
        with pytest.raises(StorageUnavailable):
            asyncio.run(database.history.hits(HitQuery(plate="8XKV41")))

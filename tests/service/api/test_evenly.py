"""How long an answer takes tells a guard nothing of what is hidden. All plates are synthetic."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from starlette.testclient import TestClient

from service import clock
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.api import batches, evenly, sightings
from service.api.evenly import even_steps
from service.app import create_app
from service.feed_records import Offer
from service.settings import Settings
from service.usecases.load_hotlist import LoadHotlist
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, sighting
from tests.service.api.test_stand_down import soon

OPEN: dict[str, object] = {"plate": "GV123B", "reference": "SYN-3", "category": "robbery"}
FOR_OTHERS: dict[str, object] = {**OPEN, "plate": "8XKV41", "partners": ["Synthetic East"]}
HIDDEN: dict[str, object] = {**OPEN, "plate": "8XKV41", "dissemination": "dispatch-only"}


@pytest.mark.parametrize(("took", "steps"), [(0.0, 1), (0.3, 1), (1.4, 2), (2.6, 3)])
def test_an_answer_comes_at_the_end_of_its_step(
    monkeypatch: pytest.MonkeyPatch, took: float, steps: int
) -> None:
    monkeypatch.setattr(evenly, "STEP", 0.05)

    async def answered() -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        step_ends = even_steps(2, needed=True)
        await asyncio.sleep(took * 0.1)
        await step_ends()
        return (loop.time() - begun) / 0.1

    assert steps - 0.01 <= asyncio.run(answered())


def test_where_nothing_is_hidden_nobody_waits() -> None:
    async def answered() -> None:
        await even_steps(needed=False)()

    asyncio.run(answered())


@pytest.fixture(
    params=[(OPEN,), (OPEN, HIDDEN), (OPEN, FOR_OTHERS)], ids=["open", "hidden", "for-others"]
)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path, request.param)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def test_guards_wait_where_there_is_anything_to_hide_and_nobody_else_does(
    desk: Harness, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    counted: list[tuple[int, bool]] = []

    waited = AsyncMock()

    def counting(many: int = 1, *, needed: bool) -> AsyncMock:
        counted.append((many, needed))
        return waited

    for module in (sightings, batches):
        monkeypatch.setattr(module, "even_steps", counting)
    hides = "[open]" not in request.node.name
    desk.report("dispatch", read="8XKV41")
    desk.report(read="8XKV41")
    desk.post("/v1/sightings/batch", {"sightings": [sighting(read="8XKV41")] * 3})
    assert counted == [(1, False), (1, hides), (3, hides)]
    assert waited.await_count == 3


def test_a_guard_counts_what_guards_may_know(desk: Harness, request: pytest.FixtureRequest) -> None:
    hides = "[open]" not in request.node.name
    told = {role: desk.get("/v1/hotlist", role).json() for role in ("guard", "dispatch")}
    assert told["guard"]["entries"] == 1
    assert [feed["entries"] for feed in told["guard"]["feeds"]] == [1]
    assert told["dispatch"]["entries"] == 1 + hides
    assert [feed["entries"] for feed in told["dispatch"]["feeds"]] == [1 + hides]


def test_a_hidden_entry_that_is_put_in_counts_for_others_alone(desk: Harness) -> None:
    before = desk.get("/v1/hotlist", "dispatch").json()["entries"]
    end = clock.to_text(clock.now() + clock.HOUR)
    entry = {**HIDDEN, "plate": "TVRK42", "validUntil": end, "purpose": "offences"}
    more = {"legalGround": "synthetic", "owner": "synthetic unit", "contact": "synthetic desk"}
    assert desk.post("/v1/entries", {**entry, **more}, "dispatch").status_code == 201
    assert soon(lambda: desk.get("/v1/hotlist", "dispatch").json()["entries"] == before + 1)
    assert desk.get("/v1/hotlist").json()["entries"] == 1


def test_whatever_a_guard_asks_is_answered_at_even_steps(
    desk: Harness, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    hides = "[open]" not in request.node.name
    waited = AsyncMock()
    needs = []

    def counting(*, needed: bool) -> AsyncMock:
        needs.append(needed)
        return waited

    monkeypatch.setattr("service.api.edge.even_steps", counting)
    desk.get("/v1/hotlist")
    desk.get("/v1/sightings/0000000000000")
    desk.post("/v1/sightings", {})
    desk.post("/v1/hits/search", {})
    assert (needs, waited.await_count) == ([hides] * 4, 4)
    desk.report(read="8XKV41")
    assert waited.await_count == 4
    desk.get("/v1/hotlist", "dispatch")
    assert needs[-1] is False


def test_a_feed_of_which_a_guard_may_know_nothing_is_not_there_for_guards(
    desk: Harness, tmp_path: Path
) -> None:
    with open_database(data=tmp_path) as database:
        file = tmp_path / "undercover.jsonl"
        file.write_text(json.dumps({**HIDDEN, "plate": "TVRK42"}) + "\n", encoding="utf-8")
        loading = LoadHotlist(HotlistFiles(tmp_path / "hotlist"), database.feed_history)
        loading.load(Offer(file), "undercover", now=clock.now())
    assert soon(lambda: len(desk.get("/v1/hotlist", "dispatch").json()["feeds"]) == 2)
    assert [one["name"] for one in desk.get("/v1/hotlist").json()["feeds"]] == ["synthetic"]

"""How long an answer takes tells a guard nothing of what is hidden. All plates are synthetic."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest
from starlette.testclient import TestClient

from service import clock
from service.api import batches, evenly, sightings
from service.api.evenly import STEP, until_step
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, sighting
from tests.service.api.test_stand_down import soon

OPEN: dict[str, object] = {"plate": "GV123B", "reference": "SYN-3", "category": "robbery"}
HIDDEN: dict[str, object] = {**OPEN, "plate": "8XKV41", "dissemination": "dispatch-only"}


@pytest.mark.parametrize(
    ("passed", "sightings", "waits"),
    [(0.0, 1, STEP), (0.004, 1, STEP - 0.004), (STEP, 1, STEP), (0.04, 3, 3 * STEP - 0.04)],
)
def test_an_answer_waits_for_the_end_of_its_step(
    monkeypatch: pytest.MonkeyPatch, passed: float, sightings: int, waits: float
) -> None:
    slept = AsyncMock()
    loop = Mock(**{"time.return_value": 100.0 + passed})
    monkeypatch.setattr(evenly, "asyncio", Mock(get_running_loop=lambda: loop, sleep=slept))
    asyncio.run(until_step(100.0, sightings))
    assert slept.await_args is not None
    assert slept.await_args.args[0] == pytest.approx(waits)


@pytest.fixture(params=[(OPEN,), (OPEN, HIDDEN)], ids=["open", "hidden"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path, request.param)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def test_guards_wait_where_there_is_anything_to_hide_and_nobody_else_does(
    desk: Harness, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    waited = AsyncMock()
    for module in (sightings, batches):
        monkeypatch.setattr(module, "until_step", waited)
    hides = "hidden" in request.node.name
    desk.report("dispatch", read="8XKV41")
    assert waited.await_count == 0
    desk.report(read="8XKV41")
    assert waited.await_count == hides
    desk.post("/v1/sightings/batch", {"sightings": [sighting(read="8XKV41")] * 3})
    assert waited.await_count == 2 * hides
    if hides:
        assert waited.await_args is not None
        assert waited.await_args.args[1] == 3


def test_a_guard_counts_what_guards_may_know(desk: Harness, request: pytest.FixtureRequest) -> None:
    hides = "hidden" in request.node.name
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

"""Guards of each firm are answered over what their firm may know. All plates are synthetic."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from plate_match.audience import Audience
from plate_match.lists import Lists
from service.adapters.db import open_database
from service.api.sighting_checks import report_of_request
from service.clock import now
from service.lifespan import running
from service.records import Caller, Role
from service.settings import Settings
from service.state import State
from service.usecases.credentials import issue
from tests.service.api.conftest import UNLIMITED, load
from tests.service.usecases.test_report_sighting import seen

EAST, WEST, NORTH = "Synthetic East", "Synthetic West", "Synthetic North"
ROWS: tuple[dict[str, object], ...] = (
    {"reference": "SYN-1", "category": "robbery"},
    {
        "plate": "8XKV41",
        "reference": "SYN-2",
        "category": "burglary",
        "partners": [EAST],
        "purpose": "offences",
    },
    {
        "plate": "8XKV41",
        "reference": "SYN-3",
        "category": "robbery",
        "partners": [EAST, WEST],
        "purpose": "assistance",
    },
    {"reference": "SYN-4", "partners": [EAST], "dissemination": "dispatch-only"},
)


def among(data: Path, story: Callable[[State, dict[str, Caller]], Awaitable[None]]) -> None:
    """Run a service in which a guard of each of three firms, and dispatch, may call."""
    load(data, tuple({"plate": "8XKV41", **row} for row in ROWS))
    named = dict.fromkeys((EAST, WEST, NORTH), Role.GUARD) | {"room": Role.DISPATCH}
    with open_database(data=data) as database:
        keys = {
            name: issue(database.credentials, role, name, person=None, now=now())[1]
            for name, role in named.items()
        }

    async def told() -> None:
        async with running(Settings(data=data, **UNLIMITED), report_of_request) as state:
            callers = {name: state.credentials.identify(key) for name, key in keys.items()}
            await story(state, {n: one for n, one in callers.items() if isinstance(one, Caller)})

    asyncio.run(told())


async def answered(state: State, caller: Caller) -> dict[str, Any]:
    reported = await state.report_sighting(caller, seen("8XKV41"))
    document: dict[str, Any] = json.loads(reported.answer)
    return document


def references(answer: dict[str, Any]) -> list[str]:
    return [entry["reference"] for hit in answer["hits"] for entry in hit["entries"]]


def test_each_is_answered_over_what_its_firm_may_know_and_a_replay_too(tmp_path: Path) -> None:
    async def story(state: State, callers: dict[str, Caller]) -> None:
        robbery = frozenset({"robbery"})
        expected: tuple[tuple[Caller, list[str]], ...] = (
            (callers[NORTH], ["SYN-1"]),
            (callers[WEST], ["SYN-1", "SYN-3"]),
            (callers[EAST], ["SYN-1", "SYN-2", "SYN-3"]),
            (replace(callers[EAST], categories=robbery), ["SYN-1", "SYN-3"]),
            (replace(callers[EAST], categories=frozenset()), []),
            (replace(callers[EAST], purposes=frozenset({"offences"})), ["SYN-1", "SYN-2"]),
            (callers["room"], ["SYN-1", "SYN-2", "SYN-3", "SYN-4"]),
        )
        for caller, told in expected:
            answer = await answered(state, caller)
            assert references(answer) == told
            again = await state.replay_sighting(callers["room"], answer["id"])
            assert (again.why, again.differences) == (None, ())
            assert state.report_sighting.hides_from(caller) is (caller != callers["room"])

    among(tmp_path, story)


def test_while_the_list_of_one_firm_is_made_all_others_are_answered(tmp_path: Path) -> None:
    async def story(state: State, callers: dict[str, Caller]) -> None:
        snapshot = state.report_sighting.current.get()
        assert snapshot is not None
        lists, go_on = snapshot.matcher.lists, Event()
        east = lists.told(Audience(EAST))

        def slow(told: bytes) -> Any:
            assert told != east or go_on.wait(10)
            return lists.of_circles(told)

        matcher = replace(snapshot.matcher, lists=Lists(lists.circles, slow))
        state.report_sighting.current.swap(replace(snapshot, matcher=matcher))
        waiting = [asyncio.create_task(answered(state, callers[EAST])) for _ in range(40)]
        for name in (WEST, NORTH, "room"):
            assert references(await answered(state, callers[name]))
        assert not any(task.done() for task in waiting)
        waiting.pop().cancel()
        await asyncio.sleep(0)
        go_on.set()
        for answer in await asyncio.gather(*waiting):
            assert references(answer) == ["SYN-1", "SYN-2", "SYN-3"]

    among(tmp_path, story)

import asyncio
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plate_match.report import Look, Report, read_of
from service import clock, ids
from service.api.sighting_checks import report_of_request
from service.errors import KeyReused
from service.lifespan import running
from service.records import Caller
from service.settings import Settings
from service.usecases.report_sighting import Key, Reported
from service.usecases.write_down import Sighting
from tests.service.api.conftest import ENTRIES, UNLIMITED, keys, load
from tests.service.api.harness import sighting

NOW = clock.now()


def seen(text: str) -> Sighting:
    return Sighting(
        report=Report((Look(read_of(text)),)),
        typed=(text,),
        seen_at=clock.now(),
        purpose="offences",
        request=json.dumps(sighting(read=text)).encode(),
    )


async def _all_at_once(
    data: Path, key: str, sightings: Sequence[Sighting], under: str
) -> list[Reported | BaseException]:
    async with running(Settings(data=data, least_bits=0), report_of_request) as state:
        caller = state.credentials.identify(key)
        assert isinstance(caller, Caller)
        reports = (
            state.report_sighting(caller, one, key=Key(under, one.request) if under else None)
            for one in sightings
        )
        return await asyncio.gather(*reports, return_exceptions=True)


def at_once(data: Path, *sightings: Sighting, under: str = "") -> list[Reported | BaseException]:
    """Report sightings in one turn of the loop, so that they meet in one group of the writer."""
    return asyncio.run(_all_at_once(data, keys(data)["guard"], sightings, under))


def _replayed(reported: Reported) -> bool:
    return reported.replayed


def test_two_that_meet_in_one_group_under_one_key_make_one_sighting(tmp_path: Path) -> None:
    load(tmp_path)
    sighting = seen("8X-?V-41")
    met = at_once(tmp_path, sighting, sighting, under="k")
    first, second = sorted((one for one in met if isinstance(one, Reported)), key=_replayed)
    assert second == Reported(first.answer, replayed=True)


def test_of_two_bodies_that_meet_under_one_key_one_is_refused(tmp_path: Path) -> None:
    load(tmp_path)
    met = at_once(tmp_path, seen("8X-?V-41"), seen("GV-123-B"), under="k")
    assert {type(one) for one in met} == {Reported, KeyReused}


def test_an_id_that_another_process_drew_as_well_is_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path)
    issued = keys(tmp_path)["guard"]

    async def story() -> list[Reported]:
        async with running(Settings(data=tmp_path, **UNLIMITED), report_of_request) as state:
            caller = state.credentials.identify(issued)
            assert isinstance(caller, Caller)
            at_this_moment = replace(state.report_sighting, now=lambda: NOW)
            reported = []
            for _ in range(2):
                monkeypatch.setattr(ids, "_COUNTER", itertools.count())
                reported.append(await at_this_moment(caller, seen("8X-?V-41")))
            return reported

    first, second = asyncio.run(story())
    assert json.loads(first.answer)["id"] != json.loads(second.answer)["id"]


@pytest.mark.parametrize("text", ["8X-?V-41", "12-ABC-3", "12-AB*", "1*", "GV-123-B"])
def test_an_entry_that_a_guard_may_not_see_changes_nothing_in_the_answer(
    tmp_path: Path, text: str
) -> None:
    hidden = [entry for entry in ENTRIES if entry.get("dissemination") == "dispatch-only"]
    assert hidden
    with_it, without = tmp_path / "with", tmp_path / "without"
    for data in (with_it, without):
        data.mkdir()
    load(with_it)
    load(without, tuple(entry for entry in ENTRIES if entry not in hidden))

    def answered(data: Path) -> dict[str, Any]:
        (reported,) = at_once(data, seen(text))
        assert isinstance(reported, Reported)
        anonymous = re.sub(rb'"id":"\w+"', b'"id":""', reported.answer)
        told: dict[str, Any] = json.loads(anonymous)
        return {name: told[name] for name in told if name not in {"receivedAt", "hotlist"}}

    assert answered(with_it) == answered(without)


def test_all_that_refuses_puts_it_on_record_in_one_way(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(Settings(data=tmp_path), report_of_request) as state:
            assert state.refuse is state.report_sighting.refuse is state.keep_entries.refuse

    asyncio.run(story())

import asyncio
import json
from pathlib import Path

from service import clock
from service.api.sighting_checks import report_of_request
from service.lifespan import running
from service.queries import HitQuery
from service.records import Caller
from service.settings import Settings
from service.usecases.cursors import Page
from tests.service.api.conftest import keys, load
from tests.service.usecases.on_record import told

NOW = clock.now()


def test_the_last_page_has_no_next_though_it_is_full(tmp_path: Path) -> None:
    load(tmp_path)
    sent = [told(tmp_path, "8X-KV-41", received_at=NOW + place)["id"] for place in range(4)]
    key = keys(tmp_path)["dispatch"]

    async def pages() -> list[Page]:
        async with running(Settings(data=tmp_path), report_of_request) as state:
            caller = state.credentials.identify(key)
            assert isinstance(caller, Caller)
            hits, query = state.read_history.hits, HitQuery(plate="8XKV41", limit=2)
            first = await hits(caller, query, cursor=None)
            second = await hits(caller, query, cursor=first.next)
            return [first, second, await hits(caller, HitQuery(plate="8XKV41"), cursor=None)]

    first, second, all_at_once = asyncio.run(pages())
    assert first.next is not None
    assert second.next is None
    assert all_at_once.next is None
    assert (*first.documents, *second.documents) == all_at_once.documents
    assert [json.loads(hit)["sightingId"] for hit in all_at_once.documents] == sent[::-1]

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest

from service.adapters.one_of_many import follow


def test_a_lock_that_cannot_be_opened_is_told_once_and_taken_when_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lock = tmp_path / "hotlist" / "follow-up.lock"
    lock.mkdir(parents=True)

    async def work() -> None:
        looked = asyncio.Event()
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            follow(lock, lambda: loop.call_soon_threadsafe(looked.set), every=0.01)
        )
        await asyncio.sleep(0.05)
        assert not looked.is_set()
        lock.rmdir()
        await asyncio.wait_for(looked.wait(), 10)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    with caplog.at_level(logging.ERROR, "service.rounds"):
        asyncio.run(work())
    assert [one.getMessage() for one in caplog.records] == [
        f"follow-up: {lock} cannot be opened: Is a directory"
    ]

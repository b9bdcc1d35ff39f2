import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from service import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged while the root logger is set up as a process of the service does."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.set_up(written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object(stream: io.StringIO) -> None:
    logging.getLogger("service.hotlist").info("version %s", "v1")
    line = json.loads(stream.getvalue())
    assert (line["level"], line["logger"], line["message"]) == (
        "info", "service.hotlist", "version v1",
    )  # fmt: skip
    assert line["at"].endswith("Z")


def test_a_failure_is_told_by_type_and_place_and_not_by_its_text(stream: io.StringIO) -> None:
    def fails() -> None:
        raise KeyError("8XKV41")

    try:
        fails()
    except KeyError as failure:
        logs.log_failure(failure)
    line = json.loads(stream.getvalue())
    assert line["failure"] == "KeyError"
    assert line["where"][-1].endswith("fails")
    assert "8XKV41" not in stream.getvalue()


def test_lines_of_requests_are_written_together_once_a_turn() -> None:
    written: list[str] = []
    log = logs.RequestLog(written.append)

    async def serve() -> None:
        for place in range(3):
            log.add({"place": place})
        assert written == []
        await asyncio.sleep(0)
        log.add({"place": 3})
        await asyncio.sleep(0)

    asyncio.run(serve())
    assert written == ['{"place":0}\n{"place":1}\n{"place":2}\n', '{"place":3}\n']

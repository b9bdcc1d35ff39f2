"""Logs: one line of JSON each, on stderr, and never the text of what was sent.

An exception is told by its type and where it came from: its message may hold a plate.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from traceback import extract_tb
from typing import TextIO

import orjson

from service import clock

_LOGGER = logging.getLogger("service")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, and the failure if there was one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": clock.to_text(int(record.created * clock.SECOND)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        failure = record.exc_info[1] if record.exc_info else None
        if failure is not None:
            line["failure"] = type(failure).__qualname__
            line["where"] = _where(failure)
        return orjson.dumps(line, default=str).decode()


def set_up(stream: TextIO | None = None) -> None:
    """Send all logs to a stream (stderr) as JSON; called once, by whoever runs a process."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def log_failure(failure: BaseException) -> None:
    """Log an error nobody expected."""
    _LOGGER.error("unexpected failure", exc_info=failure)


class RequestLog:
    """One line for each request, written together once a turn of the event loop."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self._write = write or sys.stderr.write
        self._lines: list[bytes] = []

    def add(self, line: dict[str, object]) -> None:
        """Add a line; it is written before the loop waits again."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._flush)
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._write(b"".join(lines).decode())


def _where(failure: BaseException) -> list[str]:
    frames = extract_tb(failure.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]

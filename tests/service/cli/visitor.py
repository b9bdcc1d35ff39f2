"""Calls a service while this process runs it, then ends it as an operator would."""

import gc
import http.client
import json
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from service.app import bind

PATIENCE = 60


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with closing(bind("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def ask(port: int, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
    """Send one request and return status and document."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", path, sent, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def ready(port: int) -> bool:
    try:
        return ask(port, "/livez")[0] == 200
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@contextmanager
def undone() -> Iterator[None]:
    """Put back afterwards what a service changes for its whole process."""
    thresholds, handlers = gc.get_threshold(), logging.getLogger().handlers[:]
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        logging.getLogger().handlers[:] = handlers


@contextmanager
def visited(visit: Callable[[], object], told: signal.Signals) -> Iterator[None]:
    """While inside, visit in a thread and then send the signal to this process."""
    failures: list[Exception] = []

    def go() -> None:
        try:
            visit()
        except Exception as failure:  # noqa: BLE001 - raised below
            failures.append(failure)
        os.kill(os.getpid(), told)

    thread = Thread(target=go)
    thread.start()
    with undone():
        yield
        thread.join()
    for failure in failures:
        raise failure

import asyncio
import itertools
import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import edge
from service.api.edge import LARGEST_BODY, Edge
from service.api.route import RouteTable
from service.api.routes import ROUTES
from service.logs import RequestLog
from tests.service.api.harness import Harness

WAIT: Message = {"type": "nothing"}


def _flat(events: Iterable[Message | Iterator[Message]]) -> Iterator[Message]:
    for event in events:
        yield from event if isinstance(event, Iterator) else [event]


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    await Response("well")(scope, receive, send)


class Alone:
    """An edge around some application: what it sends, and what it logs."""

    def __init__(self, harness: Harness, application: ASGIApp) -> None:
        self.written: list[str] = []
        self.sent: list[Message] = []
        self.key = harness.keys["guard"]
        self.edge = Edge(
            application,
            RouteTable(ROUTES),
            state=harness.state,
            log=RequestLog(self.written.append),
        )

    def call(
        self,
        *events: Message | Iterator[Message],
        headers: dict[str, str] | None = None,
        **scope: Any,
    ) -> int:
        asyncio.run(self._call(_flat(events), headers or {}, scope))
        return int(self.sent[0]["status"]) if self.sent else 0

    def post(self, *events: Message | Iterator[Message], **headers: str) -> int:
        known = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        return self.call(*events, method="POST", path="/v1/sightings", headers={**known, **headers})

    async def _call(
        self, events: Iterator[Message], headers: dict[str, str], scope: dict[str, Any]
    ) -> None:
        async def receive() -> Message:
            event = next(events)
            if event is WAIT:
                await asyncio.sleep(60)
            return event

        async def send(message: Message) -> None:
            self.sent.append(message)

        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        whole = {"type": "http", "method": "GET", "path": "/livez", "headers": raw, **scope}
        await self.edge(whole, receive, send)
        await asyncio.sleep(0)  # the log is written at the end of this turn

    @property
    def problem(self) -> dict[str, Any]:
        problem: dict[str, Any] = json.loads(self.sent[1]["body"])
        return problem

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_an_unexpected_failure_is_a_problem_without_its_text(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(_: Scope, __: Receive, ___: Send) -> None:
        raise KeyError("8XKV41")

    alone = Alone(harness, fails)
    with caplog.at_level(logging.ERROR):
        assert alone.call() == 500
    assert alone.problem["type"] == "urn:plate-match:internal-error"
    assert "8XKV41" not in json.dumps(alone.problem) + "".join(alone.written)
    assert [record.message for record in caplog.records] == ["unexpected failure"]


def test_a_failure_after_the_answer_began_is_logged_and_not_answered_twice(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
        await well(scope, receive, send)
        raise KeyError

    alone = Alone(harness, breaks_off)
    with caplog.at_level(logging.ERROR):
        assert alone.call() == 200
    assert len(alone.sent) == 2
    assert len(caplog.records) == 1


def test_a_body_over_the_limit_is_refused_and_the_connection_closed(harness: Harness) -> None:
    alone = Alone(harness, well)
    half = part(b" " * (LARGEST_BODY // 2), more=True)
    assert alone.post(half, half, part(b" ", more=True), part(b" ", more=False)) == 413
    assert alone.headers["connection"] == "close"


def test_an_announced_body_over_the_limit_is_refused_without_being_kept(harness: Harness) -> None:
    alone = Alone(harness, well)
    announced = {"content-length": str(LARGEST_BODY + 1)}
    assert alone.post(part(b" ", more=False), **announced) == 413


def test_a_body_without_end_is_not_let_pass_for_ever(harness: Harness) -> None:
    alone = Alone(harness, well)
    endless = itertools.repeat(part(b" " * LARGEST_BODY, more=True))
    assert alone.post(endless) == 413


def test_a_body_that_stops_coming_is_not_waited_for_long(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "LET_PASS_SECONDS", 0.01)
    alone = Alone(harness, well)
    over = part(b" " * (LARGEST_BODY + 1), more=True)
    assert alone.post(iter([over, WAIT])) == 413


def test_a_client_that_leaves_is_not_answered_but_counted(harness: Harness) -> None:
    alone = Alone(harness, well)
    assert alone.post(part(b"{", more=True), {"type": "http.disconnect"}) == 0
    assert json.loads(alone.written[0])["status"] == 499


def test_a_body_with_two_lengths_is_refused_and_the_connection_closed(harness: Harness) -> None:
    alone = Alone(harness, well)
    lengths = {"content-length": "2", "transfer-encoding": "chunked"}
    assert alone.post(part(b"{}", more=False), **lengths) == 400
    assert alone.problem["type"] == "urn:plate-match:malformed-request"
    assert alone.headers["connection"] == "close"


def test_the_application_gets_the_whole_body_and_then_what_the_client_does(
    harness: Harness,
) -> None:
    seen: list[Message] = []

    async def watches(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([await receive(), await receive()])
        await well(scope, receive, send)

    left = {"type": "http.disconnect"}
    Alone(harness, watches).post(part(b"{", more=True), part(b"}", more=False), left)
    assert seen == [part(b"{}", more=False), left]


def test_a_websocket_is_closed(harness: Harness) -> None:
    alone = Alone(harness, well)
    asyncio.run(alone._call(iter(()), {}, {"type": "websocket"}))
    assert alone.sent[0]["type"] == "websocket.close"


def test_the_log_line_names_template_and_credential_and_nothing_that_was_sent(
    harness: Harness,
) -> None:
    alone = Alone(harness, well)
    hidden = "8XKV41"
    headers = {
        "authorization": f"Bearer {harness.keys['dispatch']}",
        "user-agent": hidden,
        "referer": hidden,
    }
    alone.call(path=f"/v1/hits/{hidden}", query_string=hidden.encode(), headers=headers)
    line = json.loads(alone.written[0])
    assert hidden not in alone.written[0]
    assert harness.keys["dispatch"] not in alone.written[0]
    assert set(line) == {
        "at", "level", "logger", "method", "route", "status", "durationMs", "requestId",
        "credential",
    }  # fmt: skip
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/hits/{id}", 200)
    assert line["requestId"] == alone.headers["x-request-id"]
    assert line["credential"]


def test_an_unknown_method_and_route_are_one_each_in_log_and_metrics(harness: Harness) -> None:
    alone = Alone(harness, well)
    alone.call(method="8XKV41", path="/8XKV41")
    line = json.loads(alone.written[0])
    assert (line["method"], line["route"], line["credential"]) == ("OTHER", "unknown", None)
    exposed = harness.client.get("/metrics").text
    assert "8XKV41" not in exposed
    assert 'method="OTHER",route="unknown",status="404"' in exposed


def test_an_answer_that_is_not_ready_in_time_is_503(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "ANSWER_SECONDS", 0.05)

    async def never(*_: object) -> None:
        await asyncio.sleep(60)

    alone = Alone(harness, never)
    assert alone.call() == 503
    assert alone.problem["type"] == "urn:plate-match:took-too-long"
    assert alone.headers["retry-after"] == "1"


def test_an_upload_may_take_as_long_as_it_comes(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "ANSWER_SECONDS", 0.01)

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.1)
        await well(scope, receive, send)

    alone = Alone(harness, slow)
    key = {"authorization": f"Bearer {harness.keys['feed']}"}
    assert alone.call(method="POST", path="/v1/feeds/synthetic/files", headers=key) == 200


def test_who_is_cut_off_by_the_end_of_the_service_is_told_so(harness: Harness) -> None:
    async def is_cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    alone = Alone(harness, is_cancelled)
    with pytest.raises(asyncio.CancelledError):
        alone.call()
    assert alone.sent[0]["status"] == 503
    assert alone.problem["type"] == "urn:plate-match:stopping"
    assert alone.headers["cache-control"] == "no-store"

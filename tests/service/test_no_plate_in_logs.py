"""Plates in every place of a request, and nothing of them in what a server writes anywhere.

A server of its own, driven through its sockets; all plates are synthetic.
"""

import json
import re
import subprocess
import sys
from itertools import count
from pathlib import Path

from service import clock
from tests.service.api.conftest import keys, load
from tests.service.api.harness import sighting
from tests.service.test_server import exchange

_RUN = """
import os, signal, sys
from pathlib import Path
from service import logs
from service.app import bind, serve
from service.limits import Limits
from service.settings import Settings
from service.usecases.read_history import ReadHistory

async def fails(self, caller, query, *, cursor):
    local = query.plate
    raise KeyError(f"no {local}") from ValueError(local)

ReadHistory.hits = fails
logs.set_up()
limits = Limits(head_seconds=0.2, body_seconds=0.2)
listener = bind("127.0.0.1", 0)
serve(
    Settings(data=Path(sys.argv[1]), canary_minutes=0), listener,
    ready=lambda at: print(at, flush=True), limits=limits,
)
"""


class Marks:
    """Plates, each used in one place only, so that one that is found tells which."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        self._numbers = count(100)

    def plate(self, place: str) -> str:
        """Return a plate for a place."""
        plate = f"QX{next(self._numbers)}Q"
        self._places[plate] = place
        return plate

    def found_in(self, text: str) -> list[str]:
        """Return the places whose plates a text has, in any spelling."""
        compact = re.sub(r"[-. ]", "", text.upper())
        return [place for plate, place in self._places.items() if plate in compact]

    @property
    def many(self) -> bool:
        """Whether enough places were tried for the test to mean anything."""
        return len(self._places) > 30


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [line, "Host: x", "Connection: close", *headers, *length, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def well_formed(marks: Marks, key: dict[str, str]) -> list[bytes]:
    """Requests that reach the application, or what refuses them."""
    plate = marks.plate
    json_body = "Content-Type: application/json"
    auth = {role: f"Authorization: Bearer {key[role]}" for role in key}

    def post(path: str, role: str, body: object, *headers: str) -> bytes:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return request(f"POST {path} HTTP/1.1", auth[role], json_body, *headers, body=content)

    everywhere = sighting(
        read=plate("read"),
        note=plate("note"),
        incidentReference=plate("incidentReference"),
        location={"latitude": 52.2, "longitude": 6.9, "place": plate("place")},
        vehicle={"make": plate("make"), "model": plate("model")},
        alsoRead=[{"read": plate("alsoRead")}],
    )
    entry = {
        "plate": plate("entry"),
        "validUntil": clock.to_text(clock.now() + clock.HOUR),
        "legalGround": plate("legalGround"),
        "purpose": "offences",
        "instruction": plate("instruction"),
        "warnings": [plate("warning")],
        "persons": [plate("person")],
    }
    return [
        post("/v1/sightings", "guard", everywhere, f"Idempotency-Key: {plate('idempotency key')}"),
        post("/v1/sightings/batch", "guard", {"sightings": [{"read": plate("batch")}]}),
        post("/v1/sightings", "guard", {plate("name of a field"): 1, "source": plate("source")}),
        post("/v1/sightings", "guard", f'{{"read": {plate("broken JSON")}'.encode()),
        post("/v1/sightings", "feed", {"read": plate("body of a forbidden request")}),
        post("/v1/sightings", "guard", b" " * (1 << 20) + plate("too large a body").encode()),
        post("/v1/entries", "dispatch", entry),
        post("/v1/entries/search", "dispatch", {"plate": plate("search of entries")}),
        post(f"/v1/entries/{plate('id')}/withdrawals", "feed", {"reason": plate("reason")}),
        post("/v1/hits/search", "dispatch", {"plate": plate("a failure inside")}),
        post("/v1/entries/search", "dispatch", {"cursor": plate("cursor")}),
        request(f"GET /v1/plates/{plate('path')} HTTP/1.1"),
        request(f"GET /v1/sightings/{plate('id of a sighting')} HTTP/1.1", auth["dispatch"]),
        request(f"GET /livez?plate={plate('query')} HTTP/1.1"),
        request(f"GET /v1/feeds/{plate('feed')}/files HTTP/1.1", auth["feed"]),
        request(f"GET /v1/feeds/synthetic/files?cursor={plate('page')} HTTP/1.1", auth["auditor"]),
        request(
            "GET /livez HTTP/1.1",
            f"User-Agent: {plate('User-Agent')}",
            f"Referer: https://x/{plate('Referer')}",
            f"X-Request-Id: {plate('X-Request-Id')}",
            f"X-Forwarded-For: {plate('X-Forwarded-For')}",
            f"Cookie: a={plate('Cookie')}",
            f"Host: {plate('Host')}",
        ),
        request("GET /v1/hotlist HTTP/1.1", f"Authorization: Bearer {plate('key')}"),
        request(f"{plate('method')} /livez HTTP/1.1"),
        request("GET /livez HTTP/1.1", "Connection: Upgrade", f"Upgrade: {plate('Upgrade')}"),
        request(f"PUT /v1/sightings?{plate('query of another method')} HTTP/1.1"),
        request(
            "POST /v1/sightings HTTP/1.1", auth["guard"], f"Content-Type: {plate('media type')}"
        ),
    ]  # fmt: skip


def malformed(marks: Marks) -> list[bytes]:
    """Requests that the parser stops at, or the limits."""
    plate = marks.plate
    get = "GET /livez HTTP/1.1\r\nHost: x\r\n"
    return [
        text.encode("latin-1")
        for text in (
            f"{plate('no HTTP')}\r\n\r\n",
            f"GET /{plate('version')} HTTP/9.9\r\n\r\n",
            f"GET /{plate('bare line end')}\xff HTTP/1.1\r\n\r\n",
            f"CONNECT {plate('authority')}:1 HTTP/1.1\r\n\r\n",
            f"GET http://[{plate('broken URL')} HTTP/1.1\r\n\r\n",
            f"{get} {plate('folded header')}\r\n\r\n",
            f"{get}{plate('name of a header')} : x\r\n\r\n",
            f"{get}A: {plate('NUL')}\0\r\n\r\n",
            f"{get}Content-Length: {plate('length')}\r\n\r\n",
            f"{get}Transfer-Encoding: chunked\r\n\r\n{plate('size of a chunk')}\r\n\r\n",
            f"GET /{plate('long URL')}{'x' * 9000} HTTP/1.1\r\n\r\n",
            f"{get}A: {plate('large header')}{'x' * 70000}\r\n\r\n",
            f"{get}A: {plate('slow head')}",
            f"POST /{plate('slow body')} HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
        )
    ]


def test_no_plate_that_was_sent_is_in_anything_that_is_written(tmp_path: Path) -> None:
    load(tmp_path)
    marks = Marks()
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", _RUN, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().rpartition(":")[2])
    requests = [*well_formed(marks, keys(tmp_path)), *malformed(marks)]
    answers = [exchange(port, one) for one in requests]
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert marks.many
    assert marks.found_in(requests[0].decode())[:2] == ["read", "note"]
    assert marks.found_in(out + err) == []
    lines = [json.loads(line) for line in err.splitlines()]
    assert len([line for line in lines if "status" in line]) >= len(requests)
    assert [line["failure"] for line in lines if "failure" in line] == ["KeyError"]
    statuses = {int(answer[9:12]) for answer in answers if answer}
    assert {200, 201, 400, 401, 403, 404, 405, 408, 413, 414, 415, 431, 500} <= statuses
    refused = [answer for answer in answers if answer[9:10] in {b"4", b"5"}]
    assert marks.found_in(b"".join(refused).decode("latin-1")) == []
    assert not [answer for answer in refused if b"Traceback" in answer or b".py" in answer]

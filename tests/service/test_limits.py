"""What one connection may take of the server, and from whom connections are taken: real sockets."""

import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from service.app import bind, serve
from service.limits import Limits
from service.settings import Settings
from tests.service.api.conftest import load
from tests.service.api.harness import sighting
from tests.service.cli.visitor import visited
from tests.service.test_server import Server, start

_RUN = """
import sys
from ipaddress import ip_network
from pathlib import Path
from service import logs
from service.app import bind, serve
from service.limits import Limits
from service.settings import Settings
logs.set_up()
limits = eval(sys.argv[2])
serve(
    Settings(data=Path(sys.argv[1])), bind("127.0.0.1", 0),
    ready=lambda at: print(at, flush=True), limits=limits,
)
"""
HURRIED = Limits(
    head_seconds=0.3, body_seconds=0.3, least_rate=1000, idle_seconds=1, stuck_seconds=0.3
)
PATIENCE = 10
BELIEVE_ALL = ("env", "FORWARDED_ALLOW_IPS=*")
"""What the server's own environment could say of proxies."""
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"

Connect = Callable[[], socket.socket]


@contextmanager
def serving(data: Path, limits: str = repr(HURRIED), *before: str) -> Iterator[Server]:
    """Run a server with limits of its own."""
    server = start(data, *before, sys.executable, "-W", "error", "-c", _RUN, str(data), limits)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("limits")
    load(data)
    with serving(data) as running:
        yield running


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    with ExitStack() as opened:
        yield lambda: opened.enter_context(
            socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        )


def rest(connection: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    answer = b""
    with suppress(ConnectionError):
        while more := connection.recv(65536):
            answer += more
    return answer


def one_answer(connection: socket.socket) -> bytes:
    """Return one whole answer; the connection stays open."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    length = int(answer.lower().partition(b"content-length: ")[2].split()[0])
    return answer + connection.recv(length, socket.MSG_WAITALL)


def trickle(connection: socket.socket, piece: bytes, seconds: float = 2 * PATIENCE) -> float:
    """Send a piece again and again until the server has had enough; return after how long."""
    began = time.monotonic()
    connection.settimeout(0.02)
    with suppress(ConnectionError):
        while time.monotonic() - began < seconds:
            connection.sendall(piece)
            with suppress(TimeoutError):
                if connection.recv(65536, socket.MSG_PEEK) is not None:
                    break
    connection.settimeout(PATIENCE)
    return time.monotonic() - began


def problem(answer: bytes) -> str:
    """Return the slug of the problem that the last answer is, which has all standing headers."""
    head, _, body = answer[answer.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    for name in (
        b"\r\ndate: ",
        b"api-version",
        b"x-request-id",
        b"cache-control: no-store",
        b"connection: close",
    ):
        assert name in head.lower()
    assert b"content-type: application/problem+json" in head
    return str(json.loads(body)["type"]).rpartition(":")[2]


def test_a_connection_on_which_nothing_is_asked_is_closed(connect: Connect) -> None:
    assert rest(connect()) == b""


@pytest.mark.parametrize("first", [b"GET /livez HTTP/1.1\r\nHost: x\r\nA: ", b"GET /"])
def test_a_head_that_comes_byte_by_byte_is_cut_off(connect: Connect, first: bytes) -> None:
    connection = connect()
    connection.sendall(first)
    assert trickle(connection, b"x") < PATIENCE
    answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert problem(answer) == "too-slow"


def test_so_it_is_on_a_connection_that_has_been_good_before(connect: Connect) -> None:
    connection = connect()
    connection.sendall(LIVEZ)
    assert one_answer(connection).startswith(b"HTTP/1.1 200 ")
    connection.sendall(b"GET /livez HT")
    assert problem(rest(connection)) == "too-slow"


def test_an_empty_line_between_two_requests_buys_no_time(connect: Connect) -> None:
    connection = connect()
    connection.sendall(LIVEZ)
    assert one_answer(connection).startswith(b"HTTP/1.1 200 ")
    assert trickle(connection, b"\r\n") < PATIENCE
    assert problem(rest(connection)) == "too-slow"


def test_a_body_that_comes_too_slowly_is_cut_off(server: Server, connect: Connect) -> None:
    connection = connect()
    connection.sendall(server.head("Content-Length: 1000"))
    assert trickle(connection, b" ") < PATIENCE
    assert problem(rest(connection)) == "too-slow"


def test_a_large_body_has_the_time_that_it_takes(server: Server, connect: Connect) -> None:
    connection = connect()
    body = json.dumps(sighting()).encode() + b" " * 3000
    connection.sendall(server.head(f"Content-Length: {len(body)}", "Connection: close"))
    began = time.monotonic()
    for place in range(0, len(body), 1000):
        connection.sendall(body[place : place + 1000])
        time.sleep(0.2)
    assert time.monotonic() - began > HURRIED.body_seconds
    assert b"HTTP/1.1 201 " in rest(connection)


def test_who_is_refused_cannot_hold_a_connection_by_going_on(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST /v1/sightings HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n")
    assert one_answer(connection).startswith(b"HTTP/1.1 401 ")
    assert trickle(connection, b" ") < PATIENCE
    assert rest(connection) == b""


def test_an_idle_connection_is_closed(connect: Connect) -> None:
    connection = connect()
    connection.sendall(LIVEZ)
    began = time.monotonic()
    assert rest(connection).count(b"HTTP/1.1 200 ") == 1
    assert time.monotonic() - began > HURRIED.idle_seconds / 2


@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"], ids=["kept", "closed"])
def test_a_client_that_does_not_read_is_cut_off(server: Server, last: bytes) -> None:
    ask = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n"
    whole = len(server.exchange(ask + b"Connection: close\r\n\r\n"))
    asked = 100
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall((ask + b"\r\n") * (asked - 1) + ask + last + b"\r\n")
        time.sleep(4 * HURRIED.stuck_seconds)
        assert len(rest(connection)) < asked * whole / 2


@pytest.mark.parametrize(
    ("head", "slug"),
    [
        (b"GET /livez?" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "url-too-long"),
        (b"GET /livez HTTP/1.1\r\n" + b"A: b\r\n" * 201 + b"\r\n", "headers-too-large"),
        (b"GET /livez HTTP/1.1\r\nA: " + b"x" * (1 << 16) + b"\r\n\r\n", "headers-too-large"),
        (b"GET /livez HTTP/1.1\r\n A: folded\r\n\r\n", "malformed-request"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", "malformed-request"),
        (b"CONNECT x:1 HTTP/1.1\r\n\r\n", "malformed-request"),
    ],
)
def test_a_head_over_a_limit_is_refused_and_the_connection_closed(
    connect: Connect, head: bytes, slug: str
) -> None:
    connection = connect()
    connection.sendall(head)
    answer = rest(connection)
    assert problem(answer) == slug
    assert b"xxxx" not in answer


def test_a_url_and_headers_within_the_limits_pass(connect: Connect) -> None:
    connection = connect()
    head = b"GET /livez?" + b"x" * 8000 + b" HTTP/1.1\r\nConnection: close\r\n"
    connection.sendall(head + b"A: b\r\n" * 199 + b"\r\n")
    assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_one_connection_too_many_is_told_so_and_the_silent_ones_make_room(tmp_path: Path) -> None:
    limits = repr(Limits(connections=3, head_seconds=2))
    with serving(tmp_path, limits) as server, ExitStack() as opened:

        def connect() -> socket.socket:
            at = ("127.0.0.1", server.port)
            return opened.enter_context(socket.create_connection(at, timeout=PATIENCE))

        silent = [connect() for _ in range(3)]
        answer = rest(connect())
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in answer.lower()
        assert problem(answer) == "too-many-connections"
        assert [rest(one) for one in silent] == [b""] * 3
        good = connect()
        good.sendall(LIVEZ)
        assert one_answer(good).startswith(b"HTTP/1.1 200 ")


def test_half_open_connections_do_not_starve_the_others(tmp_path: Path) -> None:
    with serving(tmp_path, repr(Limits(head_seconds=60))) as server, ExitStack() as opened:

        def connect() -> socket.socket:
            at = ("127.0.0.1", server.port)
            return opened.enter_context(socket.create_connection(at, timeout=PATIENCE))

        for _ in range(200):
            connect().sendall(b"GET /li")
        good = connect()
        good.sendall(LIVEZ)
        assert one_answer(good).startswith(b"HTTP/1.1 200 ")


def test_only_named_proxies_are_served_and_nobody_is_believed(tmp_path: Path) -> None:
    limits = "Limits(peers=(ip_network('127.0.0.2'),))"
    with serving(tmp_path, limits, *BELIEVE_ALL) as server:

        def ask(source: str, *lines: bytes) -> bytes:
            at = ("127.0.0.1", server.port)
            with (
                suppress(ConnectionError),
                socket.create_connection(
                    at, timeout=PATIENCE, source_address=(source, 0)
                ) as connection,
            ):
                head = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                connection.sendall(head + b"".join(lines) + b"\r\n")
                return rest(connection)
            return b""

        spoofed = (b"X-Forwarded-For: 127.0.0.2\r\n", b"Forwarded: for=127.0.0.2;proto=https\r\n")
        assert ask("127.0.0.2").startswith(b"HTTP/1.1 200 ")
        assert ask("127.0.0.1") == b""
        assert ask("127.0.0.1", *spoofed) == b""
        server.process.terminate()
        _, logged = server.process.communicate(timeout=20)
    lines = [json.loads(line) for line in logged.splitlines()]
    told = [line["message"] for line in lines if line["logger"] == "service.server"]
    assert told == ["refused a connection from 127.0.0.1, no trusted proxy"] * 2


def test_what_forwarded_headers_say_changes_nothing(tmp_path: Path) -> None:
    run = _RUN.replace(
        "limits = eval(sys.argv[2])",
        """
from service import app
class Tells(app.Service):
    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            print(scope["client"][0], scope["scheme"], file=sys.stderr, flush=True)
        await super().__call__(scope, receive, send)
app.Service = Tells
limits = None
""",
    )
    server = start(tmp_path, *BELIEVE_ALL, sys.executable, "-W", "error", "-c", run, str(tmp_path))
    spoofed = (
        b"X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 192.0.2.9\r\n"
        b"Forwarded: for=192.0.2.9;proto=https\r\nConnection: close\r\n\r\n"
    )
    assert server.exchange(LIVEZ.removesuffix(b"\r\n") + spoofed).startswith(b"HTTP/1.1 200 ")
    server.process.terminate()
    _, logged = server.process.communicate(timeout=20)
    assert "127.0.0.1 http\n" in logged
    assert "192.0.2.9" not in logged


@pytest.mark.parametrize(
    ("host", "admitted"),
    [
        ("192.0.2.1", True),
        ("::ffff:192.0.2.1", True),
        ("192.0.2.2", False),
        ("2001:db8::7", True),
        ("fe80::1%eth0", False),
    ],
)
def test_a_peer_is_known_by_its_address_however_it_is_written(host: str, admitted: bool) -> None:  # noqa: FBT001 - a parameter of a test
    limits = Limits(peers=(ip_network("192.0.2.1"), ip_network("2001:db8::/64")))
    assert limits.admits(host) is admitted
    assert Limits().admits(host)


ANSWERED = {
    LIVEZ: "200",
    b"GET /livez HTTP/1.1\r\nA: ": "408",
    b"POST /livez HTTP/1.1\r\nContent-Length: 9\r\n\r\n": "405",
    b"GET /livez HTTP/1.1\r\n" + b"A: b\r\n" * 300 + b"\r\n": "431",
    b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n": "414",
    b"no HTTP\r\n\r\n": "400",
    b"GET /livez HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n": "400",
    b"GET /livez HTTP/1.1\r\nTransfer-Encoding: x, chunked\r\n\r\n": "400",
    b"": "",
}
"""What is answered to what, before the connection is closed."""


def test_a_server_in_this_process_keeps_to_its_limits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All at once, in the process that is measured for what tests reach."""
    found: list[str] = []
    listener = bind("127.0.0.1", 0)
    at = listener.getsockname()

    def ask(sent: bytes, source: str = "127.0.0.1") -> bytes:
        with socket.create_connection(at, timeout=PATIENCE, source_address=(source, 0)) as one:
            with suppress(ConnectionError):
                one.sendall(sent)
            return rest(one)

    def visit() -> None:
        found.extend(ask(one)[9:12].decode() for one in ANSWERED)
        found.append(ask(LIVEZ, "127.0.0.2")[9:12].decode())
        with ExitStack() as opened:
            silent = [opened.enter_context(socket.create_connection(at)) for _ in range(3)]
            found.append(rest(silent[-1])[9:12].decode())
        with socket.create_connection(at, timeout=PATIENCE) as unread:
            unread.sendall(b"GET /v1/openapi.json HTTP/1.1\r\n\r\n" * 100)
            time.sleep(4 * HURRIED.stuck_seconds)
            found.append("cut" if rest(unread).count(b"HTTP/1.1 200 ") < 100 else "served")

    within = replace(HURRIED, peers=(ip_network("127.0.0.1"),), connections=2)
    settings = Settings(data=tmp_path, canary_minutes=0)
    with visited(visit, signal.SIGTERM):
        serve(settings, listener, limits=within)
    assert found == [*ANSWERED.values(), "", "503", "cut"]
    assert not [one for one in caplog.records if one.exc_info]

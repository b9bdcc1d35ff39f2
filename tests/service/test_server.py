"""The server as it is run: a process of its own, real sockets, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from starlette.testclient import TestClient

from service.app import _Server, address_of, bind, create_app, serve
from service.errors import CannotStart
from service.settings import Settings
from tests.service.api.conftest import declare, keys, load
from tests.service.api.harness import sighting

_RUN = """
import sys
from pathlib import Path
from threading import Thread
from service import logs
from service.app import bind, serve
from service.settings import Settings
logs.set_up()
settings = Settings(data=Path(sys.argv[1]))
serve(settings, bind("127.0.0.1", 0), ready=lambda at: print(at, flush=True))
"""


def exchange(port: int, *parts: bytes) -> bytes:
    """Send raw bytes, and return what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while more := connection.recv(65536):
            answer += more
    return answer


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    port: int
    key: str

    def exchange(self, *parts: bytes) -> bytes:
        return exchange(self.port, *parts)

    def head(self, *lines: str) -> bytes:
        known = [
            "POST /v1/sightings HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.key}",
            "Content-Type: application/json",
        ]
        return "\r\n".join([*known, *lines, "", ""]).encode()


def start(data: Path, *command: str) -> Server:
    process = subprocess.Popen(
        command or [sys.executable, "-W", "error", "-c", _RUN, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline()
    assert address, process.stderr.read() if process.stderr else ""
    return Server(process, int(address.rpartition(":")[2]), keys(data)["guard"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("server")
    load(data)
    running = start(data)
    yield running
    running.process.terminate()
    running.process.communicate(timeout=20)


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def test_a_chunked_body_is_answered(server: Server) -> None:
    body = json.dumps(sighting()).encode()
    head = server.head("Transfer-Encoding: chunked", "Connection: close")
    answer = server.exchange(head, chunk(body[:40]), chunk(body[40:]), b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b'"plate":"8XKV41"' in answer
    assert b"\r\nserver:" not in answer.lower()


def test_a_chunked_body_over_the_limit_is_refused_and_the_connection_closed(
    server: Server,
) -> None:
    parts = [*[chunk(b" " * 65536)] * 17, b"0\r\n\r\n"]
    answer = server.exchange(server.head("Transfer-Encoding: chunked"), *parts)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 2"),
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: two",),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
    ],
)
def test_a_body_with_two_lengths_is_a_problem_document_and_the_connection_is_closed(
    server: Server, lines: tuple[str, ...]
) -> None:
    answer = server.exchange(server.head(*lines), b"2\r\n{}\r\n0\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head.lower()
    assert b"api-version: 1.0.0" in head
    assert json.loads(body)["type"] == "urn:plate-match:malformed-request"


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "x"])
def test_a_body_after_a_wish_for_another_protocol_is_not_taken_for_a_request(
    server: Server, protocol: str
) -> None:
    body = b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n"
    wish = ("Connection: Upgrade", f"Upgrade: {protocol}", f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(server.head(*wish))
        answer = connection.recv(65536)
        with suppress(ConnectionError):
            connection.sendall(body)
            while more := connection.recv(65536):
                answer += more
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"urn:plate-match:malformed-request" in answer


def test_what_trails_a_body_is_no_header(server: Server) -> None:
    body = json.dumps(sighting()).encode()
    lines = ("Host: x", "Content-Type: application/json", "Transfer-Encoding: chunked")
    head = "\r\n".join(["POST /v1/sightings HTTP/1.1", *lines, "Connection: close", "", ""])
    trailer = f"Authorization: Bearer {server.key}".encode()
    answer = server.exchange(head.encode() + chunk(body) + b"0\r\n" + trailer + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_an_upload_is_refused_by_its_length_and_when_broken_off_no_failure_of_the_service(
    tmp_path: Path,
) -> None:
    load(tmp_path)
    declare(tmp_path)
    key = keys(tmp_path)["feed"]
    server = start(tmp_path)

    def first_line(length: int) -> bytes:
        lines = (
            "POST /v1/feeds/synthetic/files HTTP/1.1",
            "Host: x",
            f"Authorization: Bearer {key}",
            "Content-Type: multipart/form-data; boundary=a",
            f"Content-Length: {length}",
            "Expect: 100-continue",
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            return connection.recv(13)

    assert first_line(2 << 30) == b"HTTP/1.1 413 "
    assert first_line(1000) == b"HTTP/1.1 100 "  # its body is being read
    server.process.terminate()
    _, logged = server.process.communicate(timeout=20)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["status"] for line in lines if "status" in line] == [413, 499]
    assert not [line for line in lines if line["level"] == "error"]


def test_what_is_not_http_is_a_problem_document(server: Server) -> None:
    answer = server.exchange(b"8XKV41\r\n\r\n")
    assert b"application/problem+json" in answer
    assert b"8XKV41" not in answer


def test_what_never_reaches_the_application_is_logged_under_the_id_it_was_answered_with(
    tmp_path: Path,
) -> None:
    server = start(tmp_path)
    large = b"GET /livez HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n"
    assert server.exchange(large).startswith(b"HTTP/1.1 431 ")
    answer = server.exchange(b"8XKV41\r\n\r\n")
    server.process.terminate()
    _, logged = server.process.communicate(timeout=20)
    (told,) = [line for line in answer.split(b"\r\n") if line.startswith(b"x-request-id: ")]
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["status"] for line in lines if "status" in line] == [431, 400]
    (line,) = [line for line in lines if line.get("status") == 400]
    assert line["requestId"] == told.decode().partition(": ")[2]
    assert (line["logger"], line["route"]) == ("service.request", "unknown")


ENDLESS = b"x" * 4096


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"GET /livez HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n" * 1000),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nA: ", ENDLESS),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\n", ENDLESS),
        (b"GET /", ENDLESS),
        (b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ", ENDLESS),
        (b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 1000),
    ],
    ids=["many", "a long one", "a long name", "URL", "a long trailer", "many trailers"],
)
def test_headers_without_an_end_are_refused_before_they_pile_up(
    server: Server, first: bytes, piece: bytes
) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(first)
        with suppress(ConnectionError):
            while sent < 1 << 22:
                connection.sendall(piece)
                sent += len(piece)
                time.sleep(0.001)
    assert sent < 1 << 20


@pytest.mark.parametrize(
    "lines", [["A: " + "x" * (1 << 16)], [f"A{place}: {'x' * 700}" for place in range(100)]]
)
def test_too_many_headers_are_a_problem_document(server: Server, lines: list[str]) -> None:
    answer = server.exchange(server.head(*lines))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"connection: close" in head.lower()
    assert json.loads(body)["type"] == "urn:plate-match:headers-too-large"


def test_headers_of_sixty_kilobytes_pass_again_and_again_on_one_connection(server: Server) -> None:
    body = json.dumps(sighting()).encode()
    many = [f"A{place}: {'x' * 600}" for place in range(98)]
    one = server.head(*many, f"Content-Length: {len(body)}") + body
    last = server.head(*many, f"Content-Length: {len(body)}", "Connection: close") + body
    answer = server.exchange(one, one, last)
    assert answer.count(b"HTTP/1.1 201 ") == 3


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_told_to_stop_ends_well_and_logs_json_only(
    tmp_path: Path, sign: signal.Signals
) -> None:
    load(tmp_path)
    server = start(tmp_path)
    server.exchange(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    os.kill(server.process.pid, sign)
    _, logged = server.process.communicate(timeout=20)
    assert server.process.returncode == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    assert any(line.get("route") == "/livez" for line in lines)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_serve_returns_when_told_to_stop(tmp_path: Path, sign: signal.Signals) -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    answers: list[bytes] = []

    def ask_and_stop() -> None:
        answers.append(exchange(port, b"8XKV41\r\n\r\n"))
        os.kill(os.getpid(), sign)

    serve(Settings(data=tmp_path), listener, ready=lambda _: Thread(target=ask_and_stop).start())
    assert b"urn:plate-match:malformed-request" in answers[0]
    assert listener.fileno() == -1


def test_a_server_that_fails_otherwise_ends_as_the_server_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr(_Server, "run", lambda *_, **__: ends())
    with pytest.raises(SystemExit):
        serve(Settings(data=tmp_path), bind("127.0.0.1", 0))


def test_the_application_of_a_worker_reads_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLATE_MATCH_DATA", str(tmp_path))
    with TestClient(create_app(), "http://127.0.0.1") as client:
        assert client.get("/livez").status_code == 200
    assert (tmp_path / "plate-match.sqlite").exists()


def test_a_busy_port_is_told_as_such() -> None:
    with closing(bind("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://127.0.0.1:{port}"
        with pytest.raises(CannotStart, match=f"cannot listen on 127.0.0.1 port {port}"):
            bind("127.0.0.1", port)


def test_the_address_of_the_new_protocol_is_written_as_people_type_it() -> None:
    with closing(bind("::1", 0)) as listener:
        assert address_of(listener).startswith("http://[::1]:")


def test_a_service_that_cannot_start_says_why_and_lets_go_of_its_port(tmp_path: Path) -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(data=tmp_path, database_url="mysql://nowhere/x")
    with pytest.raises(CannotStart, match="database URL"):
        serve(settings, listener)
    bind("127.0.0.1", port).close()

"""A feed file is pulled over HTTPS from a real server on this machine. All plates are synthetic."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from service import clock
from tests.service.cli.conftest import Call
from tests.service.feeds import DECLARED, Owner

LIST = b"plate,reference\n8XKV41,SYN-1\n8XKV42,SYN-2\n"


@dataclass
class Server:
    """A server of files, with a certificate that only `trust` vouches for."""

    trust: Path
    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    status: int = 200


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "synthetic")])
    now = clock.to_datetime(clock.now())
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    trust, private = folder / "trust.pem", folder / "private.pem"
    trust.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return trust, private


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    trust, private = certificate(tmp_path)
    found = Server(trust)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.files.get(self.path)
            tag = None if body is None else f'"{hash(body)}"'
            found.asked.append((self.path, self.headers["If-None-Match"]))
            status = 404 if body is None else found.status
            status = 304 if status == 200 and self.headers["If-None-Match"] == tag else status
            self.send_response(status)
            self.send_header("ETag", tag or "")
            self.send_header("Content-Length", str(len(body or b"") if status == 200 else 0))
            self.end_headers()
            if status == 200:
                self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trust, private)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    found.port = listening.server_address[1]
    thread = Thread(target=listening.serve_forever)
    thread.start()
    yield found
    listening.shutdown()
    listening.server_close()
    thread.join()


def declare(data: Path, server: Server, more: str = "", *, trusted: bool = True) -> None:
    trust = f'trust = "{server.trust}"' if trusted else ""
    url = f"https://localhost:{server.port}/list.csv"
    (data / "feeds").mkdir(parents=True, exist_ok=True)
    declared = f'origin = "pull"\nurl = "{url}"\n{trust}\nlargest_share_lost = 1.0\n{more}\n'
    (data / "feeds" / "east.toml").write_text(declared + DECLARED)


def wait_over(data: Path) -> None:
    """Let the time until the next look be over."""
    path = data / "feeds" / ".east.pull.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "next_at": 0}))


def test_a_file_is_pulled_when_it_is_due_and_new(
    call: Call, server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    declare(data, server)
    server.files["/list.csv"] = LIST
    take = ("feed", "take", "--data", data)
    assert call(*take).out == "feed east: 2 of 2 rows in force\n"
    asked = len(server.asked)
    assert call(*take).out == ""
    assert len(server.asked) == asked
    wait_over(data)
    assert call(*take).out == ""
    assert server.asked[-1] == ("/list.csv", f'"{hash(LIST)}"')
    server.files["/list.csv"] = b"8XKV43\n"
    wait_over(data)
    assert call(*take).out == "feed east: 1 of 1 rows in force\n"


def test_manifest_and_signature_are_pulled_with_it(
    call: Call, server: Server, tmp_path: Path
) -> None:
    data, owner = tmp_path / "data", Owner(key=Ed25519PrivateKey.generate())
    declare(data, server, f'signature_key = "{owner.public}"')
    server.files["/list.csv"] = LIST
    told = call("feed", "take", "--data", data)
    assert "cannot be pulled (the server answered 404)" in told.err
    manifest = owner.manifest(LIST, rows=2)
    server.files["/list.csv.manifest.json"] = manifest
    server.files["/list.csv.manifest.json.sig"] = owner.signature(manifest)
    wait_over(data)
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"


def test_manifest_and_signature_lie_beside_the_path_and_not_behind_the_query(
    call: Call, server: Server, tmp_path: Path
) -> None:
    data, owner = tmp_path / "data", Owner()
    declare(data, server, f'signature_key = "{owner.public}"')
    declared = data / "feeds" / "east.toml"
    declared.write_text(declared.read_text().replace("/list.csv", "/list.csv?region=east&a=1"))
    now = clock.to_text(clock.now())
    manifest = owner.manifest(LIST, rows=2, producedAt=now)
    for ending, body in (
        ("", LIST),
        (".manifest.json", manifest),
        (".manifest.json.sig", owner.signature(manifest)),
    ):
        server.files[f"/list.csv{ending}?region=east&a=1"] = body
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"


def test_without_the_manifest_that_is_asked_for_a_file_is_refused_until_it_is_there(
    call: Call, server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    declare(data, server, "manifest = true")
    server.files["/list.csv"] = LIST
    told = call("feed", "take", "--data", data)
    assert "refused: manifest: is missing; the declaration asks for one" in told.out
    manifest = Owner().manifest(LIST, rows=2, producedAt=clock.to_text(clock.now()))
    server.files["/list.csv.manifest.json"] = manifest
    wait_over(data)
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"


def test_a_server_that_fails_is_asked_less_and_less_often(
    call: Call, server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    declare(data, server)
    server.files["/list.csv"], server.status = LIST, 500
    pauses = []
    for _ in range(3):
        before = clock.now()
        assert "the server answered 500" in call("feed", "take", "--data", data).err
        state = json.loads((data / "feeds" / ".east.pull.json").read_text())
        pauses.append((state["next_at"] - before) // clock.MINUTE)
        wait_over(data)
    assert pauses == [30, 60, 120]
    server.status = 200
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"
    assert json.loads((data / "feeds" / ".east.pull.json").read_text())["failures"] == 0


def test_a_server_that_nobody_vouches_for_is_not_trusted(
    call: Call, server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    declare(data, server, trusted=False)
    server.files["/list.csv"] = LIST
    assert "feed east cannot be pulled (ConnectError)" in call("feed", "take", "--data", data).err
    assert server.asked == []


def test_a_file_that_is_too_large_is_not_pulled(
    call: Call, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.adapters.feed_pull.LARGEST", 10)
    data = tmp_path / "data"
    declare(data, server)
    server.files["/list.csv"] = LIST
    assert "the file is larger than" in call("feed", "take", "--data", data).err

"""kill -9 under load, again and again: is everything there that was answered?

    python -m benchmarks.crash [--kills 20] [--seconds 1.5]

Serves a synthetic hotlist on loopback in a folder of its own, posts sightings from several
clients, kills the server without warning, starts it again and looks every answer up: it must be
there, the same to the byte. At last the audit chain is verified.
"""

import argparse
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

CLIENTS = 8
PLATES = ("1-SYN-01", "SY-001-N", "S-001-YN", "BOR SY 11", "99-SYN-9")
"""Synthetic."""

UNLIMITED = {
    f"PLATE_MATCH_{name}": "0"
    for name in (
        "PERSON_BITS_A_DAY",
        "PERSON_BITS_A_MONTH",
        "FIRM_BITS_A_MONTH",
        "REQUESTS_A_MINUTE",
    )
}

READS = ("1-SYN-01", "1-5YN-01", "SY-0?1-N", "begint met S-0", "BOR SY 11", "ZZ-99-ZZ")


@dataclass(slots=True)
class Load:
    """Clients that post until the server is gone; `answers` by id of the sighting."""

    port: int
    key: str
    answers: dict[str, bytes] = field(default_factory=dict)

    def run(self, until: float) -> None:
        """Post one sighting after another until the time is up or nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        number = 0
        while time.monotonic() < until:
            number += 1
            try:
                status, body = ask(connection, "/v1/sightings", key=self.key, body=sighting(number))
            except (OSError, http.client.HTTPException):
                return
            if status == http.client.CREATED:
                self.answers[json.loads(body)["id"]] = body


def sighting(number: int) -> dict[str, str]:
    """Return what a client posts."""
    return report(READS[number % len(READS)], "eyesight")


def report(read: str, source: str) -> dict[str, str]:
    """Return a sighting of now."""
    now = datetime.fromtimestamp(time.time_ns() / 1e9, UTC).isoformat()
    return {"read": read, "source": source, "seenAt": now, "purpose": "offences"}


def ask(
    connection: http.client.HTTPConnection,
    path: str,
    *,
    key: str,
    body: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Return status and body of one request."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    payload = json.dumps(body) if body else None
    connection.request("POST" if body else "GET", path, body=payload, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def command(data: Path, *words: str) -> list[str]:
    """Return a command line of the service on this folder."""
    return [sys.executable, "-m", "service", *words, "--data", str(data)]


def serve(data: Path, *words: str) -> tuple["subprocess.Popen[str]", int]:
    """Start the service on a free port and wait until it answers; it limits no load."""
    surroundings = os.environ  # noqa: TID251 - handed on to the service
    server = subprocess.Popen(
        command(data, "serve", "--port", "0", *words),
        env={**surroundings, **UNLIMITED},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    line = server.stdout.readline() if server.stdout else ""
    return server, int(line.rsplit(":", 1)[1])


def missing(port: int, key: str, answers: Mapping[str, bytes]) -> int:
    """Return how many answers are not there, or not the same."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    lost = 0
    for id_, body in answers.items():
        status, found = ask(connection, f"/v1/sightings/{id_}", key=key)
        given, kept = json.loads(body), json.loads(found)
        lost += status != http.client.OK or any(kept.get(name) != given[name] for name in given)
    return lost


def prepared(data: Path, plates: Iterable[str] = PLATES) -> str:
    """Load the hotlist, issue a guard's key and return it."""
    file = data / "synthetic.txt"
    file.write_text("# SYNTHETIC\n" + "\n".join(plates) + "\n", encoding="utf-8")
    loaded(data, file)
    return issued(data, "guard")


def loaded(data: Path, file: Path) -> None:
    """Load a file as the feed."""
    load = command(data, "feed", "load", str(file), "--feed", "synthetic")
    subprocess.run(load, check=True, capture_output=True)


def issued(data: Path, role: str) -> str:
    """Return a new key of a role."""
    issue = command(data, "credential", "issue", "--role", role, "--organisation", "Synthetic")
    told = subprocess.run(issue, check=True, capture_output=True, text=True)
    return str(json.loads(told.stdout)["key"])


def killed_under_load(data: Path, key: str, seconds: float) -> dict[str, bytes]:
    """Serve, load, kill; return what was answered."""
    server, port = serve(data)
    load = Load(port, key)
    until = time.monotonic() + seconds + 5
    clients = [threading.Thread(target=load.run, args=(until,)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(seconds)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    for client in clients:
        client.join()
    return load.answers


def main() -> None:
    """Kill, look up, verify; exit 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=1.5, help="of load before each kill")
    chosen = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="crash-"))
    try:
        key = prepared(data)
        answers: dict[str, bytes] = {}
        for kill in range(chosen.kills):
            answers |= killed_under_load(data, key, chosen.seconds)
            print(f"kill {kill + 1}: {len(answers)} answered so far", file=sys.stderr)
        server, port = serve(data)
        lost = missing(port, key, answers)
        server.send_signal(signal.SIGTERM)
        server.wait()
        verify = command(data, "audit", "verify")
        audit = subprocess.run(verify, check=False, capture_output=True, text=True)
    finally:
        shutil.rmtree(data)
    print(
        f"{chosen.kills} kills, {len(answers)} answered, {lost} of them lost; "
        f"the server then stopped with exit {server.returncode}"
    )
    print(f"audit verify: exit {audit.returncode}: {audit.stdout.strip()}{audit.stderr.strip()}")
    sys.exit(bool(lost or audit.returncode))


if __name__ == "__main__":
    main()

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing import Pipe, active_children
from pathlib import Path
from urllib.request import urlopen

import pytest

from plate_match import kernel
from plate_match.registry import Registry
from service.app import bind
from service.cli.serve import _has_spoken
from tests.service.cli.conftest import Call
from tests.service.cli.visitor import PATIENCE, ask, free_port, ready, undone, visited, wait_until


def children() -> list[int]:
    """Return the process ids of the workers of this process."""
    return [child.pid for child in active_children() if child.pid is not None]


def counted(port: int) -> list[str]:
    """Return what one answer of /metrics says of requests, rejected rows and entries."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as response:
        text = response.read().decode()
    wanted = (
        r'request_duration_seconds_count{method="GET",route="/v1/feeds",status="200"} (\d+)',
        r'feed_rejected_rows_total{feed="syn",reason="duplicate"} (\d+)',
        r"hotlist_entries (\d+)",
    )
    return [one for pattern in wanted for one in re.findall(pattern, text)]


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(
    call: Call, tmp_path: Path, told: signal.Signals
) -> None:
    port = free_port()

    def visit() -> None:
        wait_until(lambda: ready(port))
        assert ask(port, "/readyz")[0] == 503

    with visited(visit, told):
        ended = call("serve", "--port", port, "--data", tmp_path / "data")
    assert (ended.code, ended.out) == (0, f"Listening on http://127.0.0.1:{port}\n")
    assert ended.err.startswith("plate-match ")
    assert (tmp_path / "data" / "plate-match.sqlite").exists()


def test_several_workers_share_the_port_and_a_killed_one_is_replaced(
    call: Call, tmp_path: Path
) -> None:
    port, data = free_port(), tmp_path / "data"
    key = json.loads(
        call(
            *("credential", "issue", "--role", "operator", "--organisation", "Synthetic"),
            *("--data", data),
        ).out
    )["key"]
    feed = tmp_path / "feed.txt"
    feed.write_text("8XKV41\n8XKV41\n")
    call("feed", "load", feed, "--feed", "syn", "--data", data)
    stale = data / "metrics" / f"127.0.0.1:{port}" / "counter_1.db"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"stale")

    def visit() -> None:
        wait_until(lambda: ready(port))
        wait_until(lambda: len(children()) == 2)
        for _ in range(40):
            assert ask(port, "/v1/feeds", key=key)[0] == 200
        wait_until(lambda: counted(port) == ["40", "1", "1"])
        assert {tuple(counted(port)) for _ in range(20)} == {("40", "1", "1")}
        first, _ = before = children()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(children()) == 2 and children() != before)
        status, hotlist = ask(port, "/v1/hotlist", key=key)
        assert (status, hotlist["entries"]) == (200, 1)
        assert {tuple(counted(port)) for _ in range(20)} == {("40", "1", "1")}

    with visited(visit, signal.SIGTERM):
        ended = call("serve", "--workers", 2, "--port", port, "--data", data)
    assert ended.code == 0
    assert ended.err.count("was killed; another takes its place") == 1
    assert children() == []


def test_a_busy_port_is_exit_code_1_and_names_the_port(call: Call, tmp_path: Path) -> None:
    with closing(bind("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        told = call("serve", "--port", port, "--data", tmp_path)
    assert (told.code, told.out) == (1, "")
    assert f"plate-match: cannot listen on 127.0.0.1 port {port}" in told.err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_that_cannot_start_is_exit_code_1(
    call: Call, tmp_path: Path, workers: int
) -> None:
    (tmp_path / "plate-match.sqlite").touch(mode=0o600)
    (tmp_path / "plate-match.sqlite").write_bytes(b"no database" * 1000)
    with undone():
        told = call("serve", "--port", 0, "--data", tmp_path, "--workers", workers)
    assert (told.code, told.out) == (1, "")
    if workers == 1:
        assert "not a database" in told.err
    else:
        assert "a worker gave up, so the service has stopped" in told.err


def test_what_answers_is_named_at_the_start_the_registry_too(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, path = free_port(), tmp_path / "registry"
    export = b"kenteken,voertuigsoort,export_indicator\n8XKV41,Personenauto,Nee\n"
    registry = Registry.build([export])
    registry.save(path)
    monkeypatch.setenv("PLATE_MATCH_REGISTRY", str(path))
    with visited(lambda: wait_until(lambda: ready(port)), signal.SIGTERM):
        ended = call("serve", "--port", port, "--data", tmp_path / "data")
    assert ended.code == 0
    line = ended.err.splitlines()[0]
    assert line.endswith(f"+{registry.name}, kernel {kernel.name()}")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_registry_stops_the_start_and_says_so(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    (tmp_path / "registry").write_bytes(b"no registry")
    monkeypatch.setenv("PLATE_MATCH_REGISTRY", str(tmp_path / "registry"))
    with undone():
        told = call("serve", "--port", 0, "--data", tmp_path / "data", "--workers", workers)
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("plate-match: the registry ")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("PLATE_MATCH_PROT", "1"), ("PLATE_MATCH_BASE_RATE", "2")]
)
def test_wrong_settings_are_exit_code_2(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    told = call("serve", "--port", 0)
    assert (told.code, told.out) == (2, "")
    assert "plate-match: settings: " in told.err


def test_a_worker_that_has_ended_is_not_taken_for_a_ready_one() -> None:
    ours, theirs = Pipe()
    with ours:
        with theirs:
            assert not _has_spoken(ours)
            theirs.send("http://127.0.0.1:1")
            assert _has_spoken(ours)
        assert not _has_spoken(ours)


def test_workers_do_not_outlive_who_started_them(tmp_path: Path) -> None:
    port = free_port()
    arguments = ["serve", "--workers", "2", "--port", str(port), "--data", str(tmp_path / "data")]
    process = subprocess.Popen(
        [sys.executable, "-m", "service", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == f"Listening on http://127.0.0.1:{port}\n"
    process.kill()
    process.wait()
    wait_until(lambda: not ready(port))

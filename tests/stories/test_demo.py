"""The demo as a newcomer runs it: one command, then calls with the keys that it printed."""

import json
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from service import clock
from service.adapters.db import open_database
from service.app import bind
from service.cli.demo import folder as folders
from service.cli.demo import run
from service.cli.demo.folder import prepare
from service.cli.demo.pages import show_sighting
from service.cli.serve import announce
from service.cli.terminal import Progress, Refused, WrongUse, page
from service.errors import CannotStart
from service.records import Role
from service.settings import Settings
from tests.service.cli.visitor import PATIENCE, ask, free_port, ready, undone, visited, wait_until


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    folder: Path
    port: int
    printed: str

    @property
    def keys(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads((self.folder / "credentials.json").read_text())
        return kept

    def ask(self, role: str, path: str, body: object = None) -> tuple[int, Any]:
        return ask(self.port, path, body, self.keys[role])

    def hits(self) -> list[dict[str, Any]]:
        status, found = self.ask("dispatch", "/v1/hits/search", {})
        assert (status, found["next"]) == (200, None)
        listed: list[dict[str, Any]] = found["items"]
        return listed


def start(folder: Path, *options: str) -> Running:
    arguments = [sys.executable, "-W", "error", "-m", "service", "demo", "--data", str(folder)]
    process = subprocess.Popen(
        [*arguments, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Listening on "):
            return Running(process, folder, int(line.rpartition(":")[2]), printed)
    raise AssertionError(printed + process.communicate()[1])


def stop(running: Running, told: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    running.process.send_signal(told)
    out, err = running.process.communicate(timeout=60)
    assert out == ""
    return running.process.returncode, err


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo in a folder of its own, on a free port."""
    running = start(tmp_path_factory.mktemp("story") / "demo", "--port", "0")
    yield running
    if running.process.poll() is None:
        stop(running)


@pytest.fixture
def left(demo: Running, tmp_path: Path) -> Path:
    """A copy of the folder, as it would be found had the demo been killed."""
    copy = tmp_path / "demo"
    shutil.copytree(demo.folder, copy)
    return copy


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set once a demo in this process has said that it is ready."""
    said = Event()

    def announcing(address: str) -> None:
        announce(address)
        said.set()

    monkeypatch.setattr(run, "announce", announcing)
    return said


def test_what_it_shows_reads_well_without_a_terminal(demo: Running) -> None:
    assert "\x1b" not in demo.printed
    assert "SYNTHETIC" in demo.printed
    titles = [line for line in demo.printed.splitlines() if re.match(r"\d\. ", line)]
    assert len(titles) == 8
    assert re.match(r"plate-match .*, kernel \w", demo.printed)
    assert "No hit" in demo.printed
    assert re.search(r"Reported: \S+, \w+ \w+  \(eyesight\)", demo.printed)
    assert re.search(r"Reported: \S+ and \S+  \(eyesight\)", demo.printed)
    assert "told otherwise as a whole" in demo.printed
    assert demo.printed.endswith(f"Listening on http://127.0.0.1:{demo.port}\n")


def test_an_answer_leads_with_the_instruction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entry = {
        "instruction": "Do not approach.",
        "warnings": ["may flee"],
        "category": "drugs",
        "reference": "SYN-1",
        "vehicle": {"colour": "grey", "make": None, "kind": "car"},
    }
    explanation = {"alignment": [], "vehiclesThatFit": 3, "twins": []}
    hit = {
        "plate": "8XKV41",
        "confidence": 0.8,
        "disposition": "alert",
        "entries": [entry],
        "explanation": explanation,
    }
    sent = {"read": "8XKV41", "source": "radio"}
    show_sighting(page(), "1. a title", sent=sent, answer={"hits": [hit], "notListed": 0.2})
    _, reported, _, *lines, _, not_listed, _ = capsys.readouterr().out.splitlines()
    assert reported == "Reported: 8XKV41  (radio)"
    assert [line.strip() for line in lines[:4]] == [
        "Do not approach.",
        "Warning: may flee",
        "8-XKV-41  80.0 %  alert",
        "SYN-1 · drugs · grey car",
    ]
    assert lines[4].startswith("  Why: every symbol was read as it is. About 3.0 other")
    assert not_listed.strip() == "Not listed: 20.0 %"


def test_the_hotlist_holds_ten_thousand_synthetic_plates(demo: Running) -> None:
    plates = (demo.folder / "hotlist.txt").read_text().split()
    assert len(set(plates)) == len(plates) == 10_000
    rows = (demo.folder / "synthetic-hotlist.jsonl").read_text().splitlines()
    assert all(json.loads(row)["reference"].startswith("SYNTHETIC") for row in rows)
    status, hotlist = demo.ask("operator", "/v1/hotlist")
    assert (status, hotlist["entries"]) == (200, 10_000)


def test_every_role_has_a_key_that_is_printed_once_and_kept_private(demo: Running) -> None:
    kept = demo.folder / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert set(demo.keys) == {role.value for role in Role}
    for role, key in demo.keys.items():
        assert demo.printed.count(key) == 1
        assert f"{role.upper()}={key}\n" in demo.printed
        assert demo.ask(role, "/v1/hotlist")[0] == 200


def test_a_printed_call_works_when_it_is_pasted(demo: Running) -> None:
    lines = demo.printed.splitlines()
    pasted = [line for line in lines if line.startswith("curl ") or re.match(r"[A-Z]+=pm_", line)]
    calls = [line for line in pasted if line.startswith("curl ")]
    assert len(calls) == 3
    script = "\n".join(["curl() { printf '%s\\n' \"$@\" END; }", *pasted])
    told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    sent = [part.splitlines() for part in told.stdout.split("END\n")[:-1]]
    for arguments in sent:
        url = next(part for part in arguments if part.startswith("http"))
        path = url.removeprefix(f"http://127.0.0.1:{demo.port}")
        key = next(part for part in arguments if "Bearer" in part).rpartition(" ")[2]
        body = json.loads(arguments[-1]) if "-d" in arguments else None
        assert ask(demo.port, path, body, key)[0] in {200, 201}


def test_a_guard_reports_a_partial_and_dispatch_reads_the_hit(demo: Running) -> None:
    plate = (demo.folder / "hotlist.txt").read_text().split()[0]
    seen_at = clock.to_text(clock.now())
    sighting = {"read": f"{plate[:2]}?{plate[3:]}", "source": "eyesight", "seenAt": seen_at}
    status, answer = demo.ask(
        "guard",
        "/v1/sightings",
        {**sighting, "purpose": "offences"},
    )
    assert status == 201
    assert answer["hits"][0]["plate"] == plate
    assert 0.3 < answer["hits"][0]["confidence"] < 1
    newest = demo.hits()[0]
    assert newest["sightingId"] == answer["id"]
    assert newest["plate"] == plate
    # The control room's view weighs the entries too that a guard may not know of.
    assert newest["confidence"] == pytest.approx(answer["hits"][0]["confidence"], abs=0.1)


def test_it_goes_on_where_it_was_left(
    left: Path, demo: Running, capsys: pytest.CaptureFixture[str], announced: Event
) -> None:
    samples = json.loads((left / "sightings.json").read_text())
    path, port = f"/v1/sightings/{samples[2]['id']}", free_port()
    again = Running(demo.process, left, port, "")
    found: list[Any] = []

    def visit() -> None:
        assert announced.wait(PATIENCE)
        found.extend((again.hits(), again.ask("dispatch", path)))

    with visited(visit, signal.SIGINT):
        run.demo(left, port)
    printed = capsys.readouterr().out
    assert "Going on with the demo" in printed
    assert printed.endswith(f"Listening on http://127.0.0.1:{port}\n")
    assert again.keys == demo.keys
    first_hits, first_sample = demo.hits(), demo.ask("dispatch", path)
    assert [hit["id"] for hit in found[0]] == [hit["id"] for hit in first_hits][-len(found[0]) :]
    assert len(found[0]) >= 7
    assert found[1] == first_sample
    assert json.loads((left / "sightings.json").read_text()) == samples


def test_a_demo_killed_between_two_sightings_is_finished_and_posts_none_twice(
    left: Path, demo: Running, capsys: pytest.CaptureFixture[str], announced: Event
) -> None:
    samples = json.loads((left / "sightings.json").read_text())
    unfinished = [
        sample if number < 2 else {name: sample[name] for name in ("title", "body")}
        for number, sample in enumerate(samples)
    ]
    (left / "sightings.json").write_text(json.dumps(unfinished))
    port = free_port()
    hits: list[Any] = []

    def visit() -> None:
        assert announced.wait(PATIENCE)
        hits.extend(Running(demo.process, left, port, "").hits())

    with visited(visit, signal.SIGTERM):
        run.demo(left, port)
    assert json.loads((left / "sightings.json").read_text()) == samples
    printed = capsys.readouterr().out
    assert "2. a misread" not in printed
    assert "3. a partial" in printed
    assert len({hit["id"] for hit in hits}) == len({hit["id"] for hit in demo.hits()})


def test_what_cannot_be_finished_is_said_and_ends_with_exit_code_1(left: Path) -> None:
    samples = json.loads((left / "sightings.json").read_text())
    del samples[4]["id"]
    samples[4]["body"]["seenAt"] = "2020-01-01T00:00:00Z"
    (left / "sightings.json").write_text(json.dumps(samples))
    refusal = r"cannot be posted .*: delete .* to start a new demo"
    with undone(), pytest.raises(Refused, match=refusal):
        run.demo(left, free_port())
    assert "id" not in json.loads((left / "sightings.json").read_text())[4]


def test_a_demo_that_is_told_to_stop_while_it_posts_ends_quietly(left: Path) -> None:
    samples = json.loads((left / "sightings.json").read_text())
    del samples[4]["id"]
    (left / "sightings.json").write_text(json.dumps(samples))
    stopped = run._Demo(prepare(Settings(data=left), Progress()), "")
    stopped._call(f"http://127.0.0.1:{free_port()}")
    assert stopped._failure is None


def test_keys_that_were_never_written_down_are_replaced_and_the_lost_ones_revoked(
    left: Path,
) -> None:
    lost = json.loads((left / "credentials.json").read_text())
    (left / "credentials.json").unlink()
    prepared = prepare(Settings(data=left), Progress())
    assert set(prepared.keys) == set(lost)
    with open_database(data=left) as database:
        for role, key in prepared.keys.items():
            caller = database.credentials.identify(key)
            assert caller is not None
            assert caller.role == role
            assert database.credentials.identify(lost[role]) is None
        issued = [one for one in database.credentials.all() if one.revoked_at is None]
    firms = {one.role: one.organisation for one in issued}
    assert firms[Role.GUARD] == firms[Role.DISPATCH] == firms[Role.MANAGER]
    assert len(set(firms.values())) == 2


def test_a_half_made_folder_is_finished_step_by_step(
    left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "PLATES", 1500)
    plates = (left / "hotlist.txt").read_text().split()
    for made in left.iterdir():
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    (left / ".synthetic-hotlist.jsonl.new").write_text("half")
    prepare(Settings(data=left), Progress())
    assert (left / "hotlist.txt").read_text().split() == plates[:1500]
    versions = sorted(path.name for path in (left / "hotlist").iterdir())
    prepare(Settings(data=left), Progress())
    assert sorted(path.name for path in (left / "hotlist").iterdir()) == versions


@pytest.mark.parametrize("content", ["{", "[]", '{"guard": "pm_x"}'])
def test_damaged_keys_are_said(left: Path, content: str) -> None:
    (left / "credentials.json").write_text(content)
    with pytest.raises(WrongUse, match=r"credentials\.json is damaged; delete"):
        prepare(Settings(data=left), Progress())


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plate-match.sqlite").write_text("precious")
    with pytest.raises(WrongUse, match="is not empty and holds no demo"):
        run.demo(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["plate-match.sqlite"]


def test_a_database_that_the_settings_name_is_left_alone(
    left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere.sqlite"
    monkeypatch.setenv("PLATE_MATCH_DATABASE_URL", f"sqlite:///{elsewhere}")
    port = free_port()
    with visited(lambda: wait_until(lambda: ready(port)), signal.SIGTERM):
        run.demo(left, port)
    assert not elsewhere.exists()


def test_a_busy_port_that_was_asked_for_is_refused(tmp_path: Path) -> None:
    with closing(bind("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotStart, match=f"port {port}"):
            run.demo(tmp_path / "demo", port)
    assert not (tmp_path / "demo").exists()


def test_without_a_port_a_busy_one_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(bind("127.0.0.1", 0)) as listener:
        busy = listener.getsockname()[1]
        monkeypatch.setattr(run, "PORT", busy)
        with closing(run._listener(None)) as other:
            assert other.getsockname()[1] != busy
    with closing(run._listener(None)) as usual:
        assert usual.getsockname()[1] == busy


def test_a_signal_ends_it_with_exit_code_0_and_nothing_on_stderr(left: Path) -> None:
    again = start(left, "--port", "0")
    assert stop(again, signal.SIGINT) == (0, "")

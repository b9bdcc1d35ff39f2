"""A test entry is seen through the whole path, and nobody is alerted. All plates are synthetic."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plate_match.hotlist import Entry
from plate_match.plate import Plate
from service import clock
from service.adapters.db import open_database
from service.adapters.feed_folder import Declarations
from service.adapters.hotlist_files import HotlistFiles
from service.app import create_app
from service.feed_records import Offer
from service.settings import Settings
from service.usecases.canary import Canary, CanaryDied, caller_of
from service.usecases.load_hotlist import LoadHotlist
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness
from tests.service.api.test_stand_down import soon
from tests.service.feeds import DECLARED

CANARY: dict[str, object] = {"plate": "00XXX0", "reference": "C-1", "test": True}
OTHER: dict[str, object] = {"plate": "GV123B", "reference": "SYN-3", "category": "robbery"}


def service(data: Path, **settings: object) -> TestClient:
    return TestClient(create_app(Settings(data=data, **settings)), "http://127.0.0.1")  # type: ignore[arg-type]  # by name


def test_a_test_entry_is_found_again_and_alerts_nobody(tmp_path: Path) -> None:
    load(tmp_path, (CANARY, OTHER))
    with service(tmp_path, canary_minutes=0.01) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        proven = "plate_match_canary_proven_timestamp_seconds"
        assert soon(lambda: proven in desk.get("/metrics").text)
        hits = desk.post("/v1/hits/search", {"organisation": "canary"}, "dispatch").json()["items"]
        assert {(hit["plate"], hit["disposition"]) for hit in hits} == {("00XXX0", "withhold")}
        assert desk.report(read="00-XXX-0")["hits"] == []
        assert desk.report("dispatch", read="00-XXX-0")["hits"][0]["disposition"] == "withhold"
    with open_database(data=tmp_path) as database:
        firms = [one.organisation for one in database.credentials.all()]
    assert firms.count("canary") == 1


def test_a_plate_that_is_wanted_besides_alerts_as_ever(tmp_path: Path) -> None:
    load(tmp_path, (CANARY, {**CANARY, "reference": "SYN-9", "test": False, "category": "robbery"}))
    with service(tmp_path, canary_minutes=0) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        assert desk.report(read="00-XXX-0")["hits"][0]["disposition"] == "alert"
        assert "canary_proven" not in desk.get("/metrics").text


def test_without_a_test_entry_or_while_frozen_nothing_is_sent(tmp_path: Path) -> None:
    load(tmp_path, (OTHER, {**CANARY, "validFrom": "2099-01-01T00:00:00Z"}))
    with service(tmp_path, canary_minutes=0) as client:
        bird = canary(Harness(client, keys(tmp_path), tmp_path))
        assert bird.entry() is None
        bird.current.frozen = True
        assert bird.entry() is None
        bird.current._snapshot = None
        assert bird.entry() is None


def test_a_test_entry_that_is_not_found_is_told(tmp_path: Path) -> None:
    load(tmp_path, (OTHER,))
    with service(tmp_path, canary_minutes=0) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        bird = canary(desk)
        caller = caller_of(bird.register, now=clock.now())
        portal = client.portal
        assert portal is not None
        with pytest.raises(CanaryDied, match="made no hit"):
            portal.call(bird.sing, caller, Entry(plate=Plate("00XXX0"), test=True))
        assert "plate_match_canary_failures_total 1.0" in desk.get("/metrics").text


def canary(desk: Harness) -> Canary:
    state = desk.state
    return Canary(
        current=state.hotlist_status.current,
        register=state.credentials,  # type: ignore[arg-type]  # one table serves both
        report=state.report_sighting,
        history=state.read_history.history,
        metrics=state.metrics,
    )


def test_a_stale_list_is_told_and_counts_as_ready_or_not(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "east.toml").write_text(f"fresh_hours = 1.0\n{DECLARED}")
    file = tmp_path / "east.csv"
    file.write_text("plate\n8XKV41\n")
    before = clock.now() - 2 * clock.HOUR
    with open_database(data=tmp_path) as database:
        files, declared = HotlistFiles(tmp_path / "hotlist"), Declarations(tmp_path / "feeds").of
        loading = LoadHotlist(files, database.feed_history, declared)
        assert loading.load(Offer(file), "east", now=before).refused is None
    with service(tmp_path) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        ready = desk.get("/readyz", None)
        assert (ready.status_code, ready.json()) == (200, {"status": "ready", "stale": True})
        assert desk.report(read="8XKV41")["hotlist"]["stale"] is True
        assert desk.get("/v1/hotlist").json()["feeds"][0]["stale"] is True
        assert "plate_match_feed_fresh_until_timestamp_seconds" in desk.get("/metrics").text
    with service(tmp_path, ready_when_stale=False) as client:
        refused = client.get("/readyz")
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "urn:plate-match:stale-hotlist",
        )

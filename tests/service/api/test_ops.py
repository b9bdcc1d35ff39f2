import os
import re
import sqlite3
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service import clock, lifespan
from service.app import create_app
from service.current import CurrentSnapshot
from service.errors import CannotStart
from service.feed_records import FeedFile
from service.metrics import Metrics, shared_in
from service.settings import Settings
from tests.service.api.conftest import ENTRIES, keys, load
from tests.service.api.harness import Harness, sighting
from tests.service.disk import full_for


def test_a_service_with_a_hotlist_is_alive_and_ready(harness: Harness) -> None:
    assert harness.get("/livez", None).json() == {"status": "alive"}
    assert harness.get("/readyz", None).json() == {"status": "ready", "stale": False}


def test_before_the_first_hotlist_nothing_is_answered_and_nothing_recorded(tmp_path: Path) -> None:
    issued = keys(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, issued, tmp_path)
        assert harness.get("/livez", None).status_code == 200
        refused = [
            harness.get("/readyz", None),
            harness.get("/v1/hotlist"),
            harness.post("/v1/sightings", sighting(), headers={"Idempotency-Key": "early"}),
        ]
        for response in refused:
            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
            assert response.json()["type"] == "urn:plate-match:no-snapshot"
        assert "plate_match_hotlist_entries" not in harness.get("/metrics", None).text
        load(tmp_path)
        give_up = clock.now() + 10 * clock.SECOND
        while harness.get("/readyz", None).status_code == 503 and clock.now() < give_up:
            pass
        late = harness.post("/v1/sightings", sighting(), headers={"Idempotency-Key": "early"})
        assert late.status_code == 201


def test_without_its_database_a_service_is_not_ready_and_answers_nothing(tmp_path: Path) -> None:
    load(tmp_path)
    issued = keys(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, issued, tmp_path)
        assert harness.get("/v1/hotlist").status_code == 200
        with sqlite3.connect(tmp_path / "plate-match.sqlite") as database:
            database.execute("ALTER TABLE sighting RENAME TO hidden")
            database.execute("ALTER TABLE organisation RENAME TO gone")
        database.close()
        ready = harness.get("/readyz", None)
        assert ready.status_code == 503
        assert ready.json()["type"] == "urn:plate-match:storage-unavailable"
        assert harness.post("/v1/sightings", sighting()).status_code == 503
        assert harness.get("/metrics", None).status_code == 200


def test_on_a_full_disk_a_service_is_not_ready_until_it_can_write_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A purge would empty the journal by whose size the disk is full here.
    monkeypatch.setattr(lifespan, "purge_of", lambda *_: lambda: None)
    load(tmp_path)
    issued = keys(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, issued, tmp_path)
        harness.report()
        with full_for(tmp_path / "plate-match.sqlite-wal"):
            assert harness.post("/v1/sightings", sighting()).status_code == 503
            assert harness.get("/readyz", None).status_code == 503
        assert harness.get("/readyz", None).status_code == 200
        harness.report()


def test_metrics_count_requests_lookups_sightings_and_hits(harness: Harness) -> None:
    harness.report()
    response = harness.get("/metrics", None)
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    for wanted in (
        'http_request_duration_seconds_count{method="POST",route="/v1/sightings",status="201"}',
        'lookup_duration_seconds_count{phase="search"}',
        'lookup_duration_seconds_count{phase="answer"}',
        'sightings_total{source="eyesight"}',
        'hits_total{category="burglary",disposition="alert"}',
        "hotlist_entries 5.0",
        "hotlist_built_timestamp_seconds",
        "hotlist_info{version=",
        'feed_accepted_timestamp_seconds{feed="synthetic"}',
    ):
        assert f"\nplate_match_{wanted}" in response.text


def test_a_failed_phase_is_not_timed(harness: Harness) -> None:
    def timed() -> bool:
        return 'phase="broken"' in harness.get("/metrics", None).text

    with pytest.raises(KeyError), harness.state.metrics.lookup("broken"):
        raise KeyError
    assert not timed()


def file(id_: int, *reasons: str, rejected: int | None = None) -> FeedFile:
    return FeedFile(
        id=id_,
        feed="synthetic",
        received_at=0,
        sha256="",
        format="csv",
        rows=9,
        accepted=1,
        rejected=len(reasons) if rejected is None else rejected,
        rejects=tuple(enumerate(reasons, 1)),
        added=0,
        changed=0,
        withdrawn=0,
        version="v",
    )


def test_rejected_rows_are_counted_once_a_file_by_what_is_wrong_with_them() -> None:
    metrics = Metrics(CurrentSnapshot())
    first = file(1, "plate: is missing; feed: x", "plate: is long", "8XKV41", rejected=1200)
    metrics.feed_files([first])
    metrics.feed_files([first, file(2, "expired: validUntil has passed")])
    counted = re.findall(
        r'feed_rejected_rows_total{feed="synthetic",reason="(\w+)"} ([\d.]+)',
        metrics.exposition().decode(),
    )
    assert dict(counted) == {"plate": "2.0", "other": "1198.0", "expired": "1.0"}


def test_of_several_processes_one_counts_the_rejected_rows_of_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "stale.db").touch()
    with shared_in(folder):
        assert list(folder.iterdir()) == []
        siblings = [Metrics(CurrentSnapshot(), folder) for _ in range(2)]
        for metrics in siblings:
            metrics.feed_files([file(1, "duplicate: of row 1")])
            assert b"rejected" not in metrics.exposition()  # what is counted stands in the folder
        labels = {"feed": "synthetic", "reason": "duplicate"}
        name = "plate_match_feed_rejected_rows_total"
        counted = [metrics._registry.get_sample_value(name, labels) for metrics in siblings]
        assert counted == [1.0, None]


def test_a_folder_of_metrics_that_cannot_be_made_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "elsewhere")
    with shared_in(tmp_path / "metrics"):
        assert os.environb[b"PROMETHEUS_MULTIPROC_DIR"] == bytes(tmp_path / "metrics")
    assert os.environb[b"PROMETHEUS_MULTIPROC_DIR"] == b"elsewhere"
    (tmp_path / "in the way").touch()
    with pytest.raises(CannotStart, match="the folder of metrics cannot be used"):
        shared_in(tmp_path / "in the way").__enter__()


def test_the_rejects_of_a_loaded_file_are_in_the_metrics(tmp_path: Path) -> None:
    load(tmp_path, (*ENTRIES, ENTRIES[0], {"plate": "8X*41"}))
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        exposed = [client.get("/metrics").text for _ in range(2)]
    for reason in ("duplicate", "plate"):
        wanted = f'feed_rejected_rows_total{{feed="synthetic",reason="{reason}"}} 1.0'
        assert all(wanted in text for text in exposed)

"""What a sighting leaves behind: hits, alerts and audit are those of what was really found."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service import clock, ids
from service.api.sighting_checks import report_of_request
from service.lifespan import running
from service.records import Caller
from service.settings import Settings
from service.usecases.report_sighting import Key
from tests.service.api.conftest import keys, load
from tests.service.usecases.on_record import rows, seen, told

NOW = clock.now()
HOUR = 3_600_000_000
MOMENT = timedelta(microseconds=1)


def test_an_entry_that_has_ended_never_alerts_however_late_the_sighting(tmp_path: Path) -> None:
    ends = clock.to_text(NOW + HOUR)
    load(tmp_path, ({"plate": "8XKV41", "category": "robbery", "validUntil": ends},))

    def alerts(received_at: int) -> tuple[int, int, int]:
        """Hits answered, hits on record and alerts, so far, of what was seen before the end."""
        late = received_at - NOW
        answer = told(tmp_path, "8X-KV-41", received_at=received_at, late=late)
        on_record, alerts = (rows(tmp_path, f"SELECT * FROM {table}") for table in ("hit", "alert"))  # noqa: S608 - the names stand here
        return len(answer["hits"]), len(on_record), len(alerts)

    assert alerts(NOW + HOUR) == (0, 0, 0)
    assert alerts(NOW + 100 * HOUR) == (0, 0, 0)
    assert alerts(NOW + HOUR - 1) == (1, 1, 1)


def test_an_alert_is_left_by_a_hit_that_asks_for_one_and_by_no_other(tmp_path: Path) -> None:
    load(
        tmp_path,
        (
            {"plate": "8XKV41", "category": "robbery"},
            {"plate": "8XKV42", "category": "fines"},
        ),
    )
    told(tmp_path, "8X-KV-4?", received_at=NOW)
    found = rows(tmp_path, "SELECT id, plate, disposition FROM hit ORDER BY plate")
    assert [tuple(hit)[1:] for hit in found] == [
        ("8XKV41", "alert"),
        ("8XKV42", "show"),
    ]
    assert [alert["hit"] for alert in rows(tmp_path, "SELECT hit FROM alert")] == [found[0]["id"]]


def _listed(last: int, reference: str, category: str, **more: str) -> dict[str, object]:
    return {"plate": f"8XKV4{last}", "reference": reference, "category": category, **more}


LISTED = (
    _listed(1, "SYN-1", "robbery", dissemination="dispatch-only"),
    _listed(2, "SYN-2", "burglary"),
    _listed(2, "SYN-4", "burglary", dissemination="dispatch-only"),
    _listed(3, "SYN-3", "robbery", dissemination="dispatch-only"),
    _listed(4, "SYN-5", "robbery"),
)


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("guard", {"8XKV42": ["SYN-2"], "8XKV44": ["SYN-5"]}),
        (
            "dispatch",
            {
                "8XKV41": ["SYN-1"],
                "8XKV42": ["SYN-2", "SYN-4"],
                "8XKV43": ["SYN-3"],
                "8XKV44": ["SYN-5"],
            },
        ),
    ],
)
def test_the_audit_says_what_the_caller_was_shown_and_nothing_else(
    tmp_path: Path, role: str, shown: dict[str, list[str]]
) -> None:
    load(tmp_path, LISTED)
    answer = told(tmp_path, "8X-KV-4?", role=role, received_at=NOW)
    (payload,) = rows(tmp_path, "SELECT payload FROM audit_payload ORDER BY seq DESC LIMIT 1")
    said = json.loads(payload["payload"])
    assert (said["person"], said["reads"]) == (role, ["8X-KV-4?"])
    assert {one["plate"]: one["references"] for one in said["shown"]} == shown
    assert [one["plate"] for one in said["shown"]] == [hit["plate"] for hit in answer["hits"]]
    assert all(
        [entry["reference"] for entry in hit["entries"]] == shown[hit["plate"]]
        for hit in answer["hits"]
    )


def test_the_ids_a_guard_is_given_belong_to_these_plates_and_have_no_gap(tmp_path: Path) -> None:
    load(tmp_path, LISTED)
    answer = told(tmp_path, "8X-KV-4?", received_at=NOW)
    numbers = [ids.from_text(one["id"]) for one in (answer, *answer["hits"])]
    assert numbers[0] is not None
    assert numbers == [numbers[0] + place for place in range(len(numbers))]
    on_record = {row["id"]: row for row in rows(tmp_path, "SELECT * FROM hit")}
    assert {row["plate"] for row in on_record.values()} == {f"8XKV4{last}" for last in "1234"}
    for hit, number in zip(answer["hits"], numbers[1:], strict=True):
        assert on_record[number]["plate"] == hit["plate"]
    for id_, row in on_record.items():
        document = json.loads(row["document"])
        assert (document["id"], document["plate"]) == (ids.to_text(id_), row["plate"])


def test_what_is_on_record_is_weighed_over_all_entries(tmp_path: Path) -> None:
    load(tmp_path, LISTED)
    answer = told(tmp_path, "8X-KV-4?", received_at=NOW)
    on_record = {row["plate"]: row for row in rows(tmp_path, "SELECT * FROM hit")}
    assert sorted(row["rank"] for row in on_record.values()) == [1, 2, 3, 4]
    for hit in answer["hits"]:
        assert on_record[hit["plate"]]["confidence"] < hit["confidence"]
    known = json.loads(on_record["8XKV42"]["document"])
    assert [entry["reference"] for entry in known["entries"]] == ["SYN-2", "SYN-4"]


def test_five_hits_are_answered_at_most_and_as_many_recorded(tmp_path: Path) -> None:
    load(tmp_path, tuple({"plate": f"8XKV4{last}", "category": "drugs"} for last in range(1, 8)))
    answer = told(tmp_path, "8X-KV-4?", role="dispatch", received_at=NOW)
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3, 4, 5]
    assert len(rows(tmp_path, "SELECT id FROM hit")) == 5


@pytest.mark.parametrize(
    ("after", "replayed"), [(timedelta(days=7), True), (timedelta(days=7) + MOMENT, False)]
)
def test_a_key_stands_for_its_sighting_for_seven_days(
    tmp_path: Path, after: timedelta, *, replayed: bool
) -> None:
    load(tmp_path)
    issued, key = keys(tmp_path)["guard"], Key("k", b"body")

    async def again() -> bool:
        async with running(Settings(data=tmp_path), report_of_request) as state:
            caller = state.credentials.identify(issued)
            assert isinstance(caller, Caller)
            first = replace(state.report_sighting, now=lambda: NOW)
            later = replace(state.report_sighting, now=lambda: NOW + after // MOMENT)
            before = await first(caller, seen("8X-KV-41", NOW), key=key)
            found = await later.replay(caller, key)
            second = await later(caller, seen("8X-KV-41", NOW), key=key)
            assert (found is not None) == (found == second) == second.replayed
            assert second.replayed == (second.answer == before.answer)
            return second.replayed

    assert asyncio.run(again()) is replayed

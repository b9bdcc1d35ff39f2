"""What is said of a vehicle beside its first read: a description, further looks."""

from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, audited


def test_what_was_seen_of_the_vehicle_changes_the_answer_trait_by_trait(harness: Harness) -> None:
    def told(**seen: object) -> tuple[float, dict[str, float]]:
        hit = harness.report("dispatch", read="8XKV4", **seen)["hits"][0]
        assert hit["plate"] == "8XKV41"
        return hit["confidence"], {
            one["name"]: one["bits"] for one in hit["explanation"]["evidence"]
        }

    unsaid, _ = told()
    right, reasons = told(vehicle={"make": "VW", "colour": "zilver"})
    wrong, against = told(vehicle={"make": "Opel", "colour": "rood"})
    assert wrong < unsaid < right
    assert reasons["description"] > 0 > against["description"]


def test_a_sure_read_on_another_vehicle_is_a_possible_false_plate(tmp_path: Path) -> None:
    load(tmp_path, ({"plate": "8XKV41", "make": "Fiat", "colour": "red", "kind": "car"},))
    other = {"make": "Volvo", "colour": "white", "kind": "truck", "plateColour": "yellow"}
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, keys(tmp_path), tmp_path)
        hit = harness.report(read="8-XKV-41", vehicle=other)["hits"][0]
        evidence = {one["name"]: one["bits"] for one in hit["explanation"]["evidence"]}
    assert evidence["make"] < 0
    assert evidence["possible-false-plate"] > 1
    assert hit["confidence"] > 0.9


def test_the_duplicate_code_is_weighed(tmp_path: Path) -> None:
    load(tmp_path, ({"plate": "8XKV41", "duplicateCode": 1},))
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, keys(tmp_path), tmp_path)
        confidences = [
            harness.report(read="8XKV4", duplicateCode=code)["hits"][0]["confidence"]
            for code in (None, 0, 1)
        ]
    unsaid, none, same = confidences
    assert none < unsaid < same


def test_a_further_look_tells_more_and_its_alignment_follows(harness: Harness) -> None:
    alone = harness.report("dispatch", read="8X-?V-4")["hits"][0]
    again = [{"read": "8-XKV-?1", "source": "camera"}]
    answer = harness.report("dispatch", read="8X-?V-4", alsoRead=again)
    hit = answer["hits"][0]
    assert answer["pattern"] == "8X-?V-4"
    assert hit["plate"] == "8XKV41"
    assert hit["confidence"] > alone["confidence"]
    first, both = (one["explanation"]["alignment"] for one in (alone, hit))
    assert both[: len(first)] == first
    assert "".join(step["plate"].replace("-", "") for step in both) == 2 * "8XKV41"
    names = [one["name"] for one in hit["explanation"]["evidence"]]
    assert "shared-looks" in names


def test_a_further_look_without_a_source_has_that_of_the_sighting(harness: Harness) -> None:
    def told(**further: str) -> object:
        looks = [{"read": "8-XKV-4", **further}]
        answer = harness.report("dispatch", read="8XKV-4", source="memory", alsoRead=looks)
        return [(hit["plate"], hit["confidence"]) for hit in answer["hits"]]

    assert told() == told(source="memory") != told(source="camera")


def test_what_was_read_in_every_look_is_on_record(harness: Harness) -> None:
    answer = harness.report(read="8X-?V-41", alsoRead=[{"read": "8xkv 4"}, {"read": "XKV"}])
    header, payload = audited(harness)[-1]
    assert header["subject"] == answer["id"]
    assert payload["reads"] == ["8X-?V-41", "8xkv 4", "XKV"]
    assert "described" not in payload


def test_what_was_described_is_on_record_as_it_was_typed(harness: Harness) -> None:
    harness.report(vehicle={"make": "volkswagen", "colour": "Grijs"}, country="DE")
    _, payload = audited(harness)[-1]
    assert (payload["described"]["make"], payload["described"]["colour"]) == (
        "volkswagen", "Grijs"
    )  # fmt: skip
    assert payload["country"] == "DE"

"""A service can be told to refuse reads that say too little; otherwise they are answered."""

from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, faults, sighting


def test_a_read_of_one_symbol_is_answered_unless_more_is_asked_for(
    harness: Harness, tmp_path: Path
) -> None:
    little = sighting(read="8?", alsoRead=[{"read": "X"}])
    assert harness.post("/v1/sightings", little).status_code == 201
    load(tmp_path)
    with TestClient(
        create_app(Settings(data=tmp_path, least_symbols=3)), "http://127.0.0.1"
    ) as client:
        strict = Harness(client, keys(tmp_path), tmp_path)
        assert faults(strict.post("/v1/sightings", little)) == {("/read", "too-little")}
        enough = sighting(read="8?", alsoRead=[{"read": "8XK"}])
        assert strict.post("/v1/sightings", enough).status_code == 201

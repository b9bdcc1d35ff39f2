"""The registry of the settings: what it does to an answer, and what stops the start."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plate_match.registry import Registry
from service.adapters.registry_file import load_registry
from service.app import create_app
from service.errors import CannotStart
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness


def registry(path: Path, *plates: str) -> Path:
    """A synthetic registry of these plates."""
    rows = [f"{plate},Personenauto,Nee\n" for plate in plates]
    export = "".join(("kenteken,voertuigsoort,export_indicator\n", *rows))
    Registry.build([export.encode()]).save(path)
    return path


def test_an_answer_is_weighed_against_the_vehicles_that_are_registered(tmp_path: Path) -> None:
    """The read is of one other plate as well; whether that is registered changes everything."""
    load(tmp_path)
    issued = keys(tmp_path)
    odds, versions = [], []
    for name, plates in (("alone", ("8XKV41",)), ("twin", ("8XKV41", "8XKV42"))):
        path = registry(tmp_path / name, *plates)
        settings = Settings(data=tmp_path, registry=path)
        with TestClient(create_app(settings), "http://127.0.0.1") as client:
            answer = Harness(client, issued, tmp_path).report("dispatch", read="8-XKV-4?")
        confidence = answer["hits"][0]["confidence"]
        odds.append(confidence / (1 - confidence))
        versions.append(answer["model"]["version"])
        assert versions[-1].endswith(f"+{Registry.load(path).name}")
    assert odds[0] > 5 * odds[1]
    assert len(set(versions)) == 2


def test_without_one_there_is_nothing_to_load() -> None:
    assert load_registry(None) is None


def test_a_registry_that_is_damaged_stops_the_start(tmp_path: Path) -> None:
    path = registry(tmp_path / "registry", "8XKV41")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CannotStart, match=r"registry cannot be used: .*its checksum is another"):
        load_registry(path)


def test_a_registry_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"registry cannot be read: No such file"):
        load_registry(tmp_path / "registry")

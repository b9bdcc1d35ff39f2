"""One real service, on a real database and a hotlist from a real file, for all tests of the API."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.app import create_app
from service.feed_records import Offer
from service.records import Role
from service.settings import Settings
from service.usecases.credentials import Holder, issue_to
from service.usecases.load_hotlist import LoadHotlist
from tests.service.api.harness import Harness
from tests.service.feeds import DECLARED

ENTRIES: tuple[dict[str, object], ...] = (
    {
        "plate": "8XKV41",
        "reference": "SYN-1",
        "category": "burglary",
        "priority": 10,
        "instruction": "call",
        "warnings": ["may flee"],
        "make": "Volkswagen",
        "colour": "grey",
        "validUntil": "2099-12-31T23:00:00Z",
    },
    {"plate": "8XKV41", "reference": "SYN-2", "category": "stolen-plate", "wanted": "plate"},
    {"plate": "GV123B", "reference": "SYN-3", "category": "fines"},
    {
        "plate": "12ABC3",
        "reference": "SYN-4",
        "category": "robbery",
        "dissemination": "dispatch-only",
    },
    {"plate": "99ZZZ9", "reference": "SYN-5", "validFrom": "2099-01-01T00:00:00Z"},
)


UNLIMITED: dict[str, Any] = {
    "person_bits_a_day": 0,
    "person_bits_a_month": 0,
    "firm_bits_a_month": 0,
    "requests_a_minute": 0,
    "walk_hours": 0,
    "least_bits": 0,
}
"""Settings of a service that a test asks more of than any guard would."""


def load(data: Path, entries: tuple[dict[str, object], ...] = ENTRIES) -> None:
    """Load a synthetic hotlist as `feed load` does."""
    file = data / "synthetic.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    with open_database(data=data) as database:
        loading = LoadHotlist(HotlistFiles(data / "hotlist"), database.feed_history)
        loading.load(Offer(file), "synthetic", now=clock.now())


def declare(data: Path) -> None:
    """Declare the feed to be that of the synthetic firm."""
    (data / "feeds").mkdir(exist_ok=True)
    declared = DECLARED.replace('"east"', '"synthetic"').replace(
        "synthetic unit", "Synthetic Security"
    )
    (data / "feeds" / "synthetic.toml").write_text(declared, encoding="utf-8")


def keys(data: Path) -> dict[str, str]:
    """Issue a key for every role, and a second guard of the same synthetic firm."""
    with open_database(data=data) as database:
        named = {role.value: role for role in Role} | {"other guard": Role.GUARD}
        return {
            name: issue_to(
                database.credentials,
                Holder(role, "Synthetic Security", name, incident="SYN-1"),
                now=clock.now(),
            )[1]
            for name, role in named.items()
        }


@pytest.fixture(scope="session")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A running service with its hotlist and a key for every role."""
    data = tmp_path_factory.mktemp("service")
    load(data)
    declare(data)
    app = create_app(Settings(data=data, **UNLIMITED))
    with TestClient(app, "http://127.0.0.1") as client:
        yield Harness(client, keys(data), data)


@pytest.fixture
def now() -> datetime:
    """The moment of a test, to the second."""
    return clock.to_datetime(clock.now()).replace(microsecond=0).astimezone(UTC)

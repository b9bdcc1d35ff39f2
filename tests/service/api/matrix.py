"""Every route, every role, whose it is: what comes of it, as a table for people.

    python -m tests.service.api.matrix > docs/matrix.md

writes the page anew from a running service; a test compares the two.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from service import clock
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.inbox import Inbox
from service.api.route import Route
from service.api.routes import ROUTES
from service.app import create_app
from service.feed_records import Offer
from service.records import Role
from service.settings import Settings
from service.usecases.credentials import issue
from service.usecases.load_hotlist import LoadHotlist
from tests.service.api.conftest import UNLIMITED, declare, keys, load
from tests.service.api.harness import Harness, sighting
from tests.service.feeds import DECLARED

OWN, COLLEAGUE, OTHER, NONE = "own", "colleague's", "other firm's", "none"
WHOSE = (OWN, COLLEAGUE, OTHER, NONE)
NOBODY = {"no key": None, "unknown key": "pm_unknown"}
CALLERS = (*(role.value for role in Role), *NOBODY)
NOTHING = {NONE: "0000000000000"}
WEST, OWN_FIRM, OTHER_FIRM = "west", "Synthetic Security", "Other Security"

OF_KIND = {
    "organisations": (OTHER, NONE),  # whose own is suspended asks for nothing any more
    "people": (OWN, OTHER, NONE),
    "devices": (OWN, OTHER, NONE),
}

ON_PROPOSALS: Mapping[str, Mapping[str, str]] = {
    "/v1/people/{id}/approvals": {},
    "/v1/people/{id}/refusals": {"reason": "synthetic"},
    "/v1/people/{id}/withdrawals": {"reason": "synthetic"},
}

WITH_KEY = [route for route in ROUTES if route.roles is not None]

PAGE = """# Who gets what

Every route that needs a key, every role, and whose it is that is asked for: the guard's or the feed
owner's own, a colleague's of the same role and firm, another firm's, or nothing that is there. Made
by `python -m tests.service.api.matrix` from a running service; a test runs it again and compares.

Control room, info desk, auditor and operator see every firm's. A guard sees the guard's own
sightings; who keeps feeds, those of its own organisation; a manager, the people and devices of the
own firm. The key of the info desk was issued for an incident here, without one it is refused
where a purpose is asked (`docs/partners.md`). What is another's and what is not there are answered
alike, to the byte but for the id of the request; so is 403, whatever there is.

"""

Case = tuple[str, str, str]
"""Route, whose, caller."""


@dataclass(frozen=True)
class World:
    """Two firms with keys for every role, and one thing of each kind of every reporter."""

    harness: Harness
    ids: Mapping[str, Mapping[str, str]]

    def call(self, route: Route, whose: str, caller: str) -> Response:
        """Ask for something, as somebody."""
        key = NOBODY.get(caller, self.harness.keys.get(caller))
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        more: dict[str, Any] = {}
        if route.parts:
            more = {"files": {"file": b"8XKV41\n"}}  # synthetic
        elif route.template in ON_PROPOSALS:
            waiting = self.ids[f"waiting {route.template}"][whose]
            body = {"proposal": waiting, **ON_PROPOSALS[route.template]}
            more = {"json": body}
        elif route.method == "POST":
            more = {"json": BODIES.get(route.template, dict)()}
        path = self._path(route, whose)
        return self.harness.client.request(route.method, path, headers=headers, **more)

    def _path(self, route: Route, whose: str) -> str:
        kind = route.template if route.template in self.ids else route.template.split("/")[2]
        feed = {OTHER: WEST, NONE: "nowhere"}.get(whose, "synthetic")
        path = route.template.replace("{feed}", feed)
        return path.replace("{id}", self.ids[kind][whose]) if "{id}" in path else path


def _entry() -> dict[str, Any]:
    end = clock.to_text(clock.now() + clock.HOUR)
    return {
        "plate": "8XKV41", "validUntil": end, "legalGround": "synthetic", "purpose": "offences",
    }  # fmt: skip


_TERMS: Mapping[str, str] = {
    "licence": "ND 0000", "decision": "synthetic", "from": "2026-01-01T00:00:00Z",
}  # fmt: skip


def _person(firm: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "organisation": firm,
        "passNumber": "SYN-1",
        "passColour": "grey",
        "passUntil": "2099-01-01T00:00:00Z",
    }


BODIES: Mapping[str, Callable[[], object]] = {
    "/v1/sightings": sighting,
    "/v1/sightings/batch": lambda: {"sightings": [sighting()]},
    "/v1/entries": _entry,
    "/v1/entries/{id}/withdrawals": lambda: {"reason": "synthetic"},
    "/v1/organisations": lambda: {"name": "Third Security", "terms": _TERMS},
    "/v1/organisations/{id}/suspensions": lambda: {"reason": "synthetic"},
    "/v1/organisations/{id}/reinstatements": lambda: {"reason": "synthetic"},
    "/v1/people": lambda: _person(OWN_FIRM, "A. Sample"),
    "/v1/people/{id}/drops": lambda: {"reason": "synthetic"},
    "/v1/devices": lambda: {"name": "synthetic", "organisation": OWN_FIRM},
    "/v1/devices/{id}/drops": lambda: {"reason": "synthetic"},
}


def whose_of(route: Route) -> tuple[str, ...]:
    """Return whose things a route may be asked for."""
    if "{id}" in route.template:
        return OF_KIND.get(route.template.split("/")[2], WHOSE)
    return (OWN, OTHER, NONE) if "{feed}" in route.template else (OWN,)


def cases() -> Iterator[tuple[Route, str]]:
    """Yield every route with whose it may be asked for."""
    for route in WITH_KEY:
        for whose in whose_of(route):
            yield route, whose


@contextmanager
def world(data: Path) -> Iterator[World]:
    """Run a service that two firms use."""
    load(data)
    declare(data)
    declared = DECLARED.replace('"east"', f'"{WEST}"').replace("synthetic unit", OTHER_FIRM)
    (data / "feeds" / f"{WEST}.toml").write_text(declared, encoding="utf-8")
    file = data / "west.txt"
    file.write_text("GV124B\n", encoding="utf-8")  # synthetic
    with open_database(data=data) as database:
        loading = LoadHotlist(HotlistFiles(data / "hotlist"), database.feed_history)
        loading.load(Offer(file), WEST, now=clock.now())
        more = {
            name: issue(database.credentials, role, firm, person=name, now=clock.now())[1]
            for name, role, firm in (
                ("other guard of another firm", Role.GUARD, OTHER_FIRM),
                ("other feed", Role.FEED, OWN_FIRM),
                ("other feed of another firm", Role.FEED, OTHER_FIRM),
            )
        }
    with ExitStack() as opened:
        opened.enter_context(Inbox(data).taking())  # what is handed in stays where it is
        app = create_app(Settings(data=data, canary_minutes=0, **UNLIMITED))
        client = opened.enter_context(TestClient(app, "http://127.0.0.1"))
        harness = Harness(client, {**keys(data), **more}, data)
        yield World(harness, _made(harness))


def _made(harness: Harness) -> dict[str, dict[str, str]]:
    of = {OWN: "", COLLEAGUE: "other ", OTHER: "other "}
    end = {OWN: "", COLLEAGUE: "", OTHER: " of another firm"}
    reports = {whose: harness.report(f"{of[whose]}guard{end[whose]}") for whose in of}
    entries = {
        whose: harness.post("/v1/entries", _entry(), f"{of[whose]}feed{end[whose]}").json()["id"]
        for whose in of
    }
    files = {
        whose: harness.get(f"/v1/feeds/{feed}/files", "auditor").json()["items"][0]["id"]
        for whose, feed in ((OWN, "synthetic"), (COLLEAGUE, "synthetic"), (OTHER, WEST))
    }
    firms = {OWN: OWN_FIRM, OTHER: OTHER_FIRM}
    return {
        **_made_of_firms(harness, firms),
        "sightings": {whose: report["id"] for whose, report in reports.items()} | NOTHING,
        "hits": {whose: report["hits"][0]["id"] for whose, report in reports.items()} | NOTHING,
        "entries": entries | NOTHING,
        "feeds": files | NOTHING,
    }


def _made_of_firms(harness: Harness, firms: Mapping[str, str]) -> dict[str, dict[str, str]]:
    def made(path: str, body: object) -> dict[str, Any]:
        found: dict[str, Any] = harness.post(path, body, "operator").json()
        return found

    devices = {
        whose: made("/v1/devices", {"name": "synthetic", "organisation": firm})["id"]
        for whose, firm in firms.items()
    }
    ids = {}
    for kind in ("people", *ON_PROPOSALS):
        people = {w: made("/v1/people", _person(firm, f"B {kind}")) for w, firm in firms.items()}
        ids[kind] = {whose: one["id"] for whose, one in people.items()} | NOTHING
        waiting = {whose: one["waiting"]["id"] for whose, one in people.items()}
        ids[f"waiting {kind}"] = waiting | NOTHING
    other = made("/v1/organisations", {"name": OTHER_FIRM, "terms": _TERMS})["id"]
    return {
        "devices": devices | NOTHING,
        **ids,
        "organisations": {OTHER: other} | NOTHING,
    }


def observed(asked: World) -> dict[Case, Response]:
    """Ask for everything, as everybody."""
    return {
        (f"{route.method} {route.template}", whose, caller): asked.call(route, whose, caller)
        for route, whose in cases()
        for caller in CALLERS
    }


def page(answers: Mapping[Case, Response]) -> str:
    """Return the page that shows what came of it."""
    lines = [f"| | whose | {' | '.join(CALLERS)} |", "|---" * (len(CALLERS) + 2) + "|"]
    for route, whose in cases():
        name = f"{route.method} {route.template}"
        told = " | ".join(str(answers[name, whose, caller].status_code) for caller in CALLERS)
        shown = whose if len(whose_of(route)) > 1 else ""
        lines.append(f"| `{name}` | {shown} | {told} |")
    return PAGE + "\n".join(lines) + "\n"


if __name__ == "__main__":
    with TemporaryDirectory() as folder, world(Path(folder)) as one:
        sys.stdout.write(page(observed(one)))

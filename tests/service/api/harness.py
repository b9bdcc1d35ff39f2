"""What the tests of the API do again and again, in their words."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from service import clock
from service.api.edge import Edge
from service.app import Service
from service.state import State


def sighting(**changes: object) -> dict[str, Any]:
    """A sighting as a guard's app sends it, just now, with changes; None leaves a field out."""
    sent = {
        "read": "8X-?V-41",
        "source": "eyesight",
        "seenAt": clock.to_text(clock.now()),
        "purpose": "offences",
    } | changes
    return {name: value for name, value in sent.items() if value is not None}


def time(at: datetime) -> str:
    """A moment as it travels."""
    return clock.to_text(clock.to_micros(at))


def faults(response: Response) -> set[tuple[str, str]]:
    """The faults of a refusal, each as (pointer, code)."""
    assert response.headers["content-type"] == "application/problem+json"
    return {(one["pointer"], one["code"]) for one in response.json()["errors"]}


@dataclass(frozen=True)
class Harness:
    """A running service and the keys to it."""

    client: TestClient
    keys: dict[str, str]
    data: Path

    @property
    def state(self) -> State:
        """What the requests of this service reach."""
        service = self.client.app
        assert isinstance(service, Service)
        assert isinstance(service._application, Edge)
        return service._application._state

    def call(self, method: str, path: str, role: str | None = "guard", **more: Any) -> Response:
        """Send a request with the key of a role."""
        headers = more.pop("headers", {})
        if role is not None:
            headers = {"Authorization": f"Bearer {self.keys[role]}", **headers}
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, role: str | None = "guard") -> Response:
        """Read something."""
        return self.call("GET", path, role)

    def post(self, path: str, body: object, role: str | None = "guard", **more: Any) -> Response:
        """Send JSON; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        return self.call("POST", path, role, content=content, headers=headers, **more)

    def report(self, role: str = "guard", **changes: object) -> dict[str, Any]:
        """Report a sighting that is taken, and return the answer."""
        response = self.post("/v1/sightings", sighting(**changes), role)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer


def audited(harness: Harness) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The audit, oldest first: the header and the payload of each record."""
    with sqlite3.connect(harness.data / "plate-match.sqlite", timeout=30) as database:
        rows = database.execute(
            "SELECT audit.header, audit_payload.payload FROM audit JOIN audit_payload USING (seq)"
            " ORDER BY seq"
        ).fetchall()
    database.close()
    return [(json.loads(header), json.loads(payload)) for header, payload in rows]

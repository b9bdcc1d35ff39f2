import json
from typing import Any

import pytest

from service.api.describe import refusals_of
from service.api.problem import Problem
from service.api.route import Route
from service.api.routes import ROUTES
from service.api.wire import described_models
from tests.service.api.harness import Harness, sighting


@pytest.fixture(scope="module")
def document(harness: Harness) -> dict[str, Any]:
    response = harness.get("/v1/openapi.json", None)
    assert response.status_code == 200
    openapi: dict[str, Any] = response.json()
    return openapi


def test_every_route_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    described = {
        (method.upper(), template)
        for template, methods in document["paths"].items()
        for method in methods
    }
    assert described == {(route.method, route.template) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method}{route.template}")
def test_a_route_is_described_with_its_models_refusals_and_key(
    document: dict[str, Any], route: Route
) -> None:
    described = document["paths"][route.template][route.method.lower()]
    statuses = {int(status) for status in described["responses"]}
    assert statuses == {route.status, *refusals_of(route)}
    for status in refusals_of(route):
        content = described["responses"][str(status)]["content"]
        assert list(content) == ["application/problem+json"]
    assert ("security" in described) is (route.roles is not None)
    if route.takes is not None:
        body = described["requestBody"]["content"]["application/json"]["schema"]
        assert body == {"$ref": f"#/components/schemas/{route.takes.__name__}"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method}{route.template}")
def test_headers_that_say_something_of_their_own_are_described(
    document: dict[str, Any], route: Route
) -> None:
    described = document["paths"][route.template][route.method.lower()]
    sent = {one["name"] for one in described.get("parameters", []) if one["in"] == "header"}
    assert ({"purpose", "incident-reference"} <= sent) is route.consults
    taken = set(described["responses"][str(int(route.status))].get("headers", {}))
    assert ("Duty-Of-Secrecy" in taken) is route.police_data
    assert ("RateLimit-Limit" in taken) is (route.roles is not None)
    assert ("Idempotency-Replayed" in taken) is route.replayable
    if route.roles is not None:
        assert {"Retry-After", "RateLimit-Reset"} <= set(described["responses"]["429"]["headers"])
        assert set(described["responses"]["401"]["headers"]) == {"WWW-Authenticate"}


def test_whoever_needs_a_key_may_find_that_it_cannot_be_looked_up() -> None:
    for route in ROUTES:
        assert route.roles is None or 503 in refusals_of(route)


def test_what_a_key_means_for_a_batch_is_described(document: dict[str, Any]) -> None:
    described = document["paths"]["/v1/sightings/batch"]["post"]
    assert "422" in described["responses"]
    assert "with another batch it is refused" in " ".join(described["description"].split())


def test_every_model_has_an_example_that_is_one(document: dict[str, Any]) -> None:
    for model in described_models():
        schema = document["components"]["schemas"][model.__name__]
        for example in schema["examples"]:
            model.model_validate_json(json.dumps(example))


def test_every_model_that_is_described_has_an_example(document: dict[str, Any]) -> None:
    objects = {n for n, one in document["components"]["schemas"].items() if "properties" in one}
    assert objects == {model.__name__ for model in described_models()}


def test_there_is_somebody_to_write_to(document: dict[str, Any]) -> None:
    assert document["info"]["contact"]["email"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_what_is_refused_is_what_is_described(harness: Harness) -> None:
    response = harness.post("/v1/sightings", sighting(read=None))
    model = Problem.model_validate_json(response.content)
    assert model.model_dump_json(by_alias=True) == response.text
    assert model.status == response.status_code


def test_pages_and_parts_are_described(document: dict[str, Any]) -> None:
    files = document["paths"]["/v1/feeds/{feed}/files"]
    assert {one["name"] for one in files["get"]["parameters"]} == {"feed", "limit", "cursor"}
    body = files["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert (set(body["properties"]), body["required"]) == (
        {"file", "manifest", "signature"},
        ["file"],
    )

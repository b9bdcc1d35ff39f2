from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from plate_match.channel import Source
from plate_match.matcher import Matcher
from service.api.answers import HIT_EXAMPLE, EvidenceName, StepKind
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness

READS = ("12-ABC-3", "BXKV41", "8X?V41", "X8KV41", "8XKV1", "8XKVV41", "8X*1", "KV41")


def test_the_kinds_of_steps_and_names_of_evidence_described_are_those_answered() -> None:
    matcher = Matcher.build(["12-ABC-3", "8X-KV-41"])
    explanations = [
        hit.explanation
        for read in READS
        for source in Source
        for hit in matcher.match(read, source=source, min_confidence=0).hits
    ]
    assert {step.kind for one in explanations for step in one.alignment} == {*get_args(StepKind)}
    names = {tuple(reason.name for reason in one.evidence) for one in explanations}
    assert names == {get_args(EvidenceName)}


def test_the_example_of_a_hit_adds_up() -> None:
    example: Any = HIT_EXAMPLE
    alignment, evidence = (example["explanation"][name] for name in ("alignment", "evidence"))
    odds = 2 ** sum(one["bits"] for one in evidence)
    assert odds / (1 + odds) == pytest.approx(example["confidence"], abs=1e-3)
    assert [one["name"] for one in evidence] == [*get_args(EvidenceName)]
    steps = sum(step["bits"] for step in alignment)
    assert evidence[1]["bits"] == pytest.approx(steps, abs=1e-3)
    assert "".join(step["plate"] for step in alignment) == example["plate"]


def test_a_hit_that_hangs_on_the_base_rate_says_so(tmp_path: Path) -> None:
    """A fine alerts from 90 %; where little was seen, three times the base rate gets there."""
    load(tmp_path, ({"plate": "8XKV41", "category": "fines"},))
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, keys(tmp_path), tmp_path)
        told = [harness.report("dispatch", read=read)["hits"][0] for read in ("8X*", "8X-KV-41")]
    assert [(hit["disposition"], hit["sensitive"]) for hit in told] == [
        ("show", True),
        ("alert", False),
    ]

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from plate_match import channel
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.explain import Step, explain
from plate_match.hit import Explanation
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Pattern, Plate
from plate_match.report import Look, Report, read_of
from plate_match.sight import Sight
from service.api.answers import HIT_EXAMPLE, EvidenceName, StepKind
from service.api.sighting_models import SENT_EXAMPLE
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness

READS = ("12-ABC-3", "BXKV41", "8X?V41", "X8KV41", "8XKV1", "8XKVV41", "8X*1", "KV41")

SEEN = Description("VW", "Golf", "grey", "car", plate_colour="white", duplicate_code=1)
DESCRIBED = Entry(
    plate=Plate("8XKV41"),
    make="VW",
    model="Golf",
    colour="red",
    kind="car",
    plate_colour="yellow",
    duplicate_code=1,
)
LISTED = (
    DESCRIBED,
    *(Entry(plate=Plate("12ABC3"), make=make) for make in ("Opel", "VW")),
    Entry(plate=Pattern(tuple("8X*")), make="VW"),
    Entry(plate=None, make="VW", colour="grey"),
)
"""Synthetic; of the second plate the description differs by entry."""


def explanations() -> Iterator[Explanation]:
    matcher = Matcher.build(Hotlist(LISTED))
    looks = [Look(read_of(read, source=source), source) for read in READS for source in Source]
    reports = [Report((look,)) for look in looks]
    reports += [Report((look, look), SEEN, "NL") for look in looks[: 2 * len(Source)]]
    for report in reports:
        for hit in matcher.search(report).answer(min_confidence=0).hits:
            yield hit.explanation


def retold() -> tuple[Step, ...]:
    """The steps from a plate to a read whose number was turned round."""
    as_it_stands, turned = (read_of(text, source=Source.RADIO) for text in ("8XKV14", "8XKV41"))
    sight = Sight(channel.load(), Source.RADIO, ((0.9, as_it_stands), (0.1, turned)))
    return explain(sight, Plate("8XKV41"))


def test_the_kinds_of_steps_and_names_of_evidence_described_are_those_answered() -> None:
    answered = list(explanations())
    steps = [step for one in answered for step in one.alignment]
    assert {step.kind for step in (*steps, *retold())} == {*get_args(StepKind)}
    orders = {tuple(reason.name for reason in one.evidence) for one in answered}
    assert {name for names in orders for name in names} == {*get_args(EvidenceName)}
    for names in orders:
        assert list(names) == [name for name in get_args(EvidenceName) if name in names]


def test_the_example_of_a_hit_adds_up() -> None:
    example: Any = HIT_EXAMPLE
    sent: Any = SENT_EXAMPLE
    alignment, evidence = (example["explanation"][name] for name in ("alignment", "evidence"))
    odds = 2 ** sum(one["bits"] for one in evidence)
    assert odds / (1 + odds) == pytest.approx(example["confidence"], abs=1e-3)
    names = [one["name"] for one in evidence]
    assert names == [name for name in get_args(EvidenceName) if name in names]
    steps = sum(step["bits"] for step in alignment)
    assert evidence[1]["bits"] == pytest.approx(steps, abs=1e-3)
    looks = 1 + len(sent["alsoRead"])
    assert "".join(step["plate"] for step in alignment) == looks * example["plate"]


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

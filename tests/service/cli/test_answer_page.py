import io
from typing import get_args

import pytest
from rich.console import Console

from plate_match.matcher import Matcher
from service.api.answers import EvidenceName, StepKind
from service.cli.answer_page import _KINDS, _REASONS, percent, rivals, show_answer, why
from service.cli.lookup import document

STEP = {"read": "8", "plate": "8", "kind": "same", "bits": -0.4}


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        (0.0, "0.00 %"),
        (1e-9, "< 0.01 %"),
        (0.0049, "0.49 %"),
        (0.25, "25.0 %"),
        (0.9876, "98.8 %"),
        (0.9987, "99.87 %"),
        (0.9999999, "> 99.99 %"),
        (1.0, "100.00 %"),
    ],
)
def test_a_percentage_never_pretends_to_be_certain(chance: float, told: str) -> None:
    assert percent(chance) == told


def test_the_evidence_adds_up_on_the_page_to_the_confidence_of_the_hit() -> None:
    answer = document(Matcher.build(["8XKV41", "12AB34"]).match("8X-?V-41"))
    stream = io.StringIO()
    show_answer(Console(file=stream, width=100), answer)
    hit = answer["hits"][0]
    bits = sum(step["bits"] for step in hit["explanation"]["evidence"])
    assert f"{bits:+.1f} bits of log-odds are {percent(hit['confidence'])}." in stream.getvalue()


def test_a_sensitive_hit_is_explained() -> None:
    answer = document(Matcher.build(["8XKV41"]).match("8X-?V-41"))
    answer["hits"][0]["sensitive"] = True
    stream = io.StringIO()
    show_answer(Console(file=stream, width=100), answer)
    assert "alert (sensitive)" in stream.getvalue()
    assert "sensitive: another disposition" in stream.getvalue()


def test_there_are_words_for_every_reason_and_every_kind_of_step() -> None:
    assert tuple(_REASONS) == get_args(EvidenceName)
    assert {*_KINDS} == {*get_args(StepKind)}


def test_rivals_name_the_twins() -> None:
    assert rivals({"vehiclesThatFit": 0.01, "twins": ["8XKV44"]}) == (
        "Less than 0.1 other registered vehicles fit the read as well as this plate. "
        "As easily read so: 8-XKV-44."
    )
    assert rivals({"vehiclesThatFit": 1234.5, "twins": []}).startswith("About 1,234.5 other")


def test_why_names_what_was_read_for_what() -> None:
    alone = {"vehiclesThatFit": 2, "twins": []}
    assert why({"alignment": [STEP], **alone}).startswith("every symbol was read as it is. About 2")
    steps = [
        STEP,
        {"read": "B", "plate": "8", "kind": "confused", "bits": -3.0},
        {"read": "", "plate": "1", "kind": "missing", "bits": -4.0},
        {"read": "-", "plate": "", "kind": "inserted", "bits": -4.0},
    ]
    assert why({"alignment": steps, **alone}).startswith(
        "read B for 8 (misread), nothing for 1 (left out). "
    )
    retold = {"read": "8-XKV-14", "plate": "8XKV41", "kind": "retold", "bits": -5.0}
    assert why({"alignment": [retold, STEP], **alone}).startswith(
        "read 8-XKV-14 for 8XKV41 (told otherwise as a whole). "
    )

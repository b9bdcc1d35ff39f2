"""Any change of a score shows: in the diff of `expected.csv`, and here."""

import csv

import pytest

from benchmarks.accuracy.reference.__main__ import HERE, cases, matcher, scores
from plate_match import kernel

Line = tuple[str, ...]

SEVERAL = {case["case"] for case in cases() if "|" in case["read"]}
"""Cases of several looks."""


def expected() -> list[Line]:
    with (HERE / "expected.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def same_digits(one: str, other: str) -> bool:
    """Whether two numbers of three digits are one, or fell either side of a half."""
    return one == other or float(one) == pytest.approx(float(other), rel=6e-3)


@pytest.mark.skipif(not kernel.native, reason="scores were frozen with the kernel")
def test_the_frozen_run_scores_as_it_did() -> None:
    found, frozen = list(scores(matcher())), expected()
    assert [line[:3] for line in found] == [line[:3] for line in frozen]
    differ = [
        (one, other)
        for one, other in zip(found, frozen, strict=True)
        if not all(map(same_digits, one[3:], other[3:]))
    ]
    assert not differ, "look at the diff that `python -m benchmarks.accuracy.reference` makes"


def test_numpy_finds_the_same_and_is_as_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one look: what is not shown is an exact sum there, and an estimate in the kernel."""
    monkeypatch.setattr(kernel, "native", None)
    found = {line[:3]: line for line in scores(matcher()) if line[0] not in SEVERAL}
    frozen = {line[:3]: line for line in expected() if line[0] not in SEVERAL}
    for key in found.keys() | frozen.keys():
        one, other = (
            float((lines.get(key) or (0, 0, 0, "0"))[3] or 0) for lines in (found, frozen)
        )
        assert one == pytest.approx(other, abs=0.02)

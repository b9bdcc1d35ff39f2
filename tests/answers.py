"""Answers as they can be compared: their reasons are worked out, or left out."""

from dataclasses import replace

from plate_match.found import Answer
from plate_match.hit import Explanation


def plain(answer: Answer) -> Answer:
    """Return an answer without the reasons of its hits."""
    hits = tuple(replace(hit, explain=_unexplained) for hit in answer.hits)
    return replace(answer, hits=hits)


def told(answer: Answer) -> tuple[Answer, list[Explanation]]:
    """Return all that an answer says, the reasons worked out."""
    return plain(answer), [hit.explain() for hit in answer.hits]


def _unexplained() -> Explanation:
    raise AssertionError("nobody asks")

"""Counts and tables as JSON: what is committed, and the version that names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fit import beliefs
from benchmarks.fit.expect import Counts
from benchmarks.fit.reads import GROUPS
from benchmarks.fit.tables import blended, rates_of
from plate_match.channel import Rates

COUNTS = Path(__file__).parent / "counts"
CHANNEL = Path(__file__).parents[2] / "plate_match" / "tables" / "channel.json"

STYLES = GROUPS["people"].styles

CAMERA_SHARES = {"camera-good": 0.6, "camera-weak": 0.25, "camera-homemade": 0.15}
"""How much of what cameras send comes from readers of each class: an assumption."""

PROVENANCE = {
    "camera": "six engines on rendered plates, thirteen home-made readers on street video",
    "eyesight": "simulated typed reports, guided by published figures; not observations",
    "memory": "the simulated reports that were made as if from memory; not observations",
    "mirror": "no observed reads: people's reports with the mistakes a mirror invites",
    "radio": "no observed reads: people's reports with the mistakes ears make",
}


def write_counts(name: str, counts: Counts) -> None:
    """Write the counts of one class of reader."""
    document = {
        one.name: _rounded(getattr(counts, one.name), 6)
        for one in fields(Counts)
        if one.name not in ("likelihood", "slots_by_style")
    }
    _write(COUNTS / f"{name}.json", document)


def read_counts(name: str) -> Counts:
    """Return the counts of one class of reader, as committed."""
    document = json.loads((COUNTS / f"{name}.json").read_text(encoding="utf-8"))
    counts = Counts(document.pop("components"), document.pop("bins"))
    for field, value in document.items():
        setattr(counts, field, np.array(value) if isinstance(value, list) else value)
    return counts


def channel_document(counts: Mapping[str, Counts]) -> dict[str, Any]:
    """Return the channel these counts make, with its provenance and version."""
    sources = {
        source: {
            one.name: _rounded(getattr(rates, one.name), 7) for one in fields(Rates) if one.init
        }
        for source, rates in _sources(counts).items()
    }
    digest = hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()
    return {
        "version": f"channel-{digest[:8]}",
        "made_by": "python -m benchmarks.fit tables",
        "provenance": PROVENANCE,
        "sources": sources,
    }


def write_channel(counts: Mapping[str, Counts]) -> None:
    """Write the tables of the package."""
    _write(CHANNEL, channel_document(counts))


def _sources(counts: Mapping[str, Counts]) -> dict[str, Rates]:
    people, looks = counts["people"], beliefs.looks()
    typed = beliefs.priors(looks, beliefs.TYPED)
    spoken = beliefs.priors(beliefs.sounds(), beliefs.SPOKEN)
    mirrored = beliefs.priors(beliefs.mirrored(), beliefs.TYPED)
    radio = beliefs.imagined(people, spoken, accuracy=0.95, swapped=0.015)
    mirror = beliefs.imagined(people, mirrored, accuracy=0.85, swapped=0.03)
    return {
        "eyesight": rates_of(people, typed, STYLES),
        "memory": rates_of(counts["memory"], typed, STYLES),
        "mirror": rates_of(mirror, mirrored, STYLES),
        "radio": rates_of(radio, spoken, STYLES),
        "camera": blended(
            [
                (share, rates_of(counts[name], beliefs.priors(looks)))
                for name, share in CAMERA_SHARES.items()
            ]
        ),
    }


def _rounded(value: object, digits: int) -> object:
    """Keep this many significant digits, so that the file is short and small chances stay."""
    if isinstance(value, np.ndarray):
        return [_rounded(one, digits) for one in value.tolist()]
    if isinstance(value, list):
        return [_rounded(one, digits) for one in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = json.dumps(document, separators=(",", ":"), sort_keys=True)
    path.write_text(lines.replace('],"', '],\n"').replace('},"', '},\n"') + "\n", encoding="utf-8")

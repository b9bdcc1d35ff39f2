"""An answer as JSON -> what a person reads of it.

Works on the document that is answered over HTTP, so that the page and the JSON tell the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from plate_match.normalize import normalize
from plate_match.plate import Plate
from plate_match.sidecode import format_plate
from service.cli.terminal import table

Document = Mapping[str, Any]

_STYLES = {"alert": "bold red", "show": "yellow", "withhold": "dim"}

_SHOWABLE, _PLAIN = 0.0001, 0.01
"""The least that two decimals of a percentage can show, and where one is enough."""

_REASONS = {
    "prior": "this plate, before anything was read",
    "alignment": "the plate read as aligned above",
    "other-alignments": "other ways from the plate to the read",
    "shared-looks": "what the looks have in common, taken back",
    "any-plate": "that it may be any plate that fits",
    "country": "the country that was said",
    "make": "the make, for the vehicle listed",
    "model": "the model",
    "colour": "the colour",
    "kind": "the kind of vehicle",
    "plate-colour": "the colour of the plate",
    "duplicate-code": "the small number of a plate issued again",
    "description": "the vehicle, which its entries describe differently",
    "possible-false-plate": "the plate may be on another vehicle than its own",
    "population": "how rarely other vehicles give this read",
    "other-entries": "other listed plates that could be it",
}

_FEWEST = 0.1
"""Vehicles; fewer are shown as that."""

_SENSITIVE = (
    "sensitive: another disposition if reports concerned listed vehicles three times as often, "
    "or a third as often\n"
)

_KINDS = {
    "retold": "told otherwise as a whole",
    "same": "",
    "separator": "",
    "confused": "misread",
    "unread": "not read",
    "swapped": "swapped",
    "missing": "left out",
    "cut": "beyond the part that was read",
    "inserted": "not on the plate",
    "gap": "any symbols",
}


def percent(chance: float) -> str:
    """Return a probability as a person reads it; never 0 or 100 % where it is neither."""
    if 0 < chance < _SHOWABLE:
        return "< 0.01 %"
    if 0 < 1 - chance < _SHOWABLE:
        return "> 99.99 %"
    decimals = 1 if _PLAIN <= chance <= 1 - _PLAIN else 2
    return f"{100 * chance:.{decimals}f} %"


def show_answer(page: Console, answer: Document) -> None:
    """Write an answer with its hits, and the reasons of the first."""
    show_verdict(page, answer)
    if answer["hits"]:
        page.print(hit_table(answer["hits"]))
        if any(hit["sensitive"] for hit in answer["hits"]):
            page.print(_SENSITIVE)
        show_reasons(page, answer["hits"][0])


def show_verdict(page: Console, answer: Document) -> None:
    """Write what was read, and how likely it is that the vehicle is not listed."""
    page.print(Text.assemble("Read        ", (answer["pattern"], "bold")))
    found = "" if answer["hits"] else "   no hit: no listed plate is likely enough"
    page.print(f"Not listed  {percent(answer['notListed'])}{found}")


def hit_table(hits: Sequence[Document]) -> Table:
    """Return the hits, one a row, with the entries that name each plate."""
    columns = ("#", "Plate", "Confidence", "Similarity", "Disposition", "Wanted for")
    shown = table(*columns, numbers=("#", "Confidence"))
    for hit in hits:
        disposition = hit["disposition"] + (" (sensitive)" if hit["sensitive"] else "")
        shown.add_row(
            str(hit["rank"]),
            Text(_plate(hit["plate"]), style="bold"),
            percent(hit["confidence"]),
            f"{hit['similarity']:.2f}",
            Text(disposition, style=_STYLES[hit["disposition"]]),
            "\n".join(map(_entry, hit["entries"])),
        )
    return shown


def _plate(text: str) -> str:
    """Return a listed plate, or what is known of it, as a person is shown it."""
    return format_plate(normalize(text)) if text else "no plate"


def show_reasons(page: Console, hit: Document) -> None:
    """Write why a hit has its confidence: alignment, evidence that adds up, the rivals."""
    explanation = hit["explanation"]
    plate = _plate(hit["plate"])
    page.print(Text(f"Why {plate} has {percent(hit['confidence'])}", style="bold"))
    if explanation["alignment"]:
        page.print(_alignment(explanation["alignment"]))
    page.print(_evidence(explanation["evidence"]))
    sum_ = sum(step["bits"] for step in explanation["evidence"])
    page.print(f"{sum_:+.1f} bits of log-odds are {percent(hit['confidence'])}.")
    page.print(rivals(explanation))


def why(explanation: Document) -> str:
    """Return in words how the read departs from the plate, and who else could have been seen."""
    departures = [
        f"{step['read'] or 'nothing'} for {step['plate'] or 'nothing'} ({_KINDS[step['kind']]})"
        for step in explanation["alignment"]
        if _KINDS.get(step["kind"]) and step["read"] != "-"
    ]
    how = f"read {', '.join(departures)}." if departures else "every symbol was read as it is."
    return f"{how} {rivals(explanation)}"


def rivals(explanation: Document) -> str:
    """Return a sentence on the other vehicles that could have been seen."""
    count = explanation["vehiclesThatFit"]
    fit = f"About {count:,.1f}" if count >= _FEWEST else f"Less than {_FEWEST}"
    sentence = f"{fit} other registered vehicles fit the read as well as this plate."
    if explanation["twins"]:
        twins = ", ".join(format_plate(Plate(twin)) for twin in explanation["twins"])
        sentence += f" As easily read so: {twins}."
    return sentence


def _alignment(steps: Sequence[Document]) -> Table:
    shown = table("Read", "Plate", "Bits", "", numbers=("Bits",))
    for step in steps:
        style = "" if step["kind"] in {"same", "separator"} else "yellow"
        meaning = _KINDS.get(step["kind"], step["kind"])
        shown.add_row(step["read"], step["plate"], f"{step['bits']:.1f}", meaning, style=style)
    return shown


def _evidence(evidence: Sequence[Document]) -> Table:
    shown = table("Evidence", "Bits", "Sum", "", numbers=("Bits", "Sum"))
    for step, total in zip(evidence, accumulate(one["bits"] for one in evidence), strict=True):
        meaning = _REASONS.get(step["name"], "")
        shown.add_row(step["name"], f"{step['bits']:+.1f}", f"{total:+.1f}", meaning)
    return shown


def _entry(entry: Document) -> str:
    ends = entry["validUntil"]
    until = f"until {datetime.fromisoformat(ends).astimezone():%Y-%m-%d %H:%M}" if ends else ""
    parts = (entry["reference"], entry["category"], entry["instruction"], until)
    return " · ".join(part for part in parts if part)

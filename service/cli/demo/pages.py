"""What the demo shows: answers as a guard would want them, and the calls to try next."""

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from plate_match.plate import Plate
from plate_match.sidecode import format_plate
from service.cli.answer_page import percent, why
from service.records import Role

Document = Mapping[str, Any]

_STYLES = {"alert": "bold red", "show": "yellow", "withhold": "dim"}


def show_sighting(page: Console, title: str, *, sent: Document, answer: Document) -> None:
    """Write a sighting with its answer: what to do first, then what it is about, and why."""
    page.print(Rule(Text(title, style="bold"), align="left"))
    page.print(f"Reported: {_reported(sent)}  ({sent['source']})")
    for hit in answer["hits"]:
        page.print(Padding(_hit(hit), (1, 0, 0, 2)))
    if not answer["hits"]:
        page.print("\n  No hit: no listed plate is likely enough.")
    page.print(f"\n  Not listed: {percent(answer['notListed'])}\n")


def _reported(sent: Document) -> str:
    looks = " and ".join(look["read"] for look in (sent, *sent.get("alsoRead", ())))
    seen = [word for name, word in sent.get("vehicle", {}).items() if name != "plateColour"]
    return ", ".join(filter(None, (looks, " ".join(seen))))


def _hit(hit: Document) -> Text:
    text = Text()
    for entry in hit["entries"]:
        text.append(f"{entry['instruction']}\n", style=_STYLES[hit["disposition"]])
        for warning in entry["warnings"]:
            text.append(f"Warning: {warning}\n", style="bold")
    text.append(format_plate(Plate(hit["plate"])), style="bold reverse")
    text.append(f"  {percent(hit['confidence'])}", style="bold")
    text.append(f"  {hit['disposition']}")
    for entry in hit["entries"]:
        vehicle = [entry["vehicle"][name] for name in ("colour", "make", "kind")]
        described = " ".join(word for word in vehicle if word)
        parts = (entry["reference"], entry["category"], described)
        text.append("\n" + " · ".join(part for part in parts if part))
    text.append(f"\nWhy: {why(hit['explanation'])}", style="dim")
    return text


def show_keys(address: str, keys: Mapping[str, str], read: str) -> None:
    """Print the keys as variables of a shell, and calls that use them; never wrapped."""
    report = json.dumps(
        {"read": read, "source": "eyesight", "seenAt": "SEEN_AT", "purpose": "offences"}
    ).replace("SEEN_AT", "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'")
    lines = [
        "Keys, one for each role; the same as in credentials.json. Paste them into a shell:",
        "",
        *(f"{role.upper()}={keys[role]}" for role in Role),
        "",
        "Then report a sighting, search the hits, see what is in force:",
        "",
        _curl(f"{address}/v1/sightings", Role.GUARD, report),
        _curl(f"{address}/v1/hits/search", Role.DISPATCH, '{"limit": 5}'),
        _curl(f"{address}/v1/hotlist", Role.OPERATOR),
        "",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - a table for people would wrap them


def _curl(url: str, role: Role, body: str = "") -> str:
    parts = [f'curl -sS {url} -H "Authorization: Bearer ${role.upper()}"']
    if body:
        parts.append(f"-H 'Content-Type: application/json' -d '{body}'")
    return " ".join(parts)

"""The document of an evaluation -> tables for a person at a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from service.cli.evaluate.verdict import Document
from service.cli.terminal import table


def percent(figure: Document) -> str:
    """Return a share with its interval, as in "84.5 % (83.1-85.9)"."""
    value = f"{100 * figure['value']:.1f} %"
    if figure["low"] is None:
        return value
    return f"{value} ({100 * figure['low']:.1f}-{100 * figure['high']:.1f})"


def error(figure: Document) -> str:
    """Return a calibration error with its interval."""
    value = f"{figure['value']:.4f}"
    return value if figure["low"] is None else f"{value} ({figure['low']:.4f}-{figure['high']:.4f})"


def beside_chance(calibration: Document) -> str:
    """Return a calibration error beside what it would be if all that is said were true."""
    return f"{error(calibration['calibrationError'])}, by chance {calibration['byChance']:.4f}"


def at_rate(reached: Document) -> str:
    """Return what a rule alerts at a rate of false alarms, and if too few reads tell."""
    if reached["resolved"]:
        return percent(reached)
    return f"{percent(reached)}, not resolved: {reached['expected']:.1f} false expected"


def rates_of(document: Document) -> list[int]:
    """Return the rates of false alarms: innocent reads of which one may alert."""
    return [one["innocent"] for one in document["alerts"][0]["atOnePer"]]


def stream_of(document: Document) -> str:
    """Return in words what was judged."""
    vehicles, rates = document["vehicles"], document["model"]["baseRates"]
    told = ", ".join(f"{name} {rate:g}" for name, rate in rates.items())
    played = (
        f", {vehicles['playedInnocent']:,} of them played" if vehicles["playedInnocent"] else ""
    )
    return (
        f"{vehicles['listed']:,} reads of listed vehicles and {vehicles['innocent']:,} of innocent "
        f"ones{played}, {vehicles['unread']:,} of which nothing could be read, against "
        f"{document['hotlist']['plates']:,} plates; weighed to base rates: {told}"
    )


def show(page: Console, document: Document) -> None:
    """Write the figures."""
    page.print(f"{stream_of(document)}.")
    for note in document["notes"]:
        page.print(f"Note: {note}.")
    page.print(_recall(document))
    page.print(_alerts(document))
    page.print(_probability(document))
    page.print(_reliability(document["probability"]["reliability"]))


def _recall(document: Document) -> Table:
    shown = table("Reads of listed vehicles", "", "Number", "First", "In five", numbers=("Number",))
    whole, vehicles = document["recall"], document["vehicles"]
    shown.add_row(
        "all", "", f"{vehicles['listed']:,}", percent(whole["at1"]), percent(whole["at5"])
    )
    for one in document["segments"]:
        figures = percent(one["recall"]["at1"]), percent(one["recall"]["at5"])
        shown.add_row(one["by"], one["name"], f"{one['vehicles']:,}", *figures)
    return shown


def _alerts(document: Document) -> Table:
    heads = [f"≤ 1 false in {rate:,}" for rate in rates_of(document)]
    shown = table("Alerted with the right plate", *heads)
    for one in document["alerts"]:
        shown.add_row(one["rule"], *map(at_rate, one["atOnePer"]))
    return shown


def _probability(document: Document) -> Table:
    told = document["probability"]
    shown = table("What is said", "", numbers=())
    shown.add_row("Brier", f"{told['brier']:.5f}")
    shown.add_row("log loss", f"{told['logLoss']:.5f}")
    shown.add_row("calibration error above 1 %", beside_chance(told))
    if worst := told["worst"]:
        name = f"worst segment: {worst['by']} {worst['name'].strip()}"
        shown.add_row(name, beside_chance(worst))
    return shown


def _reliability(bins: Sequence[Document]) -> Table:
    names = ("Reads", "Share", "Said", "Came true")
    shown = table("Confidence", *names, numbers=names)
    for one in bins:
        shown.add_row(
            f"{one['low']:.0%} - {one['high']:.0%}",
            f"{one['reads']:,}",
            f"{one['share']:.1%}",
            f"{one['confidence']:.1%}",
            f"{one['observed']:.1%}",
        )
    return shown

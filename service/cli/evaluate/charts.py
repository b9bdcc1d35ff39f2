"""Figures -> drawings that stand in a page by themselves (SVG), in the colours of the page."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import log10, sqrt

from service.cli.evaluate.verdict import Document

_SIDE, _LEFT, _BOTTOM, _TOP = 400, 56, 48, 16
_WIDTH, _HEIGHT = _LEFT + _SIDE + 24, _TOP + _SIDE + _BOTTOM
_DECADES = (-5, 0)
"""Rates of false alarms that are drawn, as powers of ten."""

_LARGEST, _SMALLEST = 14.0, 3.0
"""Radius of a bin that holds all the weight, and of one that holds next to none."""

Points = Sequence[tuple[float, float]]


def reliability_chart(bins: Sequence[Document]) -> str:
    """Draw what was said against what came true; a larger dot is of more reads."""
    shares = [one["share"] for one in bins]
    dots = (
        f'<circle class="c0" cx="{_x(one["confidence"]):.1f}" cy="{_y(one["observed"]):.1f}" '
        f'r="{max(_SMALLEST, _LARGEST * sqrt(share)):.1f}"><title>{_title(one)}</title></circle>'
        for one, share in zip(bins, shares, strict=True)
    )
    ticks = [(place / 5, f"{place * 20} %") for place in range(6)]
    even = f'<path class="even" d="{_path([(0, 0), (1, 1)])}"/>'
    drawn = [*_frame(ticks, ticks), even, *dots]
    return _svg("Reliability", drawn, ("confidence that was said", "share that came true"))


def alert_chart(curves: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Draw the share of listed vehicles alerted rightly against the rate of false alarms."""
    low, high = _DECADES
    across = [
        ((power - low) / (high - low), f"1 in {10**-power:,}") for power in range(low, high + 1)
    ]
    upward = [(place / 5, f"{place * 20} %") for place in range(6)]
    lines = (
        f'<path class="line c{number}" d="{_path(_steps(curve))}">'
        f"<title>{escape(name)}</title></path>"
        for number, (name, curve) in enumerate(curves.items())
        if curve
    )
    drawn = [*_frame(across, upward), *lines]
    return _svg(
        "Alerts", drawn, ("innocent vehicles that alert", "listed vehicles alerted rightly")
    )


def _steps(curve: Sequence[Sequence[float]]) -> Points:
    """Return a curve as a stair: between two thresholds nothing more is found."""
    low, high = _DECADES
    stair: list[tuple[float, float]] = []
    for rate, recall in curve:
        place = (log10(max(rate, 10**low)) - low) / (high - low)
        if stair:
            stair.append((place, stair[-1][1]))
        stair.append((place, recall))
    return [*stair, (1.0, stair[-1][1])]


def _title(one: Document) -> str:
    return f"{one['reads']:,} reads: said {one['confidence']:.1%}, came true {one['observed']:.1%}"


def _frame(
    across: Sequence[tuple[float, str]], upward: Sequence[tuple[float, str]]
) -> Iterator[str]:
    for place, text in across:
        yield f'<path class="grid" d="{_path([(place, 0), (place, 1)])}"/>'
        yield f'<text x="{_x(place):.1f}" y="{_y(0) + 18:.1f}" text-anchor="middle">{text}</text>'
    for place, text in upward:
        yield f'<path class="grid" d="{_path([(0, place), (1, place)])}"/>'
        yield f'<text x="{_LEFT - 6}" y="{_y(place) + 4:.1f}" text-anchor="end">{text}</text>'


def _svg(name: str, drawn: Sequence[str], axes: tuple[str, str]) -> str:
    across, upward = axes
    middle = _TOP + _SIDE / 2
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">{"".join(drawn)}'
        f'<text x="{_LEFT + _SIDE / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">{upward}</text>'
        "</svg>"
    )


def _path(points: Points) -> str:
    return "M" + "L".join(f"{_x(across):.1f} {_y(upward):.1f}" for across, upward in points)


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)

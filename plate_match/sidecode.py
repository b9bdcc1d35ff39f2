"""Plate -> how it is shown, and which vehicles it was issued to; what is unusual about it."""

from itertools import pairwise

from plate_match import foreign
from plate_match.layouts import (
    SIDECODES,
    Sidecode,
    SpecialSeries,
    layouts_of,
    sidecode,
    special_series,
)
from plate_match.plate import Pattern, Plate

__all__ = [
    "SIDECODES",
    "Sidecode",
    "SpecialSeries",
    "forbidden_combination",
    "format_plate",
    "kind_of_vehicle",
    "sidecode",
    "special_series",
]


def kind_of_vehicle(plate: Plate) -> str | None:
    """Return the kind of vehicle this plate was issued to; None where the plate does not tell.

    Kinds: car, van, truck, motorcycle, moped, light-moped, special-moped, trailer,
    semi-trailer, tractor, agricultural-trailer, border-agricultural.
    """
    series, layout = special_series(plate), sidecode(plate)
    if series and series.kind:
        return series.kind
    key = next((symbol for symbol in plate if symbol.isalpha()), "")
    kinds = layout.kinds if layout else ()
    return next((kind for letters, kind in kinds if key in letters), None)


def forbidden_combination(plate: Plate) -> str | None:
    """Return the first combination in this plate that its series leaves out, or None.

    Such plates exist: some were issued by mistake. A reason for doubt, never a refusal.
    """
    layout = sidecode(plate)
    if layout is None:
        return None
    groups = format_plate(plate).split("-")
    return next((word for word in layout.forbidden if any(word in group for group in groups)), None)


def format_plate(plate: Plate | Pattern) -> str:
    """Return what a person is shown: "1-ABC-23".

    A foreign plate is grouped as its country does; what is unknown stays compact. A pattern
    of six places is grouped when only one layout fits, and else as it was read. `normalize`
    makes the same plate of it again, as of the compact one.
    """
    if isinstance(plate, Pattern):
        layouts = layouts_of(plate)
        return str(Pattern(plate.symbols, layouts[0].dashes) if len(layouts) == 1 else plate)
    layout, series = sidecode(plate), special_series(plate)
    if layout:
        return _grouped(plate, layout.dashes)
    return _grouped(plate, series.dashes) if series else foreign.grouped(plate)


def _grouped(plate: str, dashes: tuple[int, ...]) -> str:
    bounds = (0, *dashes, len(plate))
    return "-".join(plate[start:end] for start, end in pairwise(bounds))

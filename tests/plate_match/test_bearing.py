"""What a report says beside its reads gives every listed plate a weight, and reasons for it."""

from datetime import UTC, datetime, timedelta
from math import log2

import numpy as np
import pytest

from plate_match import base_rates
from plate_match.audience import Audience
from plate_match.bearing import Bearing
from plate_match.description import NOTHING_SAID, Description
from plate_match.hotlist import Entry, Hotlist, Wanted
from plate_match.listing import Listing
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of

MAKES = (("K", "FIAT"), ("P", "VW"))
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
GOLF = Entry(plate=Plate("8XKV41"), make="VOLKSWAGEN", colour="GRIJS")
POLO = Entry(plate=Plate("8XKV41"), make="VW", colour="rood")
STOLEN = Entry(plate=Plate("12ABC3"), make="FIAT", wanted=Wanted.PLATE)
ENDED = Entry(plate=Plate("GB012K"), valid_until=NOON - timedelta(hours=1))


def report(description: Description = NOTHING_SAID, country: str | None = None) -> Report:
    return Report((Look(read_of("8XKV41")),), description, country)


def bearing(*entries: Entry, asked: Report | None = None, at: datetime | None = None) -> Bearing:
    return Bearing(Listing.of(entries), asked or report(), base_rates.load(), at)


def weight(one: Bearing, plate: str) -> float:
    place = one.listing.index.plates.index(Plate(plate))
    return 1.0 if one.weights is None else float(one.weights.of(np.array([place]))[0])


def test_a_report_that_says_nothing_more_weighs_nothing() -> None:
    assert bearing(GOLF, STOLEN).weights is None
    assert bearing(GOLF, STOLEN, at=NOON).weights is None
    assert bearing(GOLF, STOLEN).total == 2


def test_what_has_ended_weighs_nothing_and_is_not_counted() -> None:
    now = bearing(GOLF, ENDED, at=NOON)
    assert (weight(now, "GB012K"), weight(now, "8XKV41")) == (0.0, 1.0)
    assert (now.listed, now.total, now.least) == (1, 1.0, 1.0)
    assert bearing(GOLF, ENDED, at=NOON - timedelta(hours=2)).listed == 2


@pytest.mark.parametrize("country", [None, "NL", "DE"])
@pytest.mark.parametrize("colour", ["zilver", "groen", None])
def test_the_bits_of_the_reasons_are_the_weight(colour: str | None, country: str | None) -> None:
    described = Description(make="Volkswagen", colour=colour)
    one = bearing(GOLF, STOLEN, asked=report(described, country))
    for place, plate in enumerate(one.listing.index.plates):
        bits = sum(reason.bits for reason in one.reasons(place))
        assert bits == pytest.approx(log2(weight(one, plate)), abs=1e-9)
    assert one.least <= 1


def test_entries_that_differ_are_alike_likely_to_be_right() -> None:
    seen = report(Description(colour="red"))
    golf, polo, both = (bearing(*some, asked=seen) for some in ((GOLF,), (POLO,), (GOLF, POLO)))
    mean = (weight(golf, "8XKV41") + weight(polo, "8XKV41")) / 2
    assert weight(both, "8XKV41") == pytest.approx(mean)
    (reason,) = both.reasons(0)
    assert reason.name == "description"
    assert reason.bits == pytest.approx(log2(mean))
    assert both.total == pytest.approx(mean)


def test_a_country_alone_is_its_own_reason() -> None:
    one = bearing(GOLF, asked=report(country="NL"))
    assert [reason.name for reason in one.reasons(0)] == ["country"]


def test_a_described_vehicle_comes_first_among_plates_that_fit_alike() -> None:
    listed = [
        Entry(plate=Plate(f"8X{one}V41"), make=make) for one, make in (("K", "FIAT"), ("P", "VW"))
    ]
    matcher = Matcher.build(Hotlist(tuple(listed)))
    look = (Look(read_of("8X?V41")),)
    first = matcher.search(Report(look, Description(make="volkswagen"))).answer().hits[0]
    assert first.plate == "8XPV41"
    names = [reason.name for reason in first.explanation.evidence]
    assert "make" in names
    other = matcher.search(Report(look, Description(make="fiat"))).answer(Audience.GUARD).hits[0]
    assert other.plate == "8XKV41"

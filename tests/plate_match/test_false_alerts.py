"""How many innocent vehicles a list would alert. All plates are synthetic."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from plate_match import Hotlist, Matcher
from plate_match.channel import Source, load
from plate_match.false_alerts import drawn, false_alerts
from plate_match.hotlist import Category, Entry
from plate_match.plate import SYMBOLS, UNKNOWN, Plate

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PLATES = [Plate(f"{number:02}BD{letter}1") for number in range(40) for letter in "FGHJK"]


def listed(plates: list[Plate], category: Category = Category.ROBBERY) -> Matcher:
    return Matcher.build(Hotlist(tuple(Entry(plate=one, category=category) for one in plates)))


def test_an_empty_list_alerts_nobody() -> None:
    assert false_alerts(listed([]), Source.CAMERA).per_thousand == 0


def test_the_same_list_gives_the_same_figure_within_its_interval() -> None:
    one, again = (false_alerts(listed(PLATES), Source.EYESIGHT, draws=200) for _ in range(2))
    assert one == again
    assert 0 <= one.low <= one.per_thousand <= one.high
    assert (one.per_thousand > 0, one.draws) == (True, 200)


def test_who_is_sought_for_less_is_alerted_for_more_rarely() -> None:
    grave, light = (
        false_alerts(listed(PLATES, category), Source.EYESIGHT, draws=300).per_thousand
        for category in (Category.ROBBERY, Category.FINES)
    )
    assert light < grave


def test_entries_that_have_ended_alert_nobody() -> None:
    over = Entry(plate=PLATES[0], valid_until=NOW)
    matcher = Matcher.build(Hotlist((over,)))
    assert false_alerts(matcher, Source.CAMERA, at=NOW, draws=50).per_thousand == 0
    begun = Matcher.build(Hotlist((replace(over, valid_until=None),)))
    assert false_alerts(begun, Source.CAMERA, at=NOW, draws=50).per_thousand > 0


@pytest.mark.parametrize("source", [Source.CAMERA, Source.EYESIGHT])
def test_reads_are_drawn_as_often_right_as_the_channel_has_it(source: Source) -> None:
    rng, plate, rates = np.random.default_rng(1), Plate("8XKV41"), load().sources[source]
    reads = [pattern.compact for _ in range(400) for pattern in drawn(rates, plate, rng)]
    assert len(reads) > 380
    assert set("".join(reads)) <= {*SYMBOLS, UNKNOWN}
    assert 0.3 < np.mean([read == plate for read in reads]) < 0.95


def test_a_plate_of_which_nothing_is_read_gives_no_read() -> None:
    rates = load().sources[Source.CAMERA]
    blind = replace(rates, delete=np.ones_like(rates.delete), insert=np.zeros_like(rates.insert))
    assert list(drawn(blind, Plate("8XKV41"), np.random.default_rng(1))) == []

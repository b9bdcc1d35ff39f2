"""A guard is told nothing of what a guard may not know of. All plates are synthetic."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plate_match.audience import Audience
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.found import Answer
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.report import Look, Report, read_of
from tests.answers import told
from tests.plate_match.test_gathering import ENTRIES, NOW

READS = ("8-XKV-41", "12-AB-3?", "*V41", "TVRK42")
OPEN = ENTRIES.filter(Audience.GUARD.may_know)
HIDDEN = ENTRIES.map(lambda entry: replace(entry, dissemination=Dissemination.DISPATCH_ONLY))
MIXED = st.lists(st.one_of(OPEN, HIDDEN), max_size=10)


def to_a_guard(matcher: Matcher, report: Report) -> Answer:
    """Return what a guard is told, to the last digit."""
    return matcher.search(report, at=NOW).answer(Audience.GUARD, min_confidence=0)


@given(
    listed=MIXED,
    put_in=MIXED,
    reads=st.lists(st.sampled_from(READS), min_size=1, max_size=2),
    described=st.booleans(),
)
def test_a_hidden_entry_changes_no_digit_of_what_a_guard_is_told(
    *, listed: list[Entry], put_in: list[Entry], reads: list[str], described: bool
) -> None:
    def known(entries: list[Entry]) -> list[Entry]:
        return [entry for entry in entries if Audience.GUARD.may_know(entry)]

    looks = tuple(Look(read_of(read), Source.EYESIGHT) for read in reads)
    report = Report(looks, Description(make="VW", colour="grey") if described else Description())
    with_them = Matcher.build(Hotlist(tuple(listed))).with_entries(put_in)
    without = Matcher.build(Hotlist(tuple(known(listed)))).with_entries(known(put_in))
    assert told(to_a_guard(with_them, report)) == told(to_a_guard(without, report))

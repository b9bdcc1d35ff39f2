"""A guard's answer shows nothing of what is kept back from it, not even a gap."""

from plate_match.audience import Audience
from plate_match.found import Found
from plate_match.hotlist import Category, Dissemination, Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.policy import Disposition
from plate_match.report import Look, Report, read_of
from service.disclosure import LEAST_CONFIDENCE, MOST_HITS, audience_of, disclosed
from service.records import Caller, Role
from service.standing import SCREENED

LISTED = (
    Entry(plate=Plate("79BBJB"), category=Category.FINES),
    Entry(plate=Plate("79BDJB"), category=Category.VIOLENCE),
    Entry(plate=Plate("79BJJB"), category=Category.VIOLENCE),
)
"""Synthetic; a fine is withheld where violence is shown."""


def found(text: str, listed: tuple[Entry, ...] = LISTED) -> Found:
    report = Report((Look(read_of(text)),))
    return Matcher.build(Hotlist(listed)).search(report)


def test_the_ranks_of_a_guard_have_no_gap_where_a_hit_is_withheld() -> None:
    views = disclosed(found("*B"), Audience.GUARD)
    withheld = [hit.rank for hit in views.whole.hits if hit.disposition is Disposition.WITHHOLD]
    assert withheld[0] < len(views.whole.hits)
    assert [hit.rank for hit in views.shown.hits] == [1, 2]
    assert [hit.plate for hit in views.shown.hits] == ["79BDJB", "79BJJB"]


def test_what_is_hidden_takes_nothing_from_what_is_left_for_what_is_not_shown() -> None:
    hidden = Entry(plate=Plate("79BKJB"), dissemination=Dissemination.DISPATCH_ONLY)
    for text in ("*B", "79-BB-JB", "79-B?-JB", "79-BK-JB"):
        without, with_it = found(text), found(text, (*LISTED, hidden))
        guards = [disclosed(one, Audience.GUARD) for one in (without, with_it)]
        assert guards[0].untold == guards[1].untold
        assert guards[0].shown.not_listed == guards[1].shown.not_listed
    assert disclosed(found("*B"), Audience.GUARD).untold > 0


def test_the_control_room_sees_all_of_it() -> None:
    views = disclosed(found("*B"), Audience.CONTROL_ROOM)
    assert views.shown is views.whole
    assert [hit.rank for hit in views.whole.hits] == [1, 2, 3]


def test_the_figures_of_the_contract_stand() -> None:
    assert (MOST_HITS, LEAST_CONFIDENCE) == (5, 0.01)


def test_people_of_firms_are_answered_by_them_and_everybody_else_as_the_control_room() -> None:
    for role in Role:
        audience = audience_of(Caller("1", role, "Synthetic North"))
        expected = Audience("Synthetic North") if role in SCREENED else Audience.CONTROL_ROOM
        assert audience == expected


def test_a_category_that_is_none_lets_a_firm_know_of_nothing_more() -> None:
    allowed = frozenset({"fines", "no-category"})
    caller = Caller("1", Role.GUARD, "Synthetic North", categories=allowed)
    assert audience_of(caller).categories == frozenset({Category.FINES})

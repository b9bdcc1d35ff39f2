"""What passes the gate, and every reason why not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.difference import Changes
from service import clock
from service.declaration import Declaration, read_declaration
from service.manifest import read_manifest
from service.records import Caller, Role
from service.usecases.gate import (
    OF_SIZE,
    Content,
    Override,
    Reason,
    Refusal,
    Standing,
    may_pass,
    of_content,
    of_manifest,
    open_manifest,
    told,
    too_long,
    upheld,
)
from tests.service.feeds import DECLARED, Owner

FILE = b"synthetic\n"
OWNER = Owner()
MANIFEST = read_manifest(OWNER.manifest(FILE, rows=100, sequence=5))
MADE = clock.to_micros(MANIFEST.produced_at)
BOUNDS = """
canaries = ["C-1", "C-2"]
size = {least = 50, most = 200}
largest_share_lost = 0.1
largest_share_changed = 0.2
largest_share_rejected = 0.05
oldest_hours = 24
"""
DECLARATION: Declaration = read_declaration((BOUNDS + DECLARED).encode(), name="east")


def content(**other: object) -> Content:
    good: dict[str, object] = {
        "sha256": MANIFEST.sha256,
        "rows": 100,
        "rejected": 5,
        "before": 100,
        "after": 95,
        "changes": Changes(5, 20, 10),
        "tests": {"C-1", "C-2", "C-3"},
    }
    return Content(**{**good, **other})  # type: ignore[arg-type]  # each by its own name


def reasons(found: Content) -> list[Reason]:
    return [one.reason for one in of_content(found, MANIFEST, DECLARATION)]


def test_what_keeps_to_all_bounds_passes_and_without_a_declaration_there_are_none() -> None:
    assert reasons(content()) == []
    wild = content(before=1_000, after=1, changes=Changes(0, 0, 999), rejected=99, tests=())
    assert list(of_content(wild, MANIFEST, None)) == []
    assert list(of_content(wild, None, None)) == []


@pytest.mark.parametrize(
    ("other", "reason", "detail"),
    [
        ({"sha256": "0" * 64}, Reason.DIGEST, "the file is not the one whose SHA-256"),
        ({"rows": 101}, Reason.ROWS, "101 are there, 100 in the manifest"),
        ({"tests": {"C-2"}}, Reason.CANARIES, "1 of 2 are not there as test entries"),
        ({"after": 49}, Reason.SIZE, "49 entries, declared are 50 to 200"),
        ({"after": 201}, Reason.SIZE, "201 entries, declared are 50 to 200"),
        ({"rejected": 6}, Reason.REJECTS, "6 of 100, at most 5.0% are allowed"),
        ({"changes": Changes(0, 0, 11)}, Reason.LOST, "11 of 100, at most 10.0% are allowed"),
        ({"changes": Changes(0, 21, 0)}, Reason.CHANGED, "21 of 100, at most 20.0% are allowed"),
    ],
)
def test_each_bound_has_a_reason_and_says_what_was_found(
    other: dict[str, object], reason: Reason, detail: str
) -> None:
    (refusal,) = of_content(content(**other), MANIFEST, DECLARATION)
    assert refusal.reason is reason
    assert str(refusal).startswith(f"{reason}: {detail}")


def test_a_file_without_an_acceptable_row_is_empty_unless_it_says_that_nothing_changed() -> None:
    nothing = content(rows=0, rejected=0)
    assert Reason.EMPTY in reasons(nothing)
    assert Reason.EMPTY in reasons(content(rows=7, rejected=7))
    heartbeat = read_manifest(OWNER.manifest(FILE, rows=0, kind="delta", base=4))
    assert list(of_content(nothing, heartbeat, DECLARATION)) == []
    broken = content(rows=7, rejected=7)
    assert Reason.EMPTY in [one.reason for one in of_content(broken, heartbeat, None)]


BAD = {"sha256": "0" * 64, "rows": 400, "rejected": 99, "after": 1, "tests": ()}


@given(st.sets(st.sampled_from(sorted(BAD))), st.sets(st.sampled_from(sorted(BAD))))
def test_one_more_fault_never_takes_a_refusal_away(some: set[str], more: set[str]) -> None:
    few = content(**{name: BAD[name] for name in some})
    many = content(**{name: BAD[name] for name in some | more})
    # More rows make the same rejects a smaller share: that is no fault less, but another file.
    lost = set(reasons(few)) - set(reasons(many))
    assert lost <= ({Reason.REJECTS} if "rows" in more else set())
    assert bool(reasons(many)) == bool(some | more)


def manifest_reasons(standing: Standing, now: int = MADE, **said: object) -> list[str]:
    manifest = read_manifest(OWNER.manifest(FILE, rows=1, **{"sequence": 5, **said}))  # type: ignore[arg-type]  # names of a manifest
    found = of_manifest(manifest, DECLARATION, feed="east", standing=standing, now=now)
    return [str(one) for one in found]


def test_the_file_that_is_awaited_passes() -> None:
    assert manifest_reasons(Standing()) == []
    assert manifest_reasons(Standing(newest=4, in_force=3)) == []
    assert manifest_reasons(Standing(newest=4, in_force=3), kind="delta", base=3) == []


def test_a_file_that_is_not_awaited_is_refused_with_every_reason() -> None:
    before = Standing(newest=5, in_force=5)
    (told,) = manifest_reasons(before)
    assert told == "sequence: 5 is not newer than 5, which was accepted"
    told, base = manifest_reasons(before, kind="delta", base=3)
    assert base == "base: the delta follows 3, but 5 is in force; send a full list"
    (base,) = manifest_reasons(Standing(), kind="delta", base=3)
    assert base == "base: the delta follows 3, but no numbered file is in force; send a full list"
    late = MADE + 25 * clock.HOUR
    assert manifest_reasons(before, late, feed="west") == [
        "feed: the manifest is of another feed",
        "sequence: 5 is not newer than 5, which was accepted",
        "too-old: made 25.0 hours ago, 24 are allowed",
    ]


def test_a_clock_may_run_ahead_by_minutes_but_not_by_more() -> None:
    assert manifest_reasons(Standing(), MADE - 5 * clock.MINUTE) == []
    (told,) = manifest_reasons(Standing(), MADE - 5 * clock.MINUTE - 1)
    assert told.startswith("ahead: made in the future")


def test_a_file_has_no_age_without_a_limit() -> None:
    open_ended = read_declaration(DECLARED.encode(), name="east")
    late = clock.to_micros(MANIFEST.produced_at + timedelta(days=900))
    for one in (open_ended, None):
        found = of_manifest(MANIFEST, one, feed="east", standing=Standing(), now=late)
        assert list(found) == []


def signed_by(key: str) -> Declaration:
    return read_declaration(f'signature_key = "{key}"\n{DECLARED}'.encode(), name="east")


def test_nothing_is_believed_of_a_manifest_that_is_not_signed_where_that_is_asked() -> None:
    body = OWNER.manifest(FILE, rows=1)
    declared = signed_by(OWNER.public)
    manifest, refusals = open_manifest(body, OWNER.signature(body), declared)
    assert (manifest, refusals) == (read_manifest(body), [])
    for signature, said in (
        (None, "is missing"),
        (b"", "is missing"),
        (Owner().signature(body), "is not that of the key"),
        (OWNER.signature(body + b" "), "is not that of the key"),
    ):
        manifest, (refusal,) = open_manifest(body, signature, declared)
        assert (manifest, refusal.reason) == (None, Reason.SIGNATURE)
        assert refusal.detail.startswith(said)
    manifest, (refusal,) = open_manifest(None, None, declared)
    assert (manifest, refusal.reason) == (None, Reason.MANIFEST)


def test_where_no_signature_is_asked_a_manifest_may_be_missing_but_not_broken() -> None:
    assert open_manifest(None, None, DECLARATION) == (None, [])
    assert open_manifest(None, None, None) == (None, [])
    manifest, (refusal,) = open_manifest(b"{", None, None)
    assert (manifest, refusal.reason) == (None, Reason.MANIFEST)


OVERRIDE = Override(
    "the owner said so by telephone",
    Caller("key-a", Role.OPERATOR, "Synthetic Police", "A"),
    Caller("key-b", Role.OPERATOR, "Synthetic Police", "B"),
)


@given(st.lists(st.sampled_from(Reason), min_size=1))
def test_only_what_is_of_size_alone_is_overridden(found: list[Reason]) -> None:
    refusals = [Refusal(reason, "") for reason in found]
    assert upheld(refusals, None) == refusals
    expected = [] if set(found) <= OF_SIZE else refusals
    assert list(upheld(refusals, OVERRIDE)) == expected


@given(st.lists(st.tuples(st.sampled_from(Reason), st.text()), min_size=1))
def test_what_may_pass_is_told_by_what_is_on_record(found: list[tuple[Reason, str]]) -> None:
    refusals = [
        Refusal(reason, "5 of 9; the rest was not looked at" if reason in OF_SIZE else detail)
        for reason, detail in found
    ]
    assert may_pass(told(refusals)) == all(one.reason in OF_SIZE for one in refusals)


def test_what_is_refused_without_one_of_our_reasons_never_passes() -> None:
    assert may_pass(str(too_long(4)))
    assert not may_pass("the declaration of feed east: size: must be a table; lost: is no part")
    assert not may_pass("this program fails on the file: OverflowError")


def test_where_a_manifest_is_asked_for_it_must_be_there_and_need_not_be_signed() -> None:
    declared = read_declaration(f"manifest = true\n{DECLARED}".encode(), name="east")
    manifest, (refusal,) = open_manifest(None, None, declared)
    assert (manifest, str(refusal)) == (
        None, "manifest: is missing; the declaration asks for one"
    )  # fmt: skip
    body = OWNER.manifest(FILE, rows=100, sequence=5)
    assert open_manifest(body, None, declared) == (MANIFEST, [])

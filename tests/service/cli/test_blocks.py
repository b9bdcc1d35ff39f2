"""Records for people, at any width. All names and ids are synthetic."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cli.blocks import printable, say_blocks, say_rows
from tests.service.cli.conftest import Call

WORDS = st.lists(st.from_regex(r"[a-z0-9]{1,13}", fullmatch=True), min_size=1, max_size=9)
IDS = st.from_regex(r"[0-9][0-9a-z]{12}", fullmatch=True)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(width: int | None, say: object, *told: object) -> list[str]:
    """What is written on a terminal of a width, or where there is none."""
    stream = StringIO() if width is None else Terminal()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        patched.setenv("COLUMNS", str(width))
        assert callable(say)
        say(*told)
    return stream.getvalue().splitlines()


@given(st.lists(st.tuples(IDS, WORDS), min_size=1, max_size=4), st.integers(20, 130) | st.none())
def test_no_id_is_broken_nothing_is_lost_and_what_can_fit_fits(
    rows: list[tuple[str, list[str]]], width: int | None
) -> None:
    lines = shown(width, say_rows, ("Id", "Whose"), [(id_, " ".join(who)) for id_, who in rows])
    words = " ".join(lines).split()
    assert words == ["Id", "Whose", *(word for id_, who in rows for word in (id_, *who))]
    assert width is None or all(len(line) <= max(width, 13 + 2 + 13) for line in lines)
    assert width is not None or len(lines) == 1 + len(rows)
    blocks = [(id_, (("who", " ".join(who)), ("none", None))) for id_, who in rows]
    words = " ".join(shown(width, say_blocks, blocks)).split()
    assert words == [word for id_, who in rows for word in (id_, "who", *who)]


@given(st.text())
def test_nothing_that_is_on_record_moves_the_terminal(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(text) == text or not text.isprintable()


def test_a_column_in_which_nothing_stands_is_left_out() -> None:
    assert shown(80, say_rows, ("A", "B", "C"), [("1", "", "x"), ("22", "", "")]) == [
        "A   C", "1   x", "22"
    ]  # fmt: skip
    assert shown(80, say_rows, ("A", "B"), []) == []


@pytest.mark.parametrize("width", [80, 100, 120, None])
def test_ids_of_credentials_can_be_copied_at_any_width(
    call: Call, tmp_path: Path, width: int | None
) -> None:
    issue = ("credential", "issue", "--role", "dispatch", "--data", tmp_path, "--json")
    firm = "Synthetic Security of the Far North and of all the Islands"
    issued = [
        json.loads(call(*issue, "--organisation", firm, "--person", f"G. {one}", *words).out)
        for one, words in (("One", ()), ("Two", ("--valid-days", "9")), ("Three", ()))
    ]
    call("credential", "revoke", issued[2]["id"], "--data", tmp_path)
    lines = shown(width, call, "credential", "list", "--data", tmp_path)
    leads = [line for line in lines if line[0] != " "]
    assert [line.split()[0] for line in leads] == ["Id", *(one["id"] for one in issued)]
    assert " ends 20" in leads[2]
    assert " revoked 20" in leads[3]
    assert all(len(line) <= (width or 200) for line in lines)

import io
from itertools import count

import pytest

from service.cli.terminal import Progress, progress, say_rejects


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_what_is_done_within_a_second_says_nothing() -> None:
    stream, clock = io.StringIO(), Clock()
    shown = Progress(stream, clock)
    shown.phase("reading", 10)
    clock.at = 0.99
    shown.advance(10)
    shown.end()
    assert stream.getvalue() == ""


def test_a_file_gets_a_plain_line_now_and_then() -> None:
    stream, clock = io.StringIO(), Clock()
    shown = Progress(stream, clock)
    shown.phase("reading", 100)
    for clock.at in range(13):
        shown.advance(5)
    shown.phase("building")
    shown.end()
    assert stream.getvalue() == "reading ...  10%\nreading ...  35%\nreading ...  60%\n"


def test_a_step_that_begins_late_is_told_at_once() -> None:
    stream, clock = io.StringIO(), Clock()
    shown = Progress(stream, clock)
    clock.at = 2
    shown.phase("building the index")
    assert stream.getvalue() == "building the index ...\n"


def test_a_terminal_gets_one_line_that_goes_away() -> None:
    stream, clock = Terminal(), Clock()
    shown = Progress(stream, clock)
    shown.phase("matching", 4)
    for clock.at in (1.0, 1.1, 1.3):
        shown.advance()
    shown.end()
    shown.end()
    assert stream.getvalue() == ("\r\x1b[2Kmatching ...  25%\r\x1b[2Kmatching ...  75%\r\x1b[2K")


def test_more_than_all_is_shown_as_all() -> None:
    stream, clock = io.StringIO(), Clock()
    shown = Progress(stream, clock)
    shown.phase("verifying", 3)
    clock.at = 1
    shown.advance(10_000)
    assert stream.getvalue() == "verifying ... 100%\n"


def test_progress_ends_with_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), progress():
        raise ZeroDivisionError
    assert capsys.readouterr() == ("", "")


def test_rejects_are_told_up_to_a_few(capsys: pytest.CaptureFixture[str]) -> None:
    say_rejects(((f"line {number}", "why") for number in count(1)), rejected=1234, shown=2)
    told = "1,234 rows were refused:\n  line 1: why\n  line 2: why\n  and 1,232 more\n"
    assert capsys.readouterr() == ("", told)


def test_no_reject_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    say_rejects([], rejected=0)
    assert capsys.readouterr() == ("", "")

"""Bytes -> lines: every way to cut a file gives the same lines."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.lines import BINARY, LONGEST_LINE, Line, read_lines


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(place, len(whole)) for place in places), len(whole)]
    return [whole[start:end] for start, end in pairwise(bounds)]


@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"\xc3\xab", b"\xeb", b"\0"])),
    st.lists(st.integers(0, 40)),
)
def test_where_a_file_is_cut_changes_no_line(parts: list[bytes], places: list[int]) -> None:
    whole = b"".join(parts)
    assert list(read_lines(cut(whole, places))) == list(read_lines([whole] if whole else []))


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0\ufeff"), max_size=5)


@given(st.lists(TEXTS, min_size=1))
def test_lines_come_back_as_they_were_written_with_any_line_end(texts: list[str]) -> None:
    expected = [Line(number, text) for number, text in enumerate(texts, start=1)]
    for end in ("\n", "\r\n", "\r"):
        written = "".join(text + end for text in texts).encode()
        assert list(read_lines([written])) == expected


def test_the_last_line_needs_no_end() -> None:
    assert list(read_lines([b"a\nb"])) == [Line(1, "a"), Line(2, "b")]
    assert list(read_lines([b"a\r", b"\nb\r"])) == [Line(1, "a"), Line(2, "b")]


def test_a_line_without_end_is_refused_in_little_memory_and_the_next_is_read() -> None:
    endless = [b"a" * 1000] * 1000
    long, last = read_lines([*endless, b"\r", b"\nb"])
    assert (long.number, long.text) == (1, "")
    assert long.fault == f"length: the line is longer than {LONGEST_LINE} bytes"
    assert last == Line(2, "b")


def test_the_longest_line_is_still_read() -> None:
    (line,) = read_lines([b"a" * LONGEST_LINE + b"\n"])
    assert line == Line(1, "a" * LONGEST_LINE)


def test_a_line_in_another_encoding_is_refused_alone() -> None:
    lines = list(read_lines([b"caf\xc3\xa9\ncaf\xe9\ncaf\xc3\xa9\n"]))
    assert lines == [
        Line(1, "café"),
        Line(2, "", "encoding: the line is not UTF-8"),
        Line(3, "café"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_known_as_such(encoding: str) -> None:
    assert next(read_lines(["plate".encode(encoding)])).fault == BINARY


def test_a_byte_order_mark_belongs_to_no_line() -> None:
    assert list(read_lines([b"\xef\xbb", b"\xbfa\n"])) == [Line(1, "a")]

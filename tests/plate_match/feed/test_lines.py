"""Bytes -> lines: every way to cut a file gives the same lines."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.lines import BINARY, LONGEST_LINE, Line, line_of, read_lines


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


UTF_8, ANSI = "café €".encode(), "café €".encode("cp1252")
NEITHER = b"caf\x81"


def faults(*raw: bytes) -> list[str]:
    return [line.fault.removeprefix("encoding: the line is not ") for line in read_lines(raw)]


def test_the_first_line_beyond_ascii_decides_whether_a_file_is_windows_1252() -> None:
    whole = b"\n".join([b"plain", NEITHER, ANSI, ANSI, NEITHER, b"plain"])
    assert faults(whole) == ["", "UTF-8, nor Windows-1252", "", "", "Windows-1252", ""]
    assert [line.text for line in read_lines([whole])][2:4] == ["café €", "café €"]


def test_a_file_that_was_utf_8_once_is_so_to_its_end() -> None:
    whole = b"\n".join([b"plain", UTF_8, ANSI, UTF_8])
    assert faults(whole) == ["", "", "UTF-8", ""]
    assert [line.text for line in read_lines([whole])][1::2] == ["café €", "café €"]


def test_a_file_with_the_mark_of_utf_8_is_utf_8() -> None:
    assert faults(b"\xef\xbb\xbf" + ANSI + b"\n" + UTF_8) == ["UTF-8", ""]
    assert faults(b"\xef\xbb\xbfplain\n" + ANSI) == ["", "UTF-8"]


def test_a_line_that_is_no_text_at_all_decides_nothing() -> None:
    long = UTF_8 * LONGEST_LINE
    assert [bool(fault) for fault in faults(b"\n".join([b"a\0\xc3\xa9", long, ANSI]))] == [
        True,
        True,
        False,
    ]


def test_lines_of_other_files_are_utf_8_alone() -> None:
    assert line_of(2, ANSI).fault == "encoding: the line is not UTF-8"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_known_as_binary(encoding: str) -> None:
    assert next(read_lines(["plate".encode(encoding)])).fault == BINARY


@pytest.mark.parametrize("start", [b"PK\x03\x04\n\x00", b"\x1f\x8b\x08\n"])
def test_an_archive_is_no_text_wherever_its_first_line_ends(start: bytes) -> None:
    assert next(read_lines([start + b"rest"])).fault == BINARY


@given(st.lists(TEXTS, min_size=1), st.sampled_from(["utf-16-le", "utf-16-be"]), st.data())
def test_utf_16_with_its_mark_is_read_wherever_it_is_cut(
    texts: list[str], encoding: str, data: st.DataObject
) -> None:
    whole = "\ufeff" + "\n".join(texts)
    raw = whole.encode(encoding)
    places = data.draw(st.lists(st.integers(0, len(raw))))
    expected = [(number, text) for number, text, _ in read_lines([whole.encode()]) if text]
    found = [(number, text) for number, text, _ in read_lines(cut(raw, places)) if text]
    assert found == expected


def test_half_a_character_of_utf_16_makes_no_text_that_is_taken() -> None:
    (line,) = read_lines(["\ufeffab".encode("utf-16-le"), b"\x00\xd8"])
    assert line == Line(1, "ab\x1a")


def test_a_byte_order_mark_belongs_to_no_line() -> None:
    assert list(read_lines([b"\xef\xbb", b"\xbfa\n"])) == [Line(1, "a")]

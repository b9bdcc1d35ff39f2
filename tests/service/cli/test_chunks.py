from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.lines import LONGEST_LINE, read_lines
from service.cli import chunks
from service.cli.chunks import Chunk, line_at, lines_in

texts = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"bc", b"12AB34,x", b"\x0b", b"\xe2\x80\xa8"]),
    max_size=30,
).map(b"".join)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chunks") / "reads.csv"


def lines_of(path: Path) -> list[tuple[int, bytes]]:
    return [line for chunk in chunks.chunks(path, 0) for line in lines_in(path, chunk)]


@given(text=texts, size=st.integers(1, 9), piece=st.integers(1, 3))
def test_lines_are_those_of_the_file_wherever_it_is_cut(
    file: Path, text: bytes, size: int, piece: int
) -> None:
    file.write_bytes(text)
    before = chunks.SIZE, chunks._PIECE
    chunks.SIZE, chunks._PIECE = size, piece
    try:
        found = lines_of(file)
        parts = list(chunks.chunks(file, 0))
    finally:
        chunks.SIZE, chunks._PIECE = before
    told = [line.text.encode() for line in read_lines([text])]
    assert [raw for _, raw in found] == told
    assert all(line_at(file, offset) == raw for offset, raw in found)
    assert [part.begin for part in parts] == [0, *(part.end for part in parts)][: len(parts)]
    assert (parts[-1].end if parts else 0) == len(text)


def test_a_line_that_is_too_long_costs_no_more_than_its_beginning(file: Path) -> None:
    file.write_bytes(b"a\n" + b"x" * 5 * LONGEST_LINE + b"\nb\n")
    lines = lines_of(file)
    assert [raw[:1] for _, raw in lines] == [b"a", b"x", b"b"]
    assert LONGEST_LINE < len(lines[1][1]) < 3 * LONGEST_LINE
    assert LONGEST_LINE < len(line_at(file, 2)) < 2 * LONGEST_LINE
    assert line_at(file, lines[2][0]) == b"b"


def test_a_long_line_that_is_not_too_long_is_whole(file: Path) -> None:
    file.write_bytes(b"x" * LONGEST_LINE + b"\r\nb")
    assert line_at(file, 0) == b"x" * LONGEST_LINE
    assert [len(raw) for _, raw in lines_of(file)] == [LONGEST_LINE, 1]


def test_chunks_are_of_whole_lines_and_cover_the_file(file: Path) -> None:
    file.write_bytes(b"1,12AB34\n" * 20_000)
    parts = list(chunks.chunks(file, 9))
    assert len(parts) > 3
    assert parts[0] == Chunk(9, parts[0].end)
    assert all((part.end - part.begin) % 9 == 0 for part in parts)
    assert parts[-1].end == 9 * 20_000

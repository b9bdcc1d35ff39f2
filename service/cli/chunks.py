"""A text file -> chunks of whole lines that can each be read on its own, by any process."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from plate_match.feed.lines import LONGEST_LINE

SIZE = 32_768
"""Bytes of a chunk, up to the end of a line: some hundred reads, so that progress shows."""

_PIECE = 8192
_LINE_END = re.compile(rb"\r\n?|\n")
_MARGIN = 2
"""Bytes of a line's end, so that a line that is too long is still too long without it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines of a file, from one byte up to another; `first` is the number of its first."""

    begin: int
    end: int
    first: int = 1


def chunks(path: Path, begin: int) -> Iterator[Chunk]:
    """Yield the rest of a file in chunks; the same ones whoever asks. Lines are not counted."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        while begin < size:
            file.seek(begin + SIZE - 1)
            end = min(_next_line(file), size)
            yield Chunk(begin, end)
            begin = end


def lines_in(path: Path, chunk: Chunk) -> Iterator[tuple[int, bytes]]:
    """Yield where each line of a chunk begins, and its bytes without their end.

    Of a line that is too long only a beginning that is too long as well.
    """
    with path.open("rb") as file:
        file.seek(chunk.begin)
        raw = file.read(min(chunk.end - chunk.begin, SIZE + LONGEST_LINE + _MARGIN))
    offset = chunk.begin
    for line in raw.splitlines(keepends=True):
        yield offset, line.rstrip(b"\r\n")
        offset += len(line)


def line_at(path: Path, offset: int) -> bytes:
    """Return the line that begins at this byte, without its end."""
    with path.open("rb") as file:
        file.seek(offset)
        raw = file.read(_PIECE)
        found = _LINE_END.search(raw)
        if found is None:
            raw += file.read(LONGEST_LINE + _MARGIN - _PIECE)
            found = _LINE_END.search(raw)
    return raw[: found.start()] if found else raw


def _next_line(file: BinaryIO) -> int:
    """Return where the first line begins of which the end before it is still ahead."""
    while piece := file.read(_PIECE):
        if found := _LINE_END.search(piece):
            after = file.tell() - len(piece) + found.end()
            halved = found.end() == len(piece) and found[0] == b"\r" and file.read(1) == b"\n"
            return after + halved
    return file.tell()

"""Bytes of a feed file -> numbered lines of text, in bounded memory."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST_LINE = 65_536
"""Bytes; a longer line is refused, so that a file without line ends cannot fill the memory."""

BINARY = "encoding: the line is binary or UTF-16, not UTF-8"
"""The fault of a line no text file has; at the beginning of a file it condemns the whole."""


class Line(NamedTuple):
    """One line without its end. `number` counts from 1; with a `fault` there is no text."""

    number: int
    text: str
    fault: str = ""


def read_lines(pieces: Iterable[bytes]) -> Iterator[Line]:
    """Yield every line of a file that comes in pieces, wherever those were cut.

    A line ends in LF, CRLF or CR. One that is too long, or is not UTF-8, is yielded with its
    fault, and the lines after it are read as if nothing had happened.
    """
    return (line_of(number, raw) for number, raw in enumerate(_split(pieces), start=1))


def line_of(number: int, raw: bytes) -> Line:
    """Return the line of these bytes, which hold no end of a line."""
    if len(raw) > LONGEST_LINE:
        return Line(number, "", f"length: the line is longer than {LONGEST_LINE} bytes")
    if b"\0" in raw or (number == 1 and raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE))):
        return Line(number, "", BINARY)
    try:
        return Line(number, raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError:
        return Line(number, "", "encoding: the line is not UTF-8")


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines without their ends; of one that is too long perhaps only its beginning."""
    tail = b""
    for piece in pieces:
        *whole, tail = (tail + piece).splitlines(keepends=True) or [b""]
        if tail.endswith(b"\n"):
            whole.append(tail)
            tail = b""
        for line in whole:
            yield line.rstrip(b"\r\n")
        # A CR at the end stays: it may be the first half of a CRLF.
        if not tail.endswith(b"\r"):
            tail = tail[: LONGEST_LINE + 1]
    if tail:
        yield tail.rstrip(b"\r\n")

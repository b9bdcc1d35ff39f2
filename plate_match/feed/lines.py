"""Bytes of a feed file -> numbered lines of text, in bounded memory."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
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

    A line ends in LF, CRLF or CR. Text is UTF-16 with its mark, UTF-8, or Windows-1252: the first
    line that is not plain ASCII and is text in one of the two decides for itself and all after it,
    UTF-8 before Windows-1252, and the mark of UTF-8 does so at once. A line that is too long, or
    is no such text, is yielded with its fault, and the lines after it are read as if nothing had
    happened.
    """
    known: Sequence[str] = _EITHER
    for number, raw in enumerate(_split(_as_utf8(pieces)), start=1):
        if known is _EITHER and not raw.isascii():
            known = _encodings_of(raw)
        yield line_of(number, raw, known)


_UTF_8 = "UTF-8"
_EITHER = (_UTF_8, "Windows-1252")


def line_of(number: int, raw: bytes, encodings: Sequence[str] = (_UTF_8,)) -> Line:
    """Return the line of these bytes, which hold no end of a line, in the first that fits."""
    if len(raw) > LONGEST_LINE:
        return Line(number, "", f"length: the line is longer than {LONGEST_LINE} bytes")
    if b"\0" in raw or (number == 1 and raw.startswith(_NO_TEXT)):
        return Line(number, "", BINARY)
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return Line(number, raw.removeprefix(BOM_UTF8 * (number == 1)).decode(encoding))
    return Line(number, "", f"encoding: the line is not {', nor '.join(encodings)}")


def _encodings_of(raw: bytes) -> Sequence[str]:
    """Return what the file may be in, by a line of it that is not plain ASCII."""
    if raw.startswith(BOM_UTF8):
        return (_UTF_8,)
    return next(((one,) for one in _EITHER if not line_of(0, raw, (one,)).fault), _EITHER)


def _as_utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces as they are, or of a file with the mark of UTF-16 written as UTF-8.

    What is no character there becomes one that no field takes, so that its row is refused.
    """
    ahead = iter(pieces)
    start = b""
    for piece in ahead:
        start += piece
        if len(start) >= len(BOM_UTF16_LE):
            break
    if not start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        yield from chain([start] if start else [], ahead)
        return
    decoder = getincrementaldecoder("utf-16")(errors="replace")
    for piece in chain([start], ahead):
        yield decoder.decode(piece).encode(errors="replace").replace(_STRANGE, b"\x1a")
    yield decoder.decode(b"", final=True).encode(errors="replace").replace(_STRANGE, b"\x1a")


_STRANGE = "\ufffd".encode()

_NO_TEXT = (BOM_UTF16_LE, BOM_UTF16_BE, b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")
"""How half a mark begins, and an archive."""


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

"""Bytes of an export of the register -> the columns that are asked for, block by block.

An export is CSV: a header, then a row a vehicle; comma or semicolon, quotes where somebody
wanted them, UTF-8 with or without a mark. It is taken apart by where its separators lie, in
blocks of whole rows, so that memory does not grow with the file.
"""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from plate_match.errors import UnreadableExport

Bytes = NDArray[np.uint8]
Texts = NDArray[np.bytes_]
Ints = NDArray[np.intp]

LONGEST_ROW = 1 << 20
"""Bytes; a longer row is no row, but a quote that is never closed or a file without line ends."""

LONGEST_FIELD = 100
"""Bytes of a field that is asked for."""

SHOWN_FAULTS = 20
"""Faults that are told one by one; of the rest it is told how many they are."""

_CUT = "is cut short: the file ends in the middle of it"

_QUOTE, _NEWLINE, _RETURN = b'"'[0], b"\n"[0], b"\r"[0]


class Faults:
    """What is wrong with an export, gathered while it is read to its end."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._count = 0

    def add(self, lines: Iterable[int], reason: str) -> None:
        """Note what is wrong with these lines; the reason repeats nothing that was read."""
        for line in lines:
            self._count += 1
            if len(self._told) < SHOWN_FAULTS:
                self._told.append(f"line {line}: {reason}")

    def refuse_any(self) -> None:
        """Refuse the export if anything is wrong with it.

        Raises:
            UnreadableExport: the message names the faults.
        """
        more = self._count - len(self._told)
        if self._told:
            raise UnreadableExport("; ".join(self._told) + (f"; and {more:,} more" * (more > 0)))


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in order: n of them.

    Attributes:
        lines: (n,) the number of each, the header is 1.
        columns: (n,) the fields of each column asked for that the export has.
    """

    lines: Ints
    columns: Mapping[str, Texts]


def read_export(
    pieces: Iterable[bytes], needed: Sequence[str], also: Sequence[str], *, faults: Faults
) -> Iterator[Block]:
    """Yield the rows of an export, wherever its bytes were cut into pieces.

    A row that cannot be read is a fault and in no block. Blank lines are none.

    Args:
        pieces: the bytes of the file.
        needed: columns that must be there; names in any case, spaces for underscores.
        also: columns that are taken where they are there.
        faults: gathers what is wrong with rows; the caller asks it at the end.

    Raises:
        UnreadableExport: the file as a whole is no export; the message says all that is missing.
    """
    chunks = _whole_rows(pieces)
    header, _, rest = next(chunks, b"").removeprefix(BOM_UTF8).partition(b"\n")
    table = _Table.of(header, needed, also)
    line = 2
    for chunk in chain([rest], chunks):
        if chunk:
            block, lines = table.block(chunk, line, faults)
            line += lines
            yield block


def _whole_rows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the file in chunks of whole rows; last a row that has no end, if there is one."""
    tail = b""
    for piece in pieces:
        tail += piece
        end = _end_of_rows(tail)
        if end:
            yield tail[:end]
            tail = tail[end:]
        if len(tail) > LONGEST_ROW:
            raise UnreadableExport(
                f"a row is longer than {LONGEST_ROW:,} bytes: a quote is never closed, "
                "or the file has no line ends"
            )
    if tail:
        yield tail


def _end_of_rows(data: bytes) -> int:
    """Return where the last whole row ends: a line end within quotes ends no row."""
    end = data.rfind(b"\n") + 1
    is_open = data.count(b'"', 0, end) % 2
    while is_open:
        # All line ends after the last quote are within it as well.
        before = data.rfind(b"\n", 0, data.rfind(b'"', 0, end)) + 1
        is_open = (is_open + data.count(b'"', before, end)) % 2
        end = before
    return end


@dataclass(frozen=True, slots=True)
class _Table:
    """The form of an export, as its header has it.

    Attributes:
        delimiter: the byte between two fields.
        width: how many columns there are.
        places: of the columns that are asked for and there.
    """

    delimiter: int
    width: int
    places: Mapping[str, int]

    @classmethod
    def of(cls, header: bytes, needed: Sequence[str], also: Sequence[str]) -> "_Table":
        if header.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in header:
            raise UnreadableExport("the file is UTF-16 or binary, not UTF-8")
        try:
            text = header.decode().rstrip("\r")
        except UnicodeDecodeError:
            raise UnreadableExport("the header is not UTF-8") from None
        delimiter = ";" if text.count(";") > text.count(",") else ","
        names = [_name(one) for one in next(csv.reader([text], delimiter=delimiter), [])]
        missing = [f"no column {name}" for name in needed if name not in names]
        asked = (*needed, *also)
        twice = [f"column {name} stands there twice" for name in asked if names.count(name) > 1]
        if missing or twice:
            raise UnreadableExport("; ".join((*missing, *twice)))
        places = {name: names.index(name) for name in asked if name in names}
        return cls(delimiter.encode()[0], len(names), places)

    def block(self, chunk: bytes, line: int, faults: Faults) -> tuple[Block, int]:
        """Take a chunk apart whose first line has this number; also return how many rows it has."""
        _check_encoding(chunk, line, faults)
        is_cut = not chunk.endswith(b"\n")
        raw = np.frombuffer(chunk + b"\n" * is_cut, dtype=np.uint8)
        separators = self._separators(raw)
        ends = np.flatnonzero(raw[separators] == _NEWLINE)
        widths = np.diff(ends, prepend=-1)
        lines = line + np.arange(len(ends))
        good = widths == self.width
        bad = lines[~good & ~_blank(raw, separators[ends], widths)].tolist()
        if not len(ends):
            bad = [line]
        faults.add(bad, _CUT if is_cut else f"has not the {self.width} columns of the header")
        columns = _Fields(raw, separators, ends[good] - self.width + 1, lines[good])
        texts = {name: columns.take(at, name, faults) for name, at in self.places.items()}
        return Block(lines[good], texts), len(ends)

    def _separators(self, raw: Bytes) -> Ints:
        """Return where fields end: delimiters and line ends outside of quotes."""
        marks = (raw == self.delimiter) | (raw == _NEWLINE)
        quotes = raw == _QUOTE
        if quotes.any():
            marks &= ~np.logical_xor.accumulate(quotes)
        return np.flatnonzero(marks)


@dataclass(frozen=True, slots=True)
class _Fields:
    """Where the fields of n rows lie.

    Attributes:
        raw: the bytes.
        separators: where fields end.
        first: (n,) which of them ends the first field of each row.
        lines: (n,) the number of each row.
    """

    raw: Bytes
    separators: Ints
    first: Ints
    lines: Ints

    def take(self, column: int, name: str, faults: Faults) -> Texts:
        """Return the fields of a column without their quotes; doubled ones inside stay."""
        raw, at = self.raw, self.first + column
        begin = np.where(at > 0, self.separators[at - 1] + 1, 0)
        end = self.separators[at]
        end = end - ((end > begin) & (raw[end - 1] == _RETURN) & (raw[end] == _NEWLINE))
        quoted = (end - begin > 1) & (raw[begin] == _QUOTE) & (raw[end - 1] == _QUOTE)
        begin, length = begin + quoted, end - begin - 2 * quoted
        long = length > LONGEST_FIELD
        faults.add(self.lines[long].tolist(), f"{name} has more than {LONGEST_FIELD} bytes")
        places = np.arange(min(length.max(initial=1), LONGEST_FIELD))
        text = raw.take(begin[:, None] + places, mode="clip")
        text[places >= length[:, None]] = 0
        return np.asarray(text.view(f"S{len(places)}").ravel())


def _blank(raw: Bytes, ends: Ints, widths: Ints) -> NDArray[np.bool_]:
    """Return which rows hold nothing: (n,)."""
    length = np.diff(ends, prepend=-1) - 1
    empty = (length == 0) | ((length == 1) & (raw[ends - 1] == _RETURN))
    return np.asarray(empty & (widths == 1))


def _check_encoding(chunk: bytes, line: int, faults: Faults) -> None:
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        faults.add([line + chunk.count(b"\n", 0, error.start)], "is not UTF-8")


def _name(text: str) -> str:
    return text.strip().casefold().replace(" ", "_")

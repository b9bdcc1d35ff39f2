"""Named arrays <-> one file with a checksum, which is read by mapping it into memory.

    magic (8) | version (4) | size of the head (4) | head, JSON | arrays | checksum (32)

Numbers are little-endian. Every array begins at a multiple of 64 bytes. The checksum, BLAKE2b,
is over all that precedes it, so that a file is taken whole or not at all.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import count
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from plate_match.errors import DamagedFile

Arrays = Mapping[str, NDArray[Any]]

VERSION = 1
"""Of the format; a file of a newer one is refused."""

_MAGIC = b"\x93PLATES\n"
_ALIGNMENT, _CHECKSUM, _NUMBER = 64, 32, 4
_HEAD = len(_MAGIC) + 2 * _NUMBER


def write(path: Path, kind: str, header: Mapping[str, Any], *, arrays: Arrays) -> None:
    """Write a file that appears under its name once all of it is written, or not at all.

    It replaces a file of that name; who has the old one mapped keeps it. That it is on disk
    when this returns is not promised: a power cut can leave a file that `read` refuses.

    Args:
        path: where; the folder is there already.
        kind: what the file holds, asked for again when it is read.
        header: what is to be known of the arrays, as JSON has it.
        arrays: of numbers or bytes, in any shape, by name.

    Raises:
        OSError: it cannot be written; what was there before is untouched.
    """
    file = _beside(path)
    unfinished = Path(file.name)
    try:
        with file:
            checksum = blake2b(digest_size=_CHECKSUM)
            for piece in _pieces(kind, header, arrays):
                checksum.update(piece)
                file.write(piece)
            file.write(checksum.digest())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def read(path: Path, kind: str) -> tuple[dict[str, Any], Arrays]:
    """Return the header and the arrays of a file, read-only and mapped into memory.

    All of it is read once, for the checksum: 16 MB take about 20 ms.

    Raises:
        DamagedFile: it is no such file, or not as it was written; the message says which.
        OSError: it cannot be read.
    """
    raw = _mapped(path)
    body = raw[:-_CHECKSUM]
    if blake2b(body.data, digest_size=_CHECKSUM).digest() != raw[-_CHECKSUM:].tobytes():
        raise DamagedFile("the file is damaged: its checksum is another")
    size = int.from_bytes(raw[_HEAD - _NUMBER : _HEAD].tobytes(), "little")
    head = json.loads(raw[_HEAD : _HEAD + size].tobytes())
    if head["kind"] != kind:
        raise DamagedFile(f"the file holds another thing: {head['kind']}, not {kind}")
    return head["header"], {name: _array(body, told) for name, told in head["arrays"].items()}


def _mapped(path: Path) -> NDArray[np.uint8]:
    """Map a file that begins as files of this format do."""
    with path.open("rb") as file:
        begin = file.read(_HEAD)
    if not begin.startswith(_MAGIC) or len(begin) < _HEAD:
        raise DamagedFile("the file is none of plate-match's, or only a beginning of one")
    version = int.from_bytes(begin[len(_MAGIC) : -_NUMBER], "little")
    if version > VERSION:
        raise DamagedFile(f"the file has format version {version}; this is for up to {VERSION}")
    return np.asarray(np.memmap(path, np.uint8, "r"))


def _array(body: NDArray[np.uint8], told: Mapping[str, Any]) -> NDArray[Any]:
    kind = np.dtype(told["dtype"])
    shape = tuple(told["shape"])
    begin = told["begin"]
    array: NDArray[Any] = body[begin : begin + kind.itemsize * prod(shape)].view(kind)
    return array.reshape(shape)


def _pieces(kind: str, header: Mapping[str, Any], arrays: Arrays) -> Iterator[bytes | memoryview]:
    """Yield all of a file but its checksum."""
    plain = {name: _plain(array) for name, array in arrays.items()}
    head = _head(kind, header, plain)
    yield _MAGIC + VERSION.to_bytes(_NUMBER, "little") + len(head).to_bytes(_NUMBER, "little")
    yield head
    written = _HEAD + len(head)
    for array in plain.values():
        yield bytes(-written % _ALIGNMENT)
        yield array.reshape(-1).view(np.uint8).data
        written += -written % _ALIGNMENT + array.nbytes


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array as it lies in a file: in order, little-endian."""
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _head(kind: str, header: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Return the JSON before the arrays. Padded, so that places in it move no array."""
    told = {
        name: {"dtype": array.dtype.str, "shape": array.shape, "begin": 0}
        for name, array in arrays.items()
    }
    document = {"kind": kind, "header": header, "arrays": told}
    room = len(_json(document)) + _PLACE * len(told)
    begin = _HEAD + room
    for name, array in arrays.items():
        begin += -begin % _ALIGNMENT
        told[name]["begin"] = begin
        begin += array.nbytes
    return _json(document).ljust(room)


_PLACE = 20
"""Digits of the largest place there can be."""


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, allow_nan=False).encode("ascii")


def _beside(path: Path) -> IO[bytes]:
    """Open a new file in the same folder, that nobody else writes to."""
    for number in count():
        try:
            return path.with_name(f".{path.name}.{number}").open("xb")
        except FileExistsError:
            continue
    raise AssertionError  # pragma: no cover - count() has no end

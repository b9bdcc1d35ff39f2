"""A folder in which heads of the audit chain are put down, one file each, never changed.

    WITNESS/20260131T235959000000Z.json    {"seq": 4711, "hash": "…", "toldAt": "…"}

It must be out of the operator's reach, as a share to which this machine may add but not take away.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from service import clock
from service.adapters.durable import make_durable
from service.adapters.version_file import stamp_of
from service.ports import StorageUnavailable
from service.records import Head


class WitnessFolder:
    """`service.ports.Witness` in a folder, which must be there: nobody watches an unmounted one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tell(self, head: Head, now: int) -> None:
        """Put a head down, durably, in a file that nobody has written before."""
        path = self._folder / f"{stamp_of(now)}.json"
        try:
            with path.open("x", encoding="ascii") as file:
                file.write(json.dumps(head_document(head, now)) + "\n")
                file.flush()
                os.fsync(file.fileno())
            make_durable(self._folder)
        except OSError as error:
            message = f"the witness cannot be told: {error.strerror}"
            raise StorageUnavailable(message) from error


def head_document(head: Head, now: int) -> dict[str, object]:
    """Return what is told of a head."""
    return {"seq": head.seq, "hash": head.hash.hex(), "toldAt": clock.to_text(now)}


def heads_of(path: Path) -> Sequence[Head]:
    """Read the heads that a witness was told: a folder of files, or a file of lines.

    Raises:
        ValueError: a line is none; the message names its file and what a line must be.
        OSError: it cannot be read.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [
        _head(line, f"{file.name}, line {number}")
        for file in files
        if not file.name.startswith(".")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if line.strip()
    ]


def _head(line: str, where: str) -> Head:
    try:
        told = json.loads(line)
        seq, digest = told["seq"], bytes.fromhex(told["hash"])
        if type(seq) is int and seq > 0 and len(digest) == HASH_BYTES:
            return Head(seq, digest)
    except (ValueError, TypeError, LookupError):
        pass
    raise ValueError(f'{where}: must be {{"seq": 1, "hash": "64 hexadecimal digits"}}')


HASH_BYTES = 32

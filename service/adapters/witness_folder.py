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
from service.chain import GENESIS
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
            with path.open("xb", buffering=0) as file:
                # At once: half a line could never be mended there.
                file.write(json.dumps(head_document(head, now)).encode() + b"\n")
                os.fsync(file.fileno())
            make_durable(self._folder)
        except OSError as error:
            message = f"the witness cannot be told: {error.strerror}"
            raise StorageUnavailable(message) from error


def head_document(head: Head, now: int) -> dict[str, object]:
    """Return what is told of a head."""
    return {"seq": head.seq, "hash": head.hash.hex(), "toldAt": clock.to_text(now)}


def heads_of(path: Path) -> tuple[Sequence[Head], Sequence[str]]:
    """Read the heads that a witness was told: a folder of files, or a file of lines.

    Returns:
        The heads, and where there is something else in their place: a file that was cut short
        must not hide the others.

    Raises:
        OSError: it cannot be read.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    heads: list[Head] = []
    faults: list[str] = []
    for file in files:
        try:
            lines = file.read_bytes().splitlines()
        except OSError:
            if not path.is_dir():
                raise
            faults.append(file.name)
            continue
        for number, line in enumerate(lines, start=1):
            head = _head(line)
            if head is not None:
                heads.append(head)
            elif line.strip():
                faults.append(f"{file.name}, line {number}")
    return heads, faults


def _head(line: bytes) -> Head | None:
    try:
        told = json.loads(line)
        seq, digest = told["seq"], bytes.fromhex(told["hash"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    whole = type(seq) is int and seq > 0 and len(digest) == len(GENESIS)
    return Head(seq, digest) if whole else None

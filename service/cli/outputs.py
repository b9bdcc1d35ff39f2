"""Paths of `--output` and `--rejects` -> files that appear whole, or not at all."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from service.cli.terminal import WrongUse

_NO_PLACE = (Path("/dev"), Path("/proc"))
"""What lies here is a device or a process, whatever it looks like."""


def places(outputs: Mapping[str, Path], inputs: Mapping[str, Path]) -> dict[str, Path]:
    """Return where each output is to be written: a link stays, and what it points to is written.

    Args:
        outputs: paths by the option that names them.
        inputs: those of what is read, which no output may replace.

    Raises:
        WrongUse: something cannot be written there; the message names every fault.
    """
    taken = {path.resolve(): option for option, path in inputs.items()}
    found: dict[str, Path] = {}
    faults: list[str] = []
    for option, path in outputs.items():
        try:
            found[option] = _place(path)
        except WrongUse as fault:
            faults.append(f"{option} {path}: {fault}")
            continue
        first = taken.setdefault(found[option], option)
        if first != option:
            faults.append(f"{option} {path}: is the same file as {first}")
    if faults:
        raise WrongUse("; ".join(faults))
    return found


def _place(path: Path) -> Path:
    """Return the regular file that a path leads to, which need not be there yet."""
    try:
        place = path.resolve()
    except (OSError, RuntimeError):
        raise WrongUse("leads nowhere: its links go round in a circle") from None
    named = Path(os.path.abspath(path))  # noqa: PTH100 - keeps /dev/stdout as it was named
    if any(one.is_relative_to(no) for one in (named, place) for no in _NO_PLACE):
        raise WrongUse("lies under /dev or /proc, where no file can be put")
    if place.exists() and not place.is_file():
        raise WrongUse("is no regular file")
    return place


@contextmanager
def written(place: Path, *, mode: int = 0o666) -> Iterator[TextIO]:
    """Open a file that appears under its name once all of it is written, or not at all.

    `mode` is who may read it at the most.

    Raises:
        WrongUse: no file can be made there.
    """
    unfinished = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with _opened(unfinished, place, mode) as file:
            yield file
        unfinished.replace(place)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _opened(unfinished: Path, place: Path, mode: int) -> TextIO:
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
    except OSError as error:
        raise WrongUse(f"{place}: cannot be written: {error.strerror}") from None

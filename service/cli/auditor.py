"""`--key-file` -> the auditor who opens the personal part of the audit."""

import sys
from errno import EINVAL
from pathlib import Path

from service import clock
from service.adapters.db import Database
from service.adapters.private import exposure
from service.cli.terminal import Refused, WrongUse
from service.errors import NotAllowed, NotInForce, UnknownCaller
from service.records import Caller
from service.regular_file import read_regular
from service.usecases.credentials import KEY_PREFIX
from service.usecases.open_audit import OpenAudit

_LONGEST = 10_000
"""Characters; no key is as long."""


def auditor_of(database: Database, key_file: Path | None, what: str) -> Caller | None:
    """Return who holds the key in a file, None without one; `what` names the command.

    Raises:
        WrongUse: the file cannot be read, is open to others, or holds no key.
        Refused: it is no key of an auditor; that is on record.
    """
    if key_file is None:
        return None
    key = _key(key_file)
    try:
        return OpenAudit(database.credentials, database.audit)(key, what, now=clock.now())
    except UnknownCaller:
        raise Refused(f"{key_file} holds no key that is in force; that is on record") from None
    except NotInForce as error:
        told = "; ".join(one.message for one in error.faults)
        raise Refused(f"{key_file}: {told}; that is on record") from None
    except NotAllowed:
        raise Refused(f"the key in {key_file} is not that of an auditor; on record") from None


def required_auditor(database: Database, key_file: Path, what: str) -> Caller:
    """Return who holds the key in a file; raises as `auditor_of` does."""
    caller = auditor_of(database, key_file, what)
    if caller is None:
        raise TypeError("a key file is asked for")
    return caller


def _key(path: Path) -> str:
    """Return the key: the first line of a file, or of standard input where it is called `-`."""
    line = _typed() if str(path) == "-" else _first_line(path)
    if not line.strip():
        raise WrongUse(f"--key-file {path}: holds no key")
    return line.strip()


def _typed() -> str:
    try:
        line = sys.stdin.readline(_LONGEST)
        line.encode()
    except UnicodeError:
        raise WrongUse("--key-file -: cannot be read: is no text") from None
    return line


def _first_line(path: Path) -> str:
    if path.name.startswith(KEY_PREFIX) and not path.exists():
        raise WrongUse("--key-file: names a file, not the key itself, which others could see here")
    try:
        text = read_regular(path, most=_LONGEST).decode("utf-8-sig")
    except OSError as error:
        hint = "" if error.errno != EINVAL else "; from a pipe it is taken with -"
        raise WrongUse(f"--key-file {path}: cannot be read: {error.strerror}{hint}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"--key-file {path}: cannot be read: is no text") from None
    fault = exposure(path)
    if fault is not None:
        raise WrongUse(f"--key-file: {fault}")
    return text.partition("\n")[0]

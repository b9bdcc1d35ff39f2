"""`--key-file` -> who holds the key in it, of the role that the command asks for."""

import sys
from collections.abc import Callable
from errno import EINVAL
from pathlib import Path

from service import clock
from service.adapters.db import Database
from service.adapters.private import exposure
from service.cli.terminal import Refused, WrongUse
from service.errors import NotAllowed, NotInForce, UnknownCaller
from service.records import Caller, Role
from service.regular_file import read_regular
from service.usecases.credentials import KEY_PREFIX
from service.usecases.prove import Prove

_LONGEST = 10_000
"""Characters; no key is as long."""


def holder(database: Database, path: Path, what: str, *, role: Role) -> Caller:
    """Return who holds the key in a file; `what` names the command.

    Raises:
        WrongUse: the file cannot be read, is open to others, or holds no key.
        Refused: it is no key of that role; that is on record.
    """
    prove = Prove(database.credentials, database.audit, role)
    key = _key(path, "--key-file")
    return _proven(path, role, lambda: prove(key, what, now=clock.now()))


def two_holders(
    database: Database, paths: tuple[Path, Path], what: str, *, role: Role
) -> tuple[Caller, Caller]:
    """Return who hold the keys in two files: two different people.

    Raises:
        WrongUse, Refused: as of one; or they are not two people, which is on record.
    """
    first = holder(database, paths[0], what, role=role)
    prove = Prove(database.credentials, database.audit, role)
    key = _key(paths[1], "--second-key-file")
    return first, _proven(paths[1], role, lambda: prove.second(key, first, what, now=clock.now()))


def _proven(path: Path, role: Role, prove: Callable[[], Caller]) -> Caller:
    try:
        return prove()
    except UnknownCaller:
        raise Refused(f"{path} holds no key that is in force; that is on record") from None
    except NotInForce as error:
        told = "; ".join(one.message for one in error.faults)
        raise Refused(f"{path}: {told}; that is on record") from None
    except NotAllowed:
        raise Refused(f"the key in {path} is not that of an {role}; on record") from None


def _key(path: Path, option: str) -> str:
    """Return the key: the first line of a file, or of standard input where it is called `-`."""
    line = _typed(option) if str(path) == "-" else _first_line(path, option)
    if not line.strip():
        raise WrongUse(f"{option} {path}: holds no key")
    return line.strip()


def _typed(option: str) -> str:
    try:
        line = sys.stdin.readline(_LONGEST)
        line.encode()
    except UnicodeError:
        raise WrongUse(f"{option} -: cannot be read: is no text") from None
    return line


def _first_line(path: Path, option: str) -> str:
    if path.name.startswith(KEY_PREFIX) and not path.exists():
        raise WrongUse(f"{option}: names a file, not the key itself, which others could see here")
    try:
        text = read_regular(path, most=_LONGEST).decode("utf-8-sig")
    except OSError as error:
        hint = "" if error.errno != EINVAL else "; from a pipe it is taken with -"
        raise WrongUse(f"{option} {path}: cannot be read: {error.strerror}{hint}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{option} {path}: cannot be read: is no text") from None
    fault = exposure(path)
    if fault is not None:
        raise WrongUse(f"{option}: {fault}")
    return text.partition("\n")[0]

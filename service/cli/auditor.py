"""`--key-file` -> the auditor who opens the personal part of the audit."""

from pathlib import Path

from service.adapters.db import Database
from service.cli.key_files import holder
from service.records import Caller, Role


def auditor_of(database: Database, key_file: Path | None, what: str) -> Caller | None:
    """Return who holds the key in a file, None without one; `what` names the command.

    Raises:
        WrongUse: the file cannot be read, is open to others, or holds no key.
        Refused: it is no key of an auditor; that is on record.
    """
    return None if key_file is None else required_auditor(database, key_file, what)


def required_auditor(database: Database, key_file: Path, what: str) -> Caller:
    """Return who holds the key in a file; raises as `auditor_of` does."""
    return holder(database, key_file, what, role=Role.AUDITOR)

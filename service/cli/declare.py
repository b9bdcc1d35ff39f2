"""`plate-match feed declare`: a declaration of a feed, checked, and put where it counts."""

from hashlib import sha256
from pathlib import Path

from service import clock
from service.adapters.feed_folder import faults_of_trust, read_file
from service.cli.store import database_of, declarations_of, settings_of
from service.cli.terminal import WrongUse, page
from service.declaration import Declaration
from service.errors import FaultyDeclaration
from service.records import AuditEvent


def declare(path: Path, *, check: bool, data: Path | None) -> None:
    """Check a declaration and, unless that is all, put it in force.

    Raises:
        WrongUse: it has faults; the message names each. Nothing was changed.
    """
    declaration = _read(path)
    if check:
        page().print(f"{path}: feed {declaration.name} is declared without a fault")
        return
    settings = settings_of(data=data)
    header = {"feed": declaration.name, "sha256": sha256(path.read_bytes()).hexdigest()}
    with database_of(settings) as database:
        database.audit.add(AuditEvent(clock.now(), "feed-declared", header, {}))
    declarations_of(settings).put(path)
    page().print(f"feed {declaration.name} is declared; it holds from its next file on")


def _read(path: Path) -> Declaration:
    """Read a declaration, and look for the file it names; raises WrongUse."""
    faults = list(faults_of_trust(path))
    try:
        declaration = read_file(path)
    except FaultyDeclaration as error:
        faults = [*error.faults, *faults]
    else:
        if not faults:
            return declaration
    raise WrongUse(f"{path}\n  " + "\n  ".join(faults))

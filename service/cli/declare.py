"""`plate-match feed declare`: a declaration of a feed, checked, and put where it counts."""

from pathlib import Path

from service.adapters.feed_folder import read_file
from service.cli.store import declarations_of, settings_of
from service.cli.terminal import WrongUse, page
from service.errors import FaultyDeclaration


def declare(path: Path, *, check: bool, data: Path | None) -> None:
    """Check a declaration and, unless that is all, put it in force.

    Raises:
        WrongUse: it has faults; the message names each. Nothing was changed.
    """
    try:
        declaration = read_file(path)
    except FaultyDeclaration as error:
        raise WrongUse(f"{path}\n  " + "\n  ".join(error.faults)) from None
    if check:
        page().print(f"{path}: feed {declaration.name} is declared without a fault")
        return
    declarations_of(settings_of(data=data)).put(path)
    page().print(f"feed {declaration.name} is declared; it holds from its next file on")

"""An error raised on purpose -> exit code and one line: the only table of them."""

from plate_match.errors import PlateMatchError
from service.cli.terminal import Refused, WrongUse, say
from service.errors import ServiceError

_CODES: tuple[tuple[type[Exception], int], ...] = (
    (WrongUse, 2),
    (PlateMatchError, 2),
    (Refused, 1),
    (ServiceError, 1),
)


def exit_code(error: Exception) -> int | None:
    """Return 1 for what was refused or failed, 2 for wrong use; None for what nobody expected.

    A file may go, or be shut, between a look at it and its use: that is expected of every file.
    """
    if isinstance(error, OSError) and error.filename is not None:
        return 1
    return next((code for kind, code in _CODES if isinstance(error, kind)), None)


def tell(error: Exception) -> None:
    """Write the error on stderr."""
    if isinstance(error, OSError):
        say(f"plate-match: {error.filename}: {error.strerror}")
    else:
        say(f"plate-match: {error}")

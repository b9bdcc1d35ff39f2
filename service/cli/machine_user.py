"""Who runs a command, as the machine knows them: the user, and who logged in before `sudo`."""

import os
import pwd
from contextlib import suppress


def machine_user() -> str:
    """Return the name of the user who runs this, or its number where it has none.

    Who became another user is named first, as far as the terminal tells: `alice as plate-match`.
    """
    number = os.geteuid()
    user = str(number)
    with suppress(KeyError):
        user = pwd.getpwuid(number).pw_name
    with suppress(OSError):  # there is no terminal
        login = os.getlogin()
        if login != user:
            return f"{login} as {user}"
    return user

"""No command takes a secret as an argument, where a list of processes or a history shows it."""

import re
from collections.abc import Iterator

from typer.main import get_command

from service.cli.app import app

SECRET = re.compile(r"key|secret|passw|token|bearer|url|signature", re.IGNORECASE)


def parameters(command: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every option and argument of every command, by each of its names."""
    for one in getattr(command, "params", ()):
        for name in {*one.opts, *one.secondary_opts, one.name, one.metavar or one.name}:
            yield path.strip(), name
    for name, child in getattr(command, "commands", {}).items():
        yield from parameters(child, f"{path} {name}")


def test_no_command_takes_a_secret_as_an_argument() -> None:
    found = set(parameters(get_command(app)))
    assert {
        ("credential issue", "--role"),
        ("credential revoke", "ID"),
        ("serve", "--host"),
    } < found
    files = {one for one in found if one[1].endswith(("-file", "_file"))}
    assert [one for one in found - files if SECRET.search(one[1])] == []
    assert ("audit export", "--key-file") in files

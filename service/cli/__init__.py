"""The command line `plate-match`: arguments in, results on stdout, an exit code out.

Exit codes: 0 done, 1 refused or failed, 2 wrong use or unreadable input.
"""

import sys

EXTRA = frozenset(
    {"typer", "rich", "fastapi", "starlette", "uvicorn", "pydantic", "pydantic_settings"}
    | {"sqlalchemy", "alembic", "prometheus_client", "orjson"}
)


def main() -> None:
    """Run the command that the arguments of this process name, and exit."""
    try:
        from service.cli.app import run

        code = run()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in EXTRA:
            raise
        message = "plate-match: the command line needs more: pip install 'plate-match[service]'\n"
        sys.stderr.write(message)
        code = 2
    sys.exit(code)

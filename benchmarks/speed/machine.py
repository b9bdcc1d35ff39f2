"""What it was measured on: without it no figure says anything."""

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed.ours import kernel_name
from benchmarks.speed.postgres import server_version

PACKAGES = ("plate-match", "numpy", "rapidfuzz", "symspellpy", "psycopg")


def machine() -> dict[str, str]:
    """Return processor, cores, kernel in use and versions, as they are printed."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load over the last minute": f"{os.getloadavg()[0]:.1f}",
        "search kernel": kernel_name(),
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": server_version(),
        "revision": _revision(),
    }


def _processor() -> str:
    """Return the model that the system names, or its architecture."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _revision() -> str:
    """Return the revision in the tree; a plus says that files differ from it."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],  # noqa: S607 - whichever git there is
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return asked.stdout.strip() or "unknown"

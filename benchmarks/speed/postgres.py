"""A PostgreSQL server of its own for one peer: a temporary folder, a socket in it, no port."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

import psycopg

INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian puts the servers, one folder a version."""

USER = "postgres"
"""Who runs the server if we are root, which it refuses to be run by."""

PATIENCE = 30.0
"""Seconds for a server to start."""

NEAREST = """SELECT plate FROM wanted WHERE plate %% %(read)s
    ORDER BY similarity(plate, %(read)s) DESC, plate LIMIT 10"""
WITH_PART = "SELECT plate FROM wanted WHERE plate LIKE '%%' || %(read)s || '%%' LIMIT 10"

Ask = Callable[[str, bool], list[str]]


def why_not() -> str:
    """Return why no server can be started here; empty if one can."""
    server = _newest()
    if server is None:
        return f"no server is installed under {INSTALLED}"
    modules = INSTALLED.parents[1] / "share" / "postgresql" / server.parent.name / "extension"
    return "" if (modules / "pg_trgm.control").exists() else "the server has no pg_trgm"


@contextmanager
def wanted_table(plates: Sequence[str]) -> Iterator[tuple[Ask, float, int]]:
    """Open a table of these plates with its index: how to ask, seconds to build, bytes."""
    with _server() as socket, _connected(socket) as connection:
        begin = perf_counter()
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE UNLOGGED TABLE wanted (plate text NOT NULL)")
        with connection.cursor().copy("COPY wanted FROM STDIN") as copy:
            copy.write("".join(f"{plate}\n" for plate in plates))
        connection.execute("CREATE INDEX ON wanted USING gin (plate gin_trgm_ops)")
        connection.execute("VACUUM ANALYZE wanted")
        seconds = perf_counter() - begin
        size = connection.execute("SELECT pg_total_relation_size('wanted')").fetchone()

        def ask(read: str, is_part: bool) -> list[str]:  # noqa: FBT001 - asked by position
            query = WITH_PART if is_part else NEAREST
            rows = connection.execute(query, {"read": read}, prepare=True)
            return [plate for (plate,) in rows]

        yield ask, seconds, size[0] if size else 0


def _newest() -> Path | None:
    """Return the folder of programs of the newest server."""
    folders = [path.parent for path in INSTALLED.glob("*/bin/postgres")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


@contextmanager
def _server() -> Iterator[Path]:
    programs = _newest()
    if programs is None:
        raise FileNotFoundError(why_not())
    with TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        owner = _owner(folder)
        data = folder / "data"
        made: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "--no-sync",
        ]
        subprocess.run(
            [*made, "--encoding=UTF8", "--locale=C"], check=True, capture_output=True, **owner
        )
        run: list[str | Path] = [
            programs / "postgres",
            "-D",
            data,
            "-k",
            folder,
            "-c",
            "listen_addresses=",
        ]
        quick = ["-c", "fsync=off", "-c", "shared_buffers=1GB", "-c", "maintenance_work_mem=1GB"]
        server = subprocess.Popen([*run, *quick], stderr=subprocess.DEVNULL, **owner)
        try:
            yield folder
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE)


def _owner(folder: Path) -> dict[str, Any]:
    """Return as whom to run the server, who then owns the folder; nothing unless we are root."""
    if os.geteuid():
        return {}
    shutil.chown(folder, USER, USER)
    return {"user": USER, "group": USER, "extra_groups": [], "cwd": folder}


def _connected(socket: Path) -> psycopg.Connection:
    ends = perf_counter() + PATIENCE
    while True:
        try:
            return psycopg.connect(host=str(socket), user=USER, dbname=USER, autocommit=True)
        except psycopg.OperationalError:
            if perf_counter() > ends:
                raise
            sleep(0.05)


def server_version() -> str:
    """Return the version of the server that would be started; "none" if there is none."""
    programs = _newest()
    if programs is None:
        return "none"
    asked = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return asked.stdout.split()[2]

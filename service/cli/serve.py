"""`plate-match serve`: the service, in one process or several that share a port."""

import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

from service import logs
from service.adapters.private import private_folder
from service.adapters.registry_file import load_registry
from service.app import address_of, bind
from service.app import serve as serve_until_told
from service.cli.failures import exit_code, tell
from service.cli.safety import require_safe
from service.cli.store import unchecked_settings
from service.cli.terminal import Refused, say
from service.cli.version import version_line
from service.metrics import shared_in
from service.settings import Settings


def serve(host: str | None, port: int | None, *, workers: int, data: Path | None) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        CannotStart: it would not be safe, the port is busy, the registry is damaged, or something
            else stands in the way.
        StorageUnavailable: the database cannot be read or written.
    """
    settings = unchecked_settings(host=host, port=port, data=data)
    require_safe(settings)
    with bind(settings.host, settings.port) as listener:
        logs.set_up()
        say(version_line(load_registry(settings.registry)))
        private_folder(settings.data)
        if workers == 1:
            serve_until_told(settings, listener, ready=announce)
        else:
            folder = settings.data / "metrics" / address_of(listener).rpartition("/")[2]
            with shared_in(folder):
                _Crew(settings, listener, folder).serve(workers)


def announce(address: str) -> None:
    """Write the one line that says requests are answered."""
    print(f"Listening on {address}", flush=True)  # noqa: T201 - the result of the command


@dataclass(slots=True)
class _Worker:
    """A process that serves, and the pipe by which each end learns of the other."""

    process: BaseProcess
    pipe: Connection
    ready: bool = False


class _Crew:
    """Processes that serve one port.

    Who is killed is replaced; who gives up has said why, and ends all.
    """

    def __init__(self, settings: Settings, listener: socket.socket, metrics_folder: Path) -> None:
        self._settings = settings
        self._listener = listener
        self._metrics_folder = metrics_folder
        self._workers: list[_Worker] = []
        self._ending = self._announced = self._gave_up = False

    def serve(self, count: int) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            Refused: a worker gave up.
        """
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, self._end)
        for _ in range(count):
            self._start()
        while self._workers:
            sentinels = [worker.process.sentinel for worker in self._workers]
            wait([*sentinels, *(worker.pipe for worker in self._workers if not worker.ready)])
            self._replace_the_dead()
            self._hear()
        if self._gave_up:
            raise Refused("a worker gave up, so the service has stopped")

    def _start(self) -> None:
        ours, theirs = _CONTEXT.Pipe()
        given = (self._settings, self._listener, theirs)
        named = {"metrics_folder": self._metrics_folder}
        process = _CONTEXT.Process(target=_work, args=given, kwargs=named)
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))
        if self._ending:
            process.terminate()

    def _replace_the_dead(self) -> None:
        dead = [worker for worker in self._workers if not worker.process.is_alive()]
        self._workers = [worker for worker in self._workers if worker not in dead]
        for worker in dead:
            killed = (worker.process.exitcode or 0) < 0
            if not self._ending and killed:
                say(f"worker {worker.process.pid} was killed; another takes its place")
                self._start()
            elif not self._ending:
                self._gave_up = True
                self._end()

    def _hear(self) -> None:
        """Announce the service once, when every worker has said that it is ready."""
        for worker in self._workers:
            worker.ready = worker.ready or _has_spoken(worker.pipe)
        if not self._announced and self._workers and all(one.ready for one in self._workers):
            self._announced = True
            announce(address_of(self._listener))

    def _end(self, *_: object) -> None:
        self._ending = True
        for worker in self._workers:
            worker.process.terminate()


def _has_spoken(pipe: Connection) -> bool:
    """Say whether a worker said that it is ready; one that has ended says nothing."""
    with suppress(EOFError, OSError):
        return pipe.poll() and bool(pipe.recv())
    return False


_CONTEXT = get_context("spawn")


def _work(
    settings: Settings, listener: socket.socket, pipe: Connection, *, metrics_folder: Path
) -> None:
    """Serve in a process of its own, and not longer than the process that started it."""
    logs.set_up()
    Thread(target=_follow, args=(pipe,), daemon=True).start()
    try:
        serve_until_told(settings, listener, ready=pipe.send, metrics_folder=metrics_folder)
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        tell(error)
        sys.exit(code)


def _follow(pipe: Connection) -> None:
    """Wait for the other end, which says nothing and closes only with its process."""
    with suppress(EOFError, OSError):
        pipe.recv()
    os.kill(os.getpid(), signal.SIGTERM)

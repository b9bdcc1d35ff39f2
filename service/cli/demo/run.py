"""Folder + port -> a running service whose sample sightings are posted over HTTP and shown."""

import json
import os
import signal
from contextlib import redirect_stderr
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from service import logs
from service.adapters.registry_file import load_registry
from service.app import bind
from service.app import serve as serve_until_told
from service.cli.demo.folder import FEED_FILE, PLATES_FILE, DemoFolder, prepare
from service.cli.demo.pages import show_keys, show_sighting
from service.cli.serve import announce
from service.cli.store import settings_of
from service.cli.terminal import Refused, page, progress
from service.cli.version import version_line
from service.errors import CannotStart
from service.records import Role
from service.settings import Settings

HOST, PORT = "127.0.0.1", 8000
LOG = "service.log"

_PATIENCE_SECONDS = 60


def demo(folder: Path, port: int | None) -> None:
    """Serve a demo until SIGINT or SIGTERM.

    Raises:
        WrongUse: the folder holds something else.
        CannotStart: the port that was asked for is busy, or the registry is damaged.
        Refused: a demo that was left half made cannot be finished.
    """
    # A database of its own, and callers on this machine, whatever the settings say.
    settings = unlimited(settings_of(data=folder)).model_copy(
        update={"database_url": None, "trusted_proxies": ()}
    )
    with _listener(port) as listener:
        version = version_line(load_registry(settings.registry))
        with progress() as shown:
            prepared = prepare(settings, shown)
        _Demo(prepared, version).serve(settings, listener)


def unlimited(settings: Settings) -> Settings:
    """Return settings without the limits that nobody set: made-up plates are nobody's to guard."""
    limits = (
        "person_bits_a_day",
        "person_bits_a_month",
        "firm_bits_a_month",
        "walk_hours",
        "requests_a_minute",
    )
    unset = [name for name in limits if name not in settings.model_fields_set]
    return settings.model_copy(update=dict.fromkeys(unset, 0))


def _listener(port: int | None) -> socket:
    """Take the port that was asked for; without one the usual, or a free one if that is busy."""
    if port is not None:
        return bind(HOST, port)
    try:
        return bind(HOST, PORT)
    except CannotStart:
        return bind(HOST, 0)


class _Demo:
    """Serves, and while that runs is its own first caller."""

    def __init__(self, folder: DemoFolder, version: str) -> None:
        self._folder = folder
        self._version = version
        self._page = page()
        self._failure: Exception | None = None

    def serve(self, settings: Settings, listener: socket) -> None:
        """Serve until told to stop, or until the first calls fail; that is raised."""
        with (self._folder.path / LOG).open("a") as log, redirect_stderr(log):
            logs.set_up()
            serve_until_told(settings, listener, ready=self._begin)
        if self._failure is not None:
            raise self._failure

    def _begin(self, address: str) -> None:
        Thread(target=self._call, args=(address,), daemon=True).start()

    def _call(self, address: str) -> None:
        try:
            self._greet(address)
        except (ConnectionError, HTTPException):
            return  # the service was told to stop meanwhile
        except Exception as error:  # noqa: BLE001 - raised by `serve`
            self._failure = error
            os.kill(os.getpid(), signal.SIGTERM)

    def _greet(self, address: str) -> None:
        """Post what is not posted yet, show the answers, and tell how to go on."""
        folder = self._folder.path
        self._page.print(self._version)
        self._page.print(
            f"The plates in {folder / PLATES_FILE} and {folder / FEED_FILE} are SYNTHETIC: made "
            "up at random. That one is also on a real vehicle is chance.\n"
        )
        samples = self._folder.samples()
        if all("id" in sample for sample in samples):
            self._page.print(
                f"Going on with the demo in {folder}: its {len(samples)} sample sightings are in "
                "the history, nothing is posted again.\n"
            )
        for number, sample in enumerate(samples, start=1):
            if "id" not in sample:
                answer = self._post(address, sample, number)
                title = f"{number}. {sample['title']}"
                show_sighting(self._page, title, sent=sample["body"], answer=answer)
                sample["id"] = answer["id"]
                self._folder.keep(samples)
        show_keys(address, self._folder.keys, samples[2]["body"]["read"])
        self._page.print(f"The log of requests is in {folder / LOG}. Stop with Ctrl-C.")
        announce(address)

    def _post(self, address: str, sample: dict[str, Any], number: int) -> dict[str, Any]:
        """Post a sighting as the guard; however often it is tried, it is recorded once.

        Raises:
            Refused: the service does not take it.
        """
        connection = HTTPConnection(urlsplit(address).netloc, timeout=_PATIENCE_SECONDS)
        headers = {
            "Authorization": f"Bearer {self._folder.keys[Role.GUARD]}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"demo-{number}",
        }
        try:
            connection.request("POST", "/v1/sightings", json.dumps(sample["body"]), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != HTTPStatus.CREATED:
            raise Refused(
                f"the sample sightings cannot be posted ({response.status} {answer['title']}): "
                f"delete {self._folder.path} to start a new demo"
            )
        return answer

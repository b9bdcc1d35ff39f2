"""Settings -> the ASGI application, and the server that runs it until it is told to stop."""

import gc
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.application import application
from service.api.sighting_checks import report_of_request
from service.errors import CannotStart
from service.lifespan import running
from service.limits import Limits
from service.protocol import protocol_within
from service.settings import Settings

GRACE_SECONDS = 10
"""How long a stop waits for requests under way; open streams end then."""

BACKLOG = 2048

_GC_THRESHOLDS = (20_000, 20, 100)
"""Waiting requests are young objects that will live: looking at them often costs a tenth."""


_TURN_SECONDS = 0.0005
"""How long a thread that builds a list may go on while a request waits for its turn."""


class Service:
    """The ASGI application, with everything behind it opened at its start-up.

    `failure` is why it did not start.
    """

    def __init__(self, settings: Settings, metrics_folder: Path | None = None) -> None:
        self._settings = settings
        self._metrics_folder = metrics_folder
        self._opened = AsyncExitStack()
        self._application: ASGIApp
        self.failure: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope of ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._application(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            state = await self._opened.enter_async_context(
                running(self._settings, report_of_request, self._metrics_folder)
            )
        except Exception as failure:  # noqa: BLE001 - told to the server, raised by `serve`
            self.failure = failure
            await send({"type": "lifespan.startup.failed", "message": "the service cannot start"})
            return
        self._application = application(state)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        sys.setswitchinterval(_TURN_SECONDS)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._opened.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def create_app(settings: Settings | None = None) -> Service:
    """Return the application; without settings, those of the environment (for workers)."""
    return Service(settings or Settings.load())


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        CannotStart: the address cannot be had, or the port is busy.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotStart(f"cannot listen on {host} port {port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address of a listening socket as the URL a person would type."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    settings: Settings,
    listener: socket.socket,
    *,
    ready: Callable[[str], object] = lambda _: None,
    metrics_folder: Path | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way and return.

    Args:
        settings: of the service.
        listener: from `bind`; closed at the end.
        ready: called with the address once requests are answered.
        metrics_folder: what this process shares with its siblings, see `metrics.shared_in`.
        limits: of each connection; without them those of the settings.

    Raises:
        CannotStart: the message says what stands in the way.
        StorageUnavailable: the database cannot be read or written.
    """
    app = Service(settings, metrics_folder)
    within = limits or Limits(connections=settings.connections, peers=settings.trusted_proxies)
    config = uvicorn.Config(
        app,
        http=protocol_within(within),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=within.idle_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, lambda: ready(address_of(listener)))
    try:
        server.run(sockets=[listener])
    except SystemExit:
        if app.failure is None:
            raise
        raise app.failure from None
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """Says when it is ready, and takes a signal for a wish to end well."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop; at a second SIGINT at once. The signal is not raised again afterwards."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

"""What is measured, and its exposition: the one door to Prometheus.

Labels are bounded: route templates, sources, categories, feeds. Never a plate, a path as it
came, or a person. What the hotlist is like is asked at scrape time, so it cannot be out of step.
"""

import os
import shutil
from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from plate_match.feed.fields import FIELDS
from service.current import CurrentSnapshot, Snapshot
from service.errors import CannotStart
from service.feed_records import FeedFile

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REASONS = frozenset({*FIELDS, "action", "duplicate", "expired", "unknown"})
"""What a fault of a row can be about: a field, or the row as a whole."""

_PREFIX = "plate_match"
_HTTP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LOOKUP_BUCKETS = (25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)


_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_ALLOCATED = 1 << 20
"""Bytes of a file of numbers, taken at the start: a process that finds none later is killed."""


@contextmanager
def shared_in(folder: Path) -> Iterator[None]:
    """Let processes that are started meanwhile keep their numbers in a folder, emptied first.

    The numbers of a process that ended stay there, so that no counter falls.

    Raises:
        CannotStart: the folder cannot be made.
    """
    with _storage():
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
    surroundings = os.environ  # noqa: TID251 - written here; Prometheus reads it when imported
    before = surroundings.get(_FOLDER)
    surroundings[_FOLDER] = str(folder)
    try:
        yield
    finally:
        del surroundings[_FOLDER]
        if before is not None:
            surroundings[_FOLDER] = before


class Metrics:
    """The metrics of one process; with a folder, exposed together with those of its siblings.

    The folder is that of `shared_in`, within which this process was started.
    """

    def __init__(self, current: CurrentSnapshot, shared: Path | None = None) -> None:
        self._registry = self._exposed = CollectorRegistry()
        self._shared = shared
        if shared is not None:
            _allocate(shared)
            self._exposed = CollectorRegistry()
            MultiProcessCollector(self._exposed, str(shared))  # type: ignore[no-untyped-call] # untyped there
        self._http = Histogram(
            f"{_PREFIX}_http_request_duration_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ("method", "route", "status"),
            buckets=_HTTP_BUCKETS,
            registry=self._registry,
        )
        self._lookup = Histogram(
            f"{_PREFIX}_lookup_duration_seconds",
            "Seconds of one phase of a lookup.",
            ("phase",),
            buckets=_LOOKUP_BUCKETS,
            registry=self._registry,
        )
        self._sightings = self._counter("sightings", "Sightings recorded.", ("source",))
        self._hits = self._counter("hits", "Hits recorded.", ("category", "disposition"))
        self._rejects = self._counter(
            "feed_rejected_rows", "Rows of accepted files that were rejected.", ("feed", "reason")
        )
        self._later = self._counter("hits_found_later", "Hits of a list that changed.", ())
        self._ended = self._counter("hits_stood_down", "Hits stood down.", ("reason",))
        self._dead = self._counter("canary_failures", "Test entries that were not found.", ())
        self._walks = self._counter("walks", "Walks through plates that were slowed.", ("pattern",))
        self._moments: dict[str, Gauge] = {}
        self._files: set[int] = set()
        self._one_at_a_time = Lock()
        self._requests: dict[tuple[str, str, int], Histogram] = {}
        self._exposed.register(_HotlistCollector(current))

    def canary(self, *, proven_at: int | None) -> None:
        """Put down when a test entry was found, microseconds since 1970; None: it was not."""
        if proven_at is None:
            self._dead.inc()
            return
        purpose = "When a sighting of a test entry went through the whole path last."
        self._latest("canary_proven", purpose, at=proven_at)

    def witness(self, *, told_at: int) -> None:
        """Put down when the witness of the audit was told last, microseconds since 1970."""
        self._latest("witness_told", "When the witness of the audit was told last.", at=told_at)

    def _latest(self, name: str, purpose: str, *, at: int) -> None:
        """Set the gauge of a moment; nothing is told before there is anything to tell."""
        if name not in self._moments:
            self._moments[name] = Gauge(
                f"{_PREFIX}_{name}_timestamp_seconds",
                purpose,
                registry=self._registry,
                multiprocess_mode="max",
            )
        self._moments[name].set(at / 1_000_000)

    def found_later(self, hits: int) -> None:
        """Count hits that a change of the list made of sightings of before."""
        self._later.inc(hits)

    def stood_down(self, reason: str) -> None:
        """Count a hit that was stood down."""
        self._ended.labels(reason).inc()

    def walk(self, pattern: str) -> None:
        """Count a walk through plates."""
        self._walks.labels(pattern).inc()

    def request(self, method: str, route: str, *, status: int, seconds: float) -> None:
        """Count a request; `route` is a template, never a path."""
        key = (method, route, status)
        child = self._requests.get(key)
        if child is None:
            child = self._requests[key] = self._http.labels(method, route, str(status))
        child.observe(seconds)

    @contextmanager
    def lookup(self, phase: str) -> Iterator[None]:
        """Time one phase of a lookup."""
        start = perf_counter()
        yield
        self._lookup.labels(phase).observe(perf_counter() - start)

    def sighting(self, source: str, hits: Iterable[tuple[str, str]]) -> None:
        """Count a recorded sighting and its hits, each as (category, disposition)."""
        self._sightings.labels(source).inc()
        for category, disposition in hits:
            self._hits.labels(category, disposition).inc()

    def feed_files(self, files: Iterable[FeedFile]) -> None:
        """Count the rejected rows of these files, each file once however often it is seen."""
        with self._one_at_a_time:
            for file in files:
                if self._sees_first(file):
                    for reason, rows in _reasons(file).items():
                        self._rejects.labels(file.feed, reason).inc(rows)

    def exposition(self) -> bytes:
        """Return all metrics as text; takes milliseconds, so call it in a thread."""
        return generate_latest(self._exposed)

    def _sees_first(self, file: FeedFile) -> bool:
        """Say whether no process has counted a file yet, and remember that one has."""
        if file.id in self._files:
            return False
        self._files.add(file.id)
        if self._shared is None:
            return True
        try:
            (self._shared / f"feed-file-{file.id}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"{_PREFIX}_{name}", text, labels, registry=self._registry)


def _allocate(folder: Path) -> None:
    """Make the files of this process, each whole before it is seen."""
    with _storage():
        for kind in ("counter", "gauge_max", "histogram"):
            path = folder / f"{kind}_{os.getpid()}.db"
            if not path.exists():  # or of one that ended: the system gives numbers out again
                with path.with_suffix(".new").open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, _ALLOCATED)
                path.with_suffix(".new").rename(path)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotStart(f"the folder of metrics cannot be used: {error.strerror}") from error


def _reasons(file: FeedFile) -> Counts[str]:
    """Count rows by what the first fault of each is about; rows not kept in detail are "other"."""
    told = Counts(reason.partition(":")[0] for _, reason in file.rejects)
    bounded = Counts({word: rows for word, rows in told.items() if word in REASONS})
    bounded["other"] += file.rejected - bounded.total()
    return +bounded


class _HotlistCollector(Collector):
    """What the hotlist in force is like, asked when somebody looks."""

    def __init__(self, current: CurrentSnapshot) -> None:
        self._current = current

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges of the snapshot in force; before the first, whether it is frozen."""
        yield GaugeMetricFamily(
            f"{_PREFIX}_frozen", "1 while nothing is disclosed.", value=self._current.frozen
        )
        snapshot = self._current.get()
        if snapshot is not None:
            yield from _of_snapshot(snapshot)


def _of_snapshot(snapshot: Snapshot) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        f"{_PREFIX}_hotlist_entries", "Entries in force.", value=snapshot.entries
    )
    yield GaugeMetricFamily(
        f"{_PREFIX}_hotlist_built_timestamp_seconds",
        "When the hotlist in force was built.",
        value=snapshot.built_at.timestamp(),
    )
    info = GaugeMetricFamily(
        f"{_PREFIX}_hotlist_info", "Which hotlist is in force.", labels=["version"]
    )
    info.add_metric([snapshot.version], 1)
    yield info
    accepted = GaugeMetricFamily(
        f"{_PREFIX}_feed_accepted_timestamp_seconds",
        "When the file of a feed in force was accepted.",
        labels=["feed"],
    )
    fresh = GaugeMetricFamily(
        f"{_PREFIX}_feed_fresh_until_timestamp_seconds",
        "When a feed is stale unless a newer file of it comes; only where that is declared.",
        labels=["feed"],
    )
    for feed in snapshot.feeds:
        accepted.add_metric([feed.name], feed.accepted_at.timestamp())
        if feed.fresh_until is not None:
            fresh.add_metric([feed.name], feed.fresh_until.timestamp())
    yield accepted
    yield fresh

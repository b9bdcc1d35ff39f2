"""What is measured, and its exposition: the one door to Prometheus.

Labels are bounded: route templates, sources, categories, feeds. Never a plate, a path as it
came, or a person. What the hotlist is like is asked at scrape time, so it cannot be out of step.
"""

from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from plate_match.feed.fields import FIELDS
from service.current import CurrentSnapshot, Snapshot
from service.records import FeedFile

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REASONS = frozenset({*FIELDS, "action", "duplicate", "expired", "unknown"})
"""What a fault of a row can be about: a field, or the row as a whole."""

_PREFIX = "plate_match"
_HTTP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LOOKUP_BUCKETS = (25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, current: CurrentSnapshot) -> None:
        self._registry = CollectorRegistry()
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
        self._files: set[int] = set()
        self._one_at_a_time = Lock()
        self._requests: dict[tuple[str, str, int], Histogram] = {}
        self._registry.register(_HotlistCollector(current))

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
                if file.id not in self._files:
                    self._files.add(file.id)
                    for reason, rows in _reasons(file).items():
                        self._rejects.labels(file.feed, reason).inc(rows)

    def exposition(self) -> bytes:
        """Return all metrics as text; takes milliseconds, so call it in a thread."""
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"{_PREFIX}_{name}", text, labels, registry=self._registry)


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
        """Yield the gauges of the snapshot in force; none before the first."""
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
    for feed in snapshot.feeds:
        accepted.add_metric([feed.name], feed.accepted_at.timestamp())
    yield accepted

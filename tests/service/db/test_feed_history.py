import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.adapters.db import Database
from service.feed_records import FeedFile
from service.ports import RecordingRefused
from service.usecases.audit import verify
from tests.service.db.synthetic import NOW, event, records

NUMBERS = itertools.count(1)
COUNTS = st.integers(0, 2**40)
WORDS = st.text(max_size=20)

FILES = st.builds(
    FeedFile,
    id=st.builds(lambda: next(NUMBERS)),
    feed=st.sampled_from(["police", "customs"]),
    received_at=COUNTS,
    sha256=st.just("0" * 64),
    format=WORDS,
    rows=COUNTS,
    accepted=COUNTS,
    rejected=COUNTS,
    rejects=st.lists(st.tuples(st.integers(1, 99), WORDS), max_size=5).map(tuple),
    added=COUNTS,
    changed=COUNTS,
    withdrawn=COUNTS,
    version=st.none() | WORDS,
    refused=st.none() | WORDS,
)

FILE = FeedFile(
    id=1, feed="police", received_at=NOW, sha256="0" * 64, format="csv", rows=3, accepted=2,
    rejected=1, rejects=((2, "no plate"),), added=2, changed=0, withdrawn=0, version="v1",
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=FILES)
def test_a_file_is_kept_field_by_field(database: Database, file: FeedFile) -> None:
    database.feed_history.add(file, event("feed-file-offered"))
    assert database.feed_history.file(file.feed, file.id) == file


def test_the_newest_accepted_file_of_every_feed_is_the_latest(database: Database) -> None:
    files = [
        FILE,
        replace(FILE, id=2, version="v2"),
        replace(FILE, id=3, version=None, refused="it shrank"),
        replace(FILE, id=4, feed="customs"),
        replace(FILE, id=5, feed="never", version=None, refused="unreadable"),
    ]
    for file in files:
        database.feed_history.add(file, event("feed-file-offered"))
    assert database.feed_history.latest() == [files[3], files[1]]
    assert records(database) == len(files)
    assert verify(database.audit).fault is None


def test_a_file_is_found_under_its_own_feed_only(database: Database) -> None:
    assert database.feed_history.latest() == []
    database.feed_history.add(FILE, event("feed-file-offered"))
    assert database.feed_history.file("customs", FILE.id) is None
    assert database.feed_history.file("police", 99) is None


def test_a_file_that_is_there_already_is_refused_and_not_audited(database: Database) -> None:
    database.feed_history.add(FILE, event("feed-file-offered"))
    with pytest.raises(RecordingRefused):
        database.feed_history.add(FILE, event("feed-file-offered"))
    assert records(database) == 1

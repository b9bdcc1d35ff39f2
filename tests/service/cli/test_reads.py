import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.channel import Source
from plate_match.description import Description
from plate_match.matcher import Matcher
from service import clock
from service.cli import chunks
from service.cli.base_rates import BaseRates
from service.cli.match import Desk, Options, Summary
from service.cli.reads import ReadsFile, Reject, open_reads
from service.cli.survey import Survey, count
from service.cli.vehicles import Gathering, Vehicle

HEADER = "id,read,source,char_conf,make,colour,country,truth"

ids = st.sampled_from(["1", "2", "3", "", "x y", '"q"', "é"])
texts = st.one_of(
    st.sampled_from(["8XKV41", "8X-?V-41", "??", "", "begint met 12", "[8B]XKV41", "12*"]),
    st.text(max_size=12),
)
confidences = st.one_of(
    st.sampled_from(["", "[]", "[1,1,1,1,1,1]", ".1|.2|.3|.4|.5|.6", "1 2", "NaN", "[[", "[null]"]),
    st.text(alphabet="[]0123456789., |eE-", max_size=20),
)
rows = st.tuples(
    ids, texts, st.sampled_from(["", *Source, "radar"]), confidences, *[st.just("")] * 3, texts
).map(",".join)
lines = st.one_of(rows, st.text(max_size=30)).map(str.encode) | st.binary(max_size=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reads")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher.build(["8XKV41", "12AB34"])


def file_of(folder: Path, written: list[bytes]) -> ReadsFile:
    path = folder / "reads.csv"
    path.write_bytes(b"\n".join([HEADER.encode(), *written]))
    return open_reads(path)


def whole(file: ReadsFile) -> Gathering:
    """Gather the rows of a file that is one process's work."""
    parts = list(file.chunks())
    survey = Survey.of(parts, [count(file, part) for part in parts], file.first)
    return Gathering(file, survey, Source.EYESIGHT)


def outcomes_of(file: ReadsFile) -> list[Vehicle | Reject]:
    gathering = whole(file)
    return [one for part in gathering.survey.chunks for one in gathering.vehicles(part)]


@given(written=st.lists(lines, max_size=8), size=st.integers(1, 60))
def test_every_row_is_a_look_or_a_reject_whatever_is_in_it(
    folder: Path, written: list[bytes], size: int
) -> None:
    before, chunks.SIZE = chunks.SIZE, size
    try:
        file = file_of(folder, written)
        outcomes, rows = outcomes_of(file), whole(file).survey.rows
    finally:
        chunks.SIZE = before
    looks = [len(one.rows) for one in outcomes if isinstance(one, Vehicle)]
    rejects = [one for one in outcomes if isinstance(one, Reject)]
    assert sum(looks) + len(rejects) == rows
    ids = [one.id for one in outcomes if isinstance(one, Vehicle)]
    assert len(set(ids)) == len(ids)
    assert all(one.reason.startswith("line ") for one in rejects)


@given(
    ids_=st.lists(st.sampled_from("abcd"), max_size=12),
    faulty=st.sets(st.integers(0, 11)),
    size=st.integers(1, 60),
)
def test_the_looks_of_an_id_come_together_where_its_first_row_stands(
    folder: Path, ids_: list[str], faulty: set[int], size: int
) -> None:
    """What is told of each id is what a slow and obvious gathering tells."""
    reads = ["?" if row in faulty else f"12AB{row:02}" for row in range(len(ids_))]
    path = folder / "ids.csv"
    path.write_text("id,read\n" + "".join(map("{},{}\n".format, ids_, reads)))
    before, chunks.SIZE = chunks.SIZE, size
    try:
        outcomes = outcomes_of(open_reads(path))
    finally:
        chunks.SIZE = before
    expected: dict[str, list[str]] = {}
    for id_, read in zip(ids_, reads, strict=True):
        expected.setdefault(id_, []).extend([read] if read != "?" else [])
    told = {
        one.id: [row.cells["read"] for row in one.rows]
        for one in outcomes
        if isinstance(one, Vehicle)
    }
    assert told == {id_: looks for id_, looks in expected.items() if looks}
    assert list(told) == [id_ for id_, looks in expected.items() if looks]
    unread = [one.id for one in outcomes if isinstance(one, Reject) and one.unread]
    assert unread == [id_ for id_, looks in expected.items() if not looks]
    refused = [one.id for one in outcomes if isinstance(one, Reject)]
    assert len(refused) == reads.count("?")


def test_two_ids_that_share_a_digest_stay_two_vehicles(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.survey.digest", lambda _: 2**64 - 1)
    path = folder / "ids.csv"
    path.write_text("id,read\na,12AB34\nb,12AB35\na,12AB36\nc,12AB37\n")
    told = [(one.id, len(one.rows)) for one in outcomes_of(open_reads(path))]  # type: ignore[union-attr]  # no reject among them
    assert told == [("a", 2), ("b", 1), ("c", 1)]


def test_what_was_said_first_counts_and_the_rest_is_added(folder: Path) -> None:
    path = folder / "said.csv"
    path.write_text(
        "id,read,source,make,colour,country\n"
        "a,12AB34,camera,,grey,\na,12A?34,,Volvo,red,nl\na,12AB3?,radio,Fiat,,DE\n"
    )
    (one,) = outcomes_of(open_reads(path))
    assert isinstance(one, Vehicle)
    assert [look.source for look in one.report.looks] == ["camera", "eyesight", "radio"]
    assert one.report.description == Description(make="Volvo", colour="grey")
    assert one.report.country == "NL"


@given(written=st.lists(rows.map(str.encode), max_size=6))
def test_the_counts_of_a_desk_add_up(folder: Path, matcher: Matcher, written: list[bytes]) -> None:
    gathering = whole(file_of(folder, written))
    options = Options(Source.EYESIGHT, BaseRates(), 5, 0.01, 1)
    desk = Desk(matcher, gathering, options, clock.to_datetime(clock.now()))
    summary = Summary()
    lines = ""
    for part in gathering.survey.chunks:
        answered = desk.answer(part)
        summary.add(answered)
        lines += answered.lines
    assert summary.reads == gathering.survey.rows
    hits = list(csv.reader(lines.splitlines()))
    assert len(hits) == summary.hits
    ranks = [(hit[0], hit[1]) for hit in hits]
    assert len(set(ranks)) == len(ranks)
    assert all(0.01 <= float(hit[3]) <= 1 for hit in hits)


def test_a_reason_never_repeats_what_was_read(folder: Path) -> None:
    secret = "8XKV41"
    file = file_of(
        folder,
        [
            f"1,{secret},radar,[1],{secret},,,".encode(),
            f"2,{secret},,{secret},,,,".encode(),
            f'3,"{secret},,,,,,'.encode(),
            f"4,{secret}".encode(),
        ],
    )
    outcomes = outcomes_of(file)
    assert len(outcomes) == 4
    for outcome in outcomes:
        assert isinstance(outcome, Reject)
        assert secret not in outcome.reason

"""The benchmark of recall: what it counts, and that no plate is judged by what it taught."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.accuracy.__main__ import (
    FILES,
    NOT_FOUND,
    Tally,
    better,
    chosen,
    fitted_without,
    half_of,
    judged,
    lines,
    names,
)
from benchmarks.fit.reads import GOOD_READER, Row, rows
from plate_match.channel import Source
from plate_match.matcher import Matcher

HEAD = "id,truth,read,reader,condition,severity,char_conf\n"

PLATES = [
    f"{first}X-{number}-{last}" for first in "BGHJK" for number in (112, 358) for last in "PS"
]
"""Synthetic."""


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher.build(PLATES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One engine that reads everything right, one that reads nothing, people who tell half."""
    engine = [f"1,{plate},{plate},{GOOD_READER},clean,0,\n" for plate in PLATES]
    blind = [f"2,{plate},,gocr,clean,0,\n" for plate in PLATES]
    people = [f"3,{plate},{plate[:4]},human_sim,prefix,0,\n" for plate in PLATES]
    people += [f"4,{plate},{plate.lower()},human_sim,exact_messy,0,\n" for plate in PLATES]
    (tmp_path / "rendered_ocr.csv").write_text(HEAD + "".join(engine + blind), encoding="utf-8")
    (tmp_path / "real_dutch_readers.csv").write_text(HEAD, encoding="utf-8")
    (tmp_path / "human_sim.csv").write_text(HEAD + "".join(people), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as one:
        yield one


def test_ties_are_counted_as_chances() -> None:
    tally = Tally()
    tally.add(0, 1)
    tally.add(3, 4)
    tally.add(NOT_FOUND, 1)
    assert (tally.reads, tally.first, tally.five) == (3, 1.0, 1.5)


def test_nothing_counted_is_shown_as_nothing() -> None:
    assert str(Tally()).split() == ["0.0", "0.0"]


def test_both_halves_of_the_plates_are_used() -> None:
    assert {half_of(plate) for plate in PLATES} == {0, 1}


def test_a_channel_is_fitted_on_the_other_half_alone(folder: Path) -> None:
    before = [fitted_without(folder, half).version for half in (0, 1)]
    more = next(plate for plate in PLATES if half_of(plate) == 0)
    with (folder / "human_sim.csv").open("a", encoding="utf-8") as file:
        file.write(f"5,{more},{more[::-1]},human_sim,transpose,0,\n" * 9)
    after = [fitted_without(folder, half).version for half in (0, 1)]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_the_place_of_the_right_plate_is_counted(matcher: Matcher, folder: Path) -> None:
    read, unread = (list(rows(folder / "rendered_ocr.csv"))[place] for place in (0, len(PLATES)))
    assert better(matcher, read, Source.CAMERA) == 0
    assert better(matcher, unread, Source.CAMERA) == NOT_FOUND
    other = Row("ZZ-999-Z", read.text, read.reader, read.labelled)
    assert better(matcher, other, Source.CAMERA) == NOT_FOUND


def test_reads_are_counted_by_kind(folder: Path) -> None:
    exact, unread = (list(rows(folder / "rendered_ocr.csv"))[place] for place in (0, len(PLATES)))
    assert list(names(exact, "all engines")) == ["all engines", f"  {GOOD_READER}"]
    missed = Row(unread.truth, "", GOOD_READER, None)
    assert list(names(missed, "all engines")) == [
        "all engines",
        f"  {GOOD_READER}",
        "  in which nothing was read",
        f"  {GOOD_READER}, its inexact reads",
    ]
    told = next(iter(rows(folder / "human_sim.csv")))
    assert list(names(told, "people")) == ["people", "  prefix"]


def test_each_half_is_judged_by_its_own_matcher(
    matcher: Matcher, folder: Path, pool: Executor
) -> None:
    nothing = Matcher.build(["ZZ-999-Z"])
    asked = list(rows(folder / "human_sim.csv"))
    found = judged([matcher, nothing], asked, "human_sim.csv", pool=pool)
    own, others = found["  exact_messy"]
    assert own.first == own.reads > 0
    assert others.first == others.five == 0 < others.reads
    assert own.reads + others.reads == len(PLATES)
    half = found["  prefix"][0]
    assert 0 < half.first < half.five == half.reads


def test_a_line_shows_both_halves_and_each() -> None:
    halves = [Tally(1, 1.0, 1.0), Tally(3, 0.0, 1.0)]
    (line,) = lines({"people": halves})
    assert line.split() == ["people", "4", "25.0", "50.0", "100.0", "100.0", "0.0", "33.3"]


def test_a_sample_is_the_same_every_time(folder: Path) -> None:
    every = chosen(folder, "human_sim.csv", 0)
    some = chosen(folder, "human_sim.csv", 7)
    assert len(every) == len(chosen(folder, "human_sim.csv", len(every) + 1)) == 2 * len(PLATES)
    assert len(some) == 7
    assert [row.truth for row in some] == [row.truth for row in chosen(folder, "human_sim.csv", 7)]


def test_every_file_of_the_folder_is_judged(folder: Path) -> None:
    assert set(FILES) == {path.name for path in folder.iterdir()}

"""The benchmark of speed: what it draws, reads, counts and prints is what it says. Untimed."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from benchmarks.speed import figures, goals
from benchmarks.speed.__main__ import SEED, cases_of, main, sizes
from benchmarks.speed.clock import Bounds, Times, alone, in_turn
from benchmarks.speed.figures import ALONE, IN_TURN, Fact, Figures, LeftOut, Timed, beside
from benchmarks.speed.measure import in_bulk
from benchmarks.speed.ours import Ours, Registered, exhaustively, prepared
from benchmarks.speed.peers import PEERS, bare, left_out, question
from benchmarks.speed.postgres import why_not
from benchmarks.speed.reads import CLASSES, LOOK_ALIKES, MISS, Case, look_alikes, reads
from benchmarks.speed.registered import Census, sums
from benchmarks.speed.table import rendered, span, table
from benchmarks.speed.wanted import draw
from plate_match.channel import Source
from plate_match.grammar import codes_of
from plate_match.keys import keys_of, symbols_of_keys
from plate_match.layouts import PLACES, SIDECODES
from plate_match.plate import SHORTEST_PLATE, SYMBOLS, Plate
from plate_match.registration import Registration
from plate_match.registry import Registry
from plate_match.sidecode import sidecode

plates = st.text(SYMBOLS, min_size=5, max_size=8)
seeds = st.integers(0, 2**32)


def one(kind: str, plate: str, seed: int) -> Case | None:
    return next(reads(kind, [plate], seed=seed), None)


def told(kind: str, plate: str, seed: int) -> Case:
    case = one(kind, plate, seed)
    assert case is not None
    assert (case.kind, case.truth) == (kind, plate)
    return case


@pytest.mark.parametrize("kind", ["exact", MISS])
@given(plate=plates, seed=seeds)
def test_a_clean_read_is_the_plate(kind: str, plate: str, seed: int) -> None:
    assert told(kind, plate, seed).read == plate


@pytest.mark.parametrize("count", [1, 2])
@given(plate=plates, seed=seeds)
def test_a_confused_read_has_look_alikes_in_that_many_places(
    count: int, plate: str, seed: int
) -> None:
    case = one(f"conf{count}", plate, seed)
    if case is None:
        assert sum(bool(look_alikes(symbol)) for symbol in plate) < count
        return
    assert len(case.read) == len(plate)
    wrong = [(was, read) for was, read in zip(plate, case.read, strict=True) if was != read]
    assert len(wrong) == count
    assert all(read in look_alikes(was) for was, read in wrong)


@given(plate=plates, seed=seeds)
def test_a_lost_symbol_leaves_all_others_in_order(plate: str, seed: int) -> None:
    read = told("del1", plate, seed).read
    assert read in {plate[:place] + plate[place + 1 :] for place in range(len(plate))}


@given(plate=plates, seed=seeds)
def test_an_added_symbol_leaves_all_others_in_order(plate: str, seed: int) -> None:
    read = told("ins1", plate, seed).read
    assert plate in {read[:place] + read[place + 1 :] for place in range(len(read))}


@given(plate=plates, seed=seeds)
def test_a_swapped_read_has_two_neighbours_changed_about(plate: str, seed: int) -> None:
    case = one("transp", plate, seed)
    if case is None:
        assert len(set(plate)) == 1
        return
    assert case.read != plate
    assert sorted(case.read) == sorted(plate)
    assert OSA.distance(case.read, plate) == 1


@pytest.mark.parametrize("count", [1, 2])
@given(plate=plates, seed=seeds)
def test_an_unread_symbol_is_a_question_mark_in_its_place(
    count: int, plate: str, seed: int
) -> None:
    read = told(f"wild{count}", plate, seed).read
    assert read.count("?") == count
    assert all(seen in ("?", was) for seen, was in zip(read, plate, strict=True))


@pytest.mark.parametrize("count", [3, 4])
@given(plate=plates, seed=seeds)
def test_a_part_is_that_many_symbols_in_a_row(count: int, plate: str, seed: int) -> None:
    read = told(f"partial{count}", plate, seed).read
    assert (read[0], read[-1]) == ("*", "*")
    assert len(bare(read)) == count
    assert bare(read) in plate


@given(plate=plates, seed=seeds)
def test_a_symbol_is_lost_beside_the_confused_one(plate: str, seed: int) -> None:
    case = one("conf1+del1", plate, seed)
    if case is None:
        assert not any(map(look_alikes, plate))
        return
    confused = {
        plate[:place] + other + plate[place + 1 :]
        for place, symbol in enumerate(plate)
        for other in look_alikes(symbol)
    }
    lost = {
        (wrong[:place] + wrong[place + 1 :])
        for wrong in confused
        for place in range(len(plate))
        if wrong[place] == plate[place]
    }
    assert len(case.read) == len(plate) - 1
    assert case.read in lost


@pytest.mark.parametrize("kind", CLASSES)
@given(some=st.lists(plates, max_size=5), seed=seeds)
def test_the_same_seed_gives_the_same_reads(kind: str, some: list[str], seed: int) -> None:
    assert list(reads(kind, some, seed=seed)) == list(reads(kind, some, seed=seed))


def test_look_alikes_are_so_both_ways() -> None:
    for symbol in SYMBOLS:
        assert symbol not in look_alikes(symbol)
        assert all(symbol in look_alikes(other) for other in look_alikes(symbol))
    assert look_alikes("0") == "DOQ"
    assert set("".join(LOOK_ALIKES)) == {one for one in SYMBOLS if look_alikes(one)}


@pytest.fixture(scope="module")
def thousand() -> list[str]:
    return [plate.decode() for plate in draw(1000, 0, seed=SEED).wanted.tolist()]


@given(count=st.integers(1, 400), others=st.integers(0, 100), seed=seeds)
def test_drawn_plates_are_all_different_and_as_many_as_asked(
    count: int, others: int, seed: int
) -> None:
    drawn = draw(count, others, seed=seed)
    assert (len(drawn.wanted), len(drawn.others)) == (count, others)
    assert len({*drawn.wanted.tolist(), *drawn.others.tolist()}) == count + others
    for plate in drawn.wanted.tolist():
        assert len(Plate(plate.decode())) >= SHORTEST_PLATE


def test_plates_are_drawn_as_vehicles_carry_them(thousand: list[str]) -> None:
    numbers = [layout.number for plate in thousand if (layout := sidecode(Plate(plate)))]
    shares = np.bincount(numbers, minlength=len(SIDECODES) + 1) / len(thousand)
    assert shares[10] == pytest.approx(3.125 / 16.4, abs=0.04)
    assert shares[11] == pytest.approx(3.125 / 16.4, abs=0.04)
    assert shares[13] < 0.01
    assert 0.01 < 1 - shares.sum() < 0.08  # foreign ones


def test_a_full_series_is_drawn_to_its_end_and_not_beyond() -> None:
    drawn = draw(200_000, 0, seed=1)
    assert len(np.unique(drawn.wanted)) == 200_000


def test_reads_of_a_run_are_as_many_as_asked_and_of_the_right_plates() -> None:
    drawn = draw(500, 100, seed=SEED)
    cases = cases_of(drawn, 50)
    wanted = {plate.decode() for plate in drawn.wanted.tolist()}
    assert tuple(cases) == CLASSES
    for kind, some in cases.items():
        assert len(some) == 50
        assert all((case.truth in wanted) is (kind != MISS) for case in some)


def test_the_stream_in_bulk_is_mostly_of_vehicles_that_are_not_wanted() -> None:
    cases = cases_of(draw(500, 100, seed=SEED), 50)
    stream = in_bulk(cases)
    misses = {case.read for case in cases[MISS]}
    assert sum(read in misses for read in stream) / len(stream) == pytest.approx(0.85)


@pytest.mark.parametrize("name", [name for name in PEERS if name != "PostgreSQL pg_trgm"])
def test_a_peer_finds_a_wanted_plate_and_at_most_ten(name: str, thousand: list[str]) -> None:
    with PEERS[name](thousand) as peer:
        for plate in thousand[:20]:
            found = peer.search(plate)
            assert plate in found
            assert len(found) <= 10
            assert set(found) <= set(thousand)
        assert peer.seconds >= 0


@pytest.mark.parametrize("name", ["rapidfuzz extract", "rapidfuzz cdist", "symspellpy"])
def test_a_peer_by_edits_finds_what_is_two_edits_away(name: str, thousand: list[str]) -> None:
    with PEERS[name](thousand) as peer:
        for case in reads("conf2", thousand[:20], seed=1):
            assert case.truth in peer.search(case.read)


@pytest.mark.parametrize("name", ["rapidfuzz extract", "rapidfuzz cdist", "SQLite FTS5 trigram"])
def test_a_peer_is_asked_for_a_part_as_somebody_would_type_it(
    name: str, thousand: list[str]
) -> None:
    with PEERS[name](thousand[:5]) as peer:
        for case in reads("partial4", thousand[:5], seed=1):
            assert peer.asks(case.read)
            assert case.truth in peer.search(case.read)


def test_a_speller_is_not_asked_for_parts_and_an_index_of_threes_not_for_less() -> None:
    assert question("*XKV*") == '"XKV"'
    assert question("8X?V41") == '"V41"'
    assert question("8XKV") == '"8XK" OR "XKV"'
    assert not question("8X?V4?")
    with PEERS["symspellpy"](["8XKV41"]) as peer:
        assert not peer.asks("*XKV*")
        assert peer.asks("8X?V41")
    with PEERS["SQLite FTS5 trigram"](["8XKV41"]) as peer:
        assert not peer.asks("8X?V4?")
        assert peer.own_bytes is not None
        assert peer.own_bytes > 0


@pytest.mark.skipif(bool(why_not()), reason=f"PostgreSQL is left out: {why_not()}")
def test_postgresql_runs_in_a_folder_of_its_own_and_finds_plates(thousand: list[str]) -> None:
    with PEERS["PostgreSQL pg_trgm"](thousand) as peer:
        assert not peer.in_process
        assert peer.own_bytes
        assert peer.search(thousand[0])[0] == thousand[0]
        part = next(reads("partial4", thousand[:1], seed=1))
        assert thousand[0] in peer.search(part.read)
    assert not left_out("PostgreSQL pg_trgm", 10)


def test_a_missing_server_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("benchmarks.speed.postgres.INSTALLED", tmp_path)
    assert str(tmp_path) in left_out("PostgreSQL pg_trgm", 10)
    with pytest.raises(FileNotFoundError), PEERS["PostgreSQL pg_trgm"]([]):
        pass


def test_a_speller_is_left_out_of_the_largest_list_by_name() -> None:
    assert left_out("symspellpy", 10_000_000)
    assert not left_out("symspellpy", 1_000_000)


def test_our_ten_are_those_of_scoring_every_plate(thousand: list[str]) -> None:
    ours = Ours.build(thousand)
    assert ours.own_bytes > 0
    for kind in CLASSES:
        for case in reads(kind, thousand[:3], seed=2):
            look = prepared(case.read, Source.EYESIGHT)
            assert ours.ten(look) == exhaustively(look, thousand), case


def test_scoring_every_plate_finds_no_other_than_near_ones() -> None:
    look = prepared("8XKV41", Source.EYESIGHT)
    assert exhaustively(look, ["8XKV41", "BXKV41", "99ZZ99"])[:2] == ["8XKV41", "BXKV41"]
    assert not exhaustively(look, ["99ZZ99"])


def test_the_sum_over_a_registry_is_told_beside_the_sum_of_all_its_plates() -> None:
    drawn = draw(3000, 0, seed=SEED)
    codes = codes_of(symbols_of_keys(keys_of(dutch(drawn.wanted)))[:PLACES])
    codes = np.sort(codes[codes >= 0])
    registry = Registry.of(Registration(codes, np.empty(0, np.uint64), {}, {}, len(codes), 0))
    census = Census(len(codes), {"exact": [Case("exact", "8XKV41", "8XKV41")]}, 0.01)
    found = sums(Registered(registry), census)
    assert found.vehicles == len(codes)
    error, width = (
        found.fact(len(codes), figures.REGISTERED, what) for what in (figures.ERROR, figures.WIDTH)
    )
    assert error is not None
    assert width is not None
    assert 0 <= error <= width + 1e-9
    assert found.times(len(codes), figures.EVERY, "exact", way=IN_TURN)
    text = rendered(found, {})
    assert f"## A registry of {len(codes):,} vehicles" in text
    assert f"## {len(codes):,} plates" not in text


def dutch(drawn: NDArray[np.bytes_]) -> list[str]:
    texts = [plate.decode() for plate in drawn.tolist()]
    return [text for text in texts if len(text) == PLACES]


def test_a_registry_is_judged_only_if_it_is_of_a_country() -> None:
    for size, verdict in ((2000, "not measured"), (goals.COUNTRY, "reached")):
        found = Figures(facts=[Fact(size, figures.REGISTERED, figures.ERROR, 0.004)])
        found.timed += [
            cell(size, who, median=median, kind=kind)
            for kind in goals.WHOLE
            for who, median in ((figures.REGISTERED, 4e-5), (figures.EVERY, 0.1))
        ]
        assert set(reached(found, "population sum")) == {verdict}


def test_calls_are_all_made_and_the_least_of_their_rounds_counts() -> None:
    made: list[int] = []
    calls = [lambda n=n: made.append(n) for n in range(5)]
    times = alone(calls, Bounds(60, 1), rounds=3)
    assert times.reads == 5
    assert made == [0, *[0, 1, 2, 3, 4] * 3]  # the first once before, to warm up
    assert 0 <= times.median <= times.p99


def test_a_budget_that_is_spent_ends_a_loop_after_the_least_calls() -> None:
    made: list[str] = []
    calls = [lambda n=n: made.append(f"{n}") for n in range(9)]
    assert alone(calls, Bounds(0, 4)).reads == 4
    made.clear()
    pairs = [(lambda n=n: made.append(f"a{n}"), lambda n=n: made.append(f"b{n}")) for n in range(9)]
    first, second = in_turn(pairs, Bounds(0, 2))
    assert (first.reads, second.reads) == (2, 2)
    assert made == ["a0", "b0", "a1", "b1"]


@given(taken=st.lists(st.integers(1, 10**12), min_size=1))
def test_a_median_lies_between_the_least_and_the_longest(taken: list[int]) -> None:
    times = Times.of(taken)
    low, high = min(taken) / 1e9, max(taken) / 1e9
    assert low * 0.999 <= times.median <= times.p99 * 1.001 <= high * 1.002
    assert times.reads == len(taken)


def cell(size: int, who: str, *, median: float, way: str = ALONE, kind: str = "exact") -> Timed:
    return Timed(size, who, kind, way, Times(20, median, 2 * median))


def test_sizes_are_read_as_people_write_them() -> None:
    assert sizes("10k,1M,7") == [10_000, 1_000_000, 7]
    for wrong in ("0", "11M", "1e3", "k", "10G", "", "10kM"):
        with pytest.raises(argparse.ArgumentTypeError):
            sizes(wrong)


def test_spans_have_a_unit_that_fits() -> None:
    assert [span(one) for one in (2.5, 0.25, 1.5e-5)] == ["2.5 s", "250 ms", "15 µs"]


@given(rows=st.lists(st.tuples(st.text("ab", max_size=4), st.text("cd", max_size=9))))
def test_every_line_of_a_table_is_as_long(rows: list[tuple[str, str]]) -> None:
    lines = table(("one", "two"), rows).split("\n")
    assert len(lines) == len(rows) + 2
    assert len({len(line) for line in lines}) == 1


def test_a_table_shows_ratios_alone_and_in_turn_and_who_is_left_out() -> None:
    found = Figures(
        timed=[
            cell(1000, figures.SEARCH, median=1e-6),
            cell(1000, "symspellpy", median=3e-3),
            cell(1000, "symspellpy", median=4e-3, way=IN_TURN),
            cell(1000, beside("symspellpy"), median=2e-6, way=IN_TURN),
        ],
        facts=[Fact(1000, figures.OURS, figures.HELD, 8000)],
        left_out=[LeftOut(1000, "PostgreSQL pg_trgm", "no server is installed")],
    )
    text = rendered(found, {"cores": "2"})
    assert "* cores: 2" in text
    assert "3,000 / 2,000" in text
    assert "4 ms / 2 µs" in text
    assert "PostgreSQL pg_trgm is left out: no server is installed." in text
    assert "8.00" in text


def reached(found: Figures, start: str) -> list[str]:
    return [one.verdict for one in goals.goals(found) if one.name.startswith(start)]


def test_a_goal_is_judged_by_the_worst_class_and_only_if_all_are_known() -> None:
    found = Figures()
    for kind in goals.WHOLE:
        found.timed.append(cell(goals.M1, goals.SCANNED, median=0.1, way=IN_TURN, kind=kind))
        assert set(reached(found, "full-length")) == {"not measured"}
        found.timed.append(cell(goals.M1, figures.SEARCH, median=5e-6, kind=kind))
    assert reached(found, "full-length read, 1,000,000")[0] == "reached"
    slow = [one for one in found.timed if one.kind != "miss" or one.who != figures.SEARCH]
    slow.append(cell(goals.M1, figures.SEARCH, median=2e-5, kind="miss"))
    assert reached(Figures(timed=slow), "full-length read, 1,000,000")[0] == "missed"


def test_goals_of_single_numbers_are_kept_to_the_letter() -> None:
    rates = [
        Fact(goals.M1, figures.BULK, figures.RATE, 100_000),
        Fact(goals.M1, figures.CDIST_BULK, figures.RATE, 101),
        Fact(goals.M1, figures.OURS, figures.HELD, 12.1 * goals.M1),
        Fact(goals.M1, figures.OURS, figures.DIFFER, 0),
        Fact(goals.K10, figures.OURS, figures.DIFFER, 1),
    ]
    found = Figures(facts=rates)
    assert reached(found, "match in bulk") == ["reached"]
    assert reached(found, "the same, times cdist") == ["missed"]
    assert reached(found, "bytes a plate") == ["missed", "not measured"]
    assert reached(found, "lists that differ") == ["missed"]


def test_a_tiny_run_measures_everybody_and_writes_what_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    main(
        [
            "--sizes",
            "300",
            "--reads",
            "2",
            "--budget",
            "0.01",
            "--vehicles",
            "2000",
            "--json",
            str(file),
        ]
    )
    printed, progress = capsys.readouterr()
    assert "## 300 plates" in printed
    assert "300: our search" in progress
    document = json.loads(file.read_text(encoding="utf-8"))
    here = {name for name in PEERS if not left_out(name, 300)}
    assert here | {figures.SEARCH, figures.MATCH} <= {one["who"] for one in document["timed"]}
    assert {one["kind"] for one in document["timed"] if one["who"] == figures.SEARCH} == set(
        CLASSES
    )
    counts = {one["what"]: one["value"] for one in document["facts"] if one["who"] == figures.OURS}
    assert counts[figures.COMPARED] >= len(CLASSES)
    assert counts[figures.DIFFER] == 0
    assert document["machine"]["cores"]
    assert {one["who"] for one in document["left_out"]} == set(PEERS) - here

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plate_match.matcher import Matcher
from plate_match.registry import Registry
from service.cli import chunks, workers
from service.cli import match as bulk
from tests.service.cli.conftest import Call, Outcome
from tests.service.cli.visitor import wait_until


@pytest.fixture
def work(call: Call, hotlist: Path, tmp_path: Path) -> "Work":
    return Work(call, hotlist, tmp_path)


class Work:
    """A file of reads and what became of it."""

    def __init__(self, call: Call, hotlist: Path, folder: Path) -> None:
        self.call = call
        self.hotlist = hotlist
        self.reads, self.output = folder / "reads.csv", folder / "hits.csv"
        self.rejects = folder / "rejects.csv"

    def match(self, content: str | bytes, *options: object) -> Outcome:
        raw = content.encode() if isinstance(content, str) else content
        self.reads.write_bytes(raw)
        files = ("--hotlist", self.hotlist, "--reads", self.reads, "--output", self.output)
        return self.call("match", *files, "--rejects", self.rejects, *options)

    def hits(self) -> list[list[str]]:
        return rows(self.output)

    def reasons(self) -> dict[str, str]:
        header, *refused = rows(self.rejects)
        assert header == ["id", "reason"]
        return {row[0]: row[1] for row in refused}


NOTHING = "nothing was read: type at least one letter or digit, and ? for a symbol not seen"


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines()))


def test_hits_come_in_the_order_of_the_reads_and_reads_without_one_have_no_row(work: Work) -> None:
    told = work.match("id,read\nb,12AB34\na,8X-?V-41\nc,99ZZ99\n")
    header, *hits = work.hits()
    assert header == ["id", "rank", "plate", "confidence", "similarity"]
    assert [hit[:3] for hit in hits] == [["b", "1", "12AB34"], ["a", "1", "8XKV41"]]
    assert all(0.9 < float(hit[3]) < 1 for hit in hits)
    assert hits[0][4] == "1.0"
    assert (told.code, told.out) == (0, "")
    assert told.err == "3 reads: 2 hits, 1 reads without a hit, 0 rejects\n"


def test_rejects_are_counted_also_where_nobody_wants_them(
    call: Call, hotlist: Path, tmp_path: Path
) -> None:
    reads, output = tmp_path / "reads.csv", tmp_path / "hits.csv"
    reads.write_text("id,read\n1,12AB34\n2,?\n")
    told = call("match", "--hotlist", hotlist, "--reads", reads, "--output", output)
    assert told.code == 0
    assert "2 reads: 1 hits, 0 reads without a hit, 1 rejects\n" in told.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("hits.csv", "hotlist.txt", "reads.csv")
    ]


def test_a_registry_tells_whether_another_vehicle_fits(work: Work, tmp_path: Path) -> None:
    content = "id,read\n1,8-XKV-4?\n2,12AB34\n"
    confidences, path = [], tmp_path / "registry"
    for plates in (("8XKV41", "99ZZ99"), ("8XKV41", "8XKV42")):
        registry(path, *plates)
        assert work.match(content, "--registry", path).code == 0
        first = next(hit for hit in work.hits() if hit[0] == "1")
        assert first[2] == "8XKV41"
        confidences.append(float(first[3]))
    alone, beside = (confidence / (1 - confidence) for confidence in confidences)
    assert alone > 5 * beside
    whole = work.output.read_bytes()
    work.match(content, "--registry", path, "--workers", "2")
    assert work.output.read_bytes() == whole


def registry(path: Path, *plates: str) -> Path:
    """A synthetic registry of these plates."""
    rows = "".join(f"{plate},Personenauto,Nee\n" for plate in plates)
    Registry.build([b"kenteken,voertuigsoort,export_indicator\n", rows.encode()]).save(path)
    return path


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content[:3000], "the file is damaged: its checksum is another"),
        (lambda content: content[:4000] + b"?" + content[4001:], "its checksum is another"),
        (lambda content: b"id,read\n" + content, "the file is none of plate-match's"),
        (lambda _: b"", "the file is none of plate-match's"),
    ],
)
def test_a_damaged_registry_is_refused_and_nothing_is_written(
    work: Work, tmp_path: Path, *, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    path = registry(tmp_path / "registry", "8XKV41")
    path.write_bytes(spoil(path.read_bytes()))
    told = work.match("id,read\n1,12AB34\n", "--registry", path)
    assert (told.code, told.out) == (2, "")
    assert f"--registry {path}: " in told.err
    assert reason in told.err
    assert not work.output.exists()


def test_the_summary_is_json_on_request(work: Work) -> None:
    told = work.match("id,read\n1,12AB34\n2,99ZZ99\n3,?\n", "--json")
    counts = {"reads": 3, "hits": 1, "readsWithoutHit": 1, "rejects": 1}
    assert (json.loads(told.out), told.err, told.code) == (counts, "", 0)


def test_a_file_of_many_chunks_keeps_its_order_and_agrees_with_one_chunk(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = "id,read\n" + "".join(
        f"{number},{('12AB34', '8XKV4?', 'GH123', '??', '99ZZ99')[number % 5]}\n"
        for number in range(60)
    )
    work.match(content)
    whole = work.output.read_bytes(), work.rejects.read_bytes()
    monkeypatch.setattr(chunks, "SIZE", 30)
    monkeypatch.setattr(workers, "AHEAD", 1)
    for count in (1, 2, 3):
        work.match(content, "--workers", count)
        assert (work.output.read_bytes(), work.rejects.read_bytes()) == whole
    ids = [int(row[0]) for row in work.hits()[1:]]
    assert ids == sorted(ids)
    assert len(work.reasons()) == 12


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,,,,,,", "read: nothing was read"),
        ("x,12AB34,radar,,,,", "source: must be one of eyesight, memory, mirror, radio, camera"),
        ("x,12AB34,,0.5|0.5,,,", "read: give one confidence for each character"),
        ('x,12AB34,,"[1,1,1,1,1,2]",,,', "char_conf: must hold numbers from 0 to 1"),
        ('x,12AB34,,"[1,1,1,1,1,true]",,,', "char_conf: must hold numbers from 0 to 1"),
        ("x,12AB34,,nan nan,,,", "char_conf: must hold numbers from 0 to 1"),
        ("x,12AB34,,half,,,", "char_conf: must be a list of numbers"),
        ('x,12AB34,,"[",,,', "char_conf: must be a list of numbers"),
        ("x,12AB34,,,\x07,,", "make: must be a word of at most 100 characters"),
        (f"x,12AB34,,,,{'grey' * 30},", "colour: must be a word of at most 100 characters"),
        ("x,12AB34,,,,,Duitsland", "country: must be two letters, as in NL"),
        ("x,12AB34,,,", "has 5 cells, the header 7"),
        ('x,"12AB34,,,,,', "quotes: one is missing, or out of place"),
    ],
)
def test_a_row_that_cannot_be_matched_is_rejected_alone(work: Work, row: str, reason: str) -> None:
    header = "id,read,source,char_conf,make,colour,country\n"
    told = work.match(f"{header}ok,12AB34,,,,,\n{row}\nfine,GH123K,camera,,,,\n")
    assert [hit[0] for hit in work.hits()[1:]] == ["ok", "fine"]
    ((id_, told_reason),) = work.reasons().items()
    assert id_ == ("x" if "cells" not in reason and "quotes" not in reason else "")
    assert told_reason.startswith("line 3: ")
    assert reason in told_reason
    assert "1 row was refused" in told.err
    assert told.code == 0


def test_all_that_is_wrong_with_a_row_is_told_at_once(work: Work) -> None:
    work.match("id,read,source,make\n,*,radar,\x07\n")
    (reason,) = work.reasons().values()
    for part in ("id: is empty", "source: must", "make: must", "read: nothing was read"):
        assert part in reason


def test_rows_of_one_id_are_looks_at_one_vehicle_wherever_they_stand(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "SIZE", 12)
    lines = ["one,12A?34", "two,GH123?", "alone,8XKV4?", "one,?2AB34", "two,?H123K", "one,?"]
    told = work.match("id,read\n" + "\n".join(lines) + "\n")
    assert [hit[:3] for hit in work.hits()[1:]] == [
        ["one", "1", "12AB34"],
        ["two", "1", "GH123K"],
        ["alone", "1", "8XKV41"],
    ]
    assert work.reasons() == {"one": "line 7: read: " + NOTHING}
    assert "6 reads: 3 hits, 0 reads without a hit, 1 rejects\n" in told.err


def test_looks_together_tell_more_than_each_alone(work: Work) -> None:
    work.hotlist.write_text("8XKV41\n8XKV47\n")
    work.match("id,read\nalone,8XKV4?\nboth,8XKV4?\nboth,8XKV?1\n")
    best = {hit[0]: (hit[2], float(hit[3])) for hit in work.hits()[1:] if hit[1] == "1"}
    assert best["both"][0] == "8XKV41"
    assert best["both"][1] > 0.9 > best["alone"][1]


def test_rows_of_one_id_that_are_too_many_are_no_looks(work: Work) -> None:
    told = work.match("id,read\n" + "x,12AB34\n" * 65 + "y,12AB34\n")
    assert [hit[0] for hit in work.hits()[1:]] == ["y"]
    assert len(rows(work.rejects)) == 66
    assert "id: more than 64 rows have it" in work.reasons()["x"]
    assert "66 reads: 1 hits, 0 reads without a hit, 65 rejects\n" in told.err


def test_make_and_colour_are_weighed_and_what_is_said_first_counts(work: Work) -> None:
    work.hotlist = work.hotlist.with_suffix(".csv")
    work.hotlist.write_text("plate,make,colour\n8XKV41,VOLVO,ROOD\n8XKV47,FIAT,BLAUW\n")
    work.match(
        "id,read,make,colour\nunsaid,8XKV4?,,\nvolvo,8XKV4?,Volvo,\nfiat,8XKV4?,,blauw\n"
        "both,8XKV4?,,red\nboth,8XKV4?,,blue\n"
    )
    first = {hit[0]: (hit[2], float(hit[3])) for hit in work.hits()[1:] if hit[1] == "1"}
    assert first["volvo"][0] == "8XKV41"
    assert first["fiat"][0] == "8XKV47"
    assert first["both"][0] == "8XKV41"
    assert min(first["volvo"][1], first["fiat"][1]) > first["unsaid"][1]


def test_a_base_rate_may_be_of_one_source(work: Work) -> None:
    content = "id,read,source\n1,8XKV4?,\n2,8XKV4?,camera\n"

    def told(*options: object) -> list[str]:
        work.match(content, *options)
        return [hit[3] for hit in work.hits()[1:]]

    usual = told()
    assert told("--base-rate", "0.01") == usual
    assert told("--base-rate", "eyesight=0.2")[0] > usual[0]
    assert told("--base-rate", "eyesight=0.2")[1] == usual[1]
    assert told("--base-rate", "0.2", "--base-rate", "camera=0.01") == [
        told("--base-rate", "0.2")[0],
        usual[1],
    ]


def test_a_line_that_is_no_text_spoils_only_itself(work: Work) -> None:
    work.match(b"\xef\xbb\xbfid;read\r\n1;12AB34\r\n\xff;x\r\n\r\n2;GH123K\r\n")
    assert [hit[0] for hit in work.hits()[1:]] == ["1", "2"]
    assert work.reasons() == {"": "line 3: encoding: the line is not UTF-8"}


def test_confidences_of_symbols_are_weighed_in_either_spelling(work: Work) -> None:
    doubted = '"[0.9,0.9,0.9,0.9,0.9,0.1]"'
    work.match(
        "id,read,source,char_conf\n"
        f"plain,8XKV47,camera,\nlist,8XKV47,camera,{doubted}\n"
        "bars,8XKV47,camera,0.9|0.9|0.9|0.9|0.9|0.1\n"
        "spaces,8XKV47,camera,0.9 0.9 0.9 0.9 0.9 0.1\n"
    )
    confidence = {hit[0]: hit[3] for hit in work.hits()[1:]}
    assert confidence["list"] == confidence["bars"] == confidence["spaces"]
    assert float(confidence["list"]) > float(confidence["plain"])


def test_the_country_said_is_weighed(work: Work) -> None:
    told = work.match("id,read,country\nunsaid,12AB3?,\nright,12AB3?, nl \nwrong,12AB3?,DE\n")
    confidence = {hit[0]: float(hit[3]) for hit in work.hits()[1:]}
    assert confidence["wrong"] < confidence["unsaid"] < confidence["right"]
    assert "columns that play no part" not in told.err


def test_an_empty_hotlist_is_told(work: Work) -> None:
    work.hotlist.write_text("# synthetic\n")
    told = work.match("id,read\n1,12AB34\n", "--json")
    assert (told.code, told.err) == (0, "the hotlist is empty: nothing can be found\n")


def test_no_output_takes_the_place_of_another_or_of_an_input(work: Work) -> None:
    (work.output.parent / "link.csv").symlink_to(work.reads)
    before = work.hotlist.read_text()
    options = ("--output", work.output.parent / "link.csv", "--rejects", work.hotlist)
    told = work.match("id,read\n1,12AB34\n", *options)
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert "link.csv: is the same file as --reads; --rejects " in told.err
    assert "hotlist.txt: is the same file as --hotlist" in told.err
    assert work.reads.read_text() == "id,read\n1,12AB34\n"
    assert work.hotlist.read_text() == before
    twice = work.match("id,read\n1,12AB34\n", "--rejects", work.output)
    assert twice.code == 2
    assert "hits.csv: is the same file as --output" in twice.err
    assert not work.output.exists()


def test_a_link_stays_and_what_it_points_to_is_written(work: Work, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "hits.csv"
    target.parent.mkdir()
    work.output.symlink_to(target)
    assert work.match("id,read\n1,12AB34\n").code == 0
    assert work.output.is_symlink()
    assert [row[0] for row in rows(target)] == ["id", "1"]
    assert [path.name for path in target.parent.iterdir()] == ["hits.csv"]


@pytest.fixture
def long(hotlist: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A run that takes a while, with its workers at work, in a process group of its own."""
    reads = tmp_path / "reads.csv"
    reads.write_text("id,read\n" + "".join(f"{row},*8?X*\n" for row in range(200_000)))
    names = ("--hotlist", hotlist, "--reads", reads, "--output", tmp_path / "hits.csv")
    command = [sys.executable, "-m", "service", "match", *names, "--rejects", tmp_path / "no.csv"]
    command += ["--workers", "2"]
    with subprocess.Popen(
        list(map(str, command)), stderr=subprocess.PIPE, text=True, process_group=0
    ) as run:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        wait_until(lambda: len(list(tmp_path.glob(".*"))) == 2 and bool(children.read_text()))
        yield run, [int(child) for child in children.read_text().split()]
        run.kill()


def ended(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] in "ZX"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("whom", ["the process", "its group"])
@pytest.mark.parametrize(("told", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_told_to_end_leaves_nothing_behind_and_says_so(
    long: tuple[subprocess.Popen[str], list[int]],
    tmp_path: Path,
    whom: str,
    told: signal.Signals,
    code: int,
) -> None:
    run, at_work = long
    assert at_work
    (os.kill if whom == "the process" else os.killpg)(run.pid, told)
    _, err = run.communicate(timeout=30)
    assert run.returncode == code
    (line,) = [line for line in err.splitlines() if " ... " not in line]
    assert line == f"plate-match: {told.name}: nothing was written"
    assert all(map(ended, at_work))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hotlist.txt", "reads.csv"]


def test_workers_end_when_the_process_that_gives_them_work_is_killed(
    long: tuple[subprocess.Popen[str], list[int]],
) -> None:
    run, at_work = long
    run.kill()
    run.wait()
    wait_until(lambda: all(map(ended, at_work)))


def test_sigterm_is_as_before_when_the_run_is_over(work: Work) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert work.match("id,read\n1,12AB34\n").code == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_every_option_changes_the_answer(work: Work) -> None:
    work.hotlist.write_text("8XKV41\n8XKV47\n")
    content = "id,read,source\n1,8XKV4?,\n2,8XKV41,camera\n"

    def told(*options: object) -> list[list[str]]:
        work.match(content, *options)
        return work.hits()[1:]

    usual = told()
    assert len([hit for hit in usual if hit[0] == "1"]) == 2
    assert len([hit for hit in told("--limit", 1) if hit[0] == "1"]) == 1
    assert told("--min-confidence", 0.9999) != usual
    of_camera = told("--source", "camera")
    assert of_camera[0][3] != usual[0][3]
    assert of_camera[-1] == usual[-1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("read\n12AB34\n", "the column id is missing"),
        ("", "the column id is missing; the column read is missing"),
        ("id,read,read\n", "the column read occurs twice"),
        ('id,"read\n', "quotes: one is missing"),
        (b"\xff,read\n", "encoding: the line is not UTF-8"),
    ],
)
def test_a_header_that_cannot_be_used_is_exit_code_2(
    work: Work, content: str | bytes, reason: str
) -> None:
    told = work.match(content)
    assert (told.code, told.out) == (2, "")
    assert reason in told.err
    assert not work.output.exists()


def test_columns_that_play_no_part_are_named(work: Work) -> None:
    told = work.match("id,read,truth,reader\n1,12AB34,12AB34,x\n")
    assert "columns that play no part: truth, reader\n" in told.err
    assert told.code == 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--registry", "none"), "does not exist"),
        (("--base-rate", "radar=1"), "--base-rate radar=1: the source must be one of eyesight, "),
        (("--base-rate", ".1", "--base-rate", ".2"), "all has a base rate already"),
        (("--workers", "0"), "--workers"),
        (("--base-rate", "1"), "must lie between 0 and 1"),
        (("--base-rate", "nan"), "must lie between 0 and 1"),
        (("--min-confidence", "1.5"), "must be 0 to 1"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_a_wrong_option_is_exit_code_2(work: Work, options: tuple[str, ...], reason: str) -> None:
    told = work.match("id,read\n1,12AB34\n", *options)
    assert told.code == 2
    assert reason in told.err


def test_files_that_cannot_be_are_named(call: Call, hotlist: Path, tmp_path: Path) -> None:
    reads, pipe = tmp_path / "reads.csv", tmp_path / "pipe"
    reads.write_text("id,read\n1,12AB34\n")
    os.mkfifo(pipe)
    base = ("match", "--hotlist", hotlist)
    nowhere = call(*base, "--reads", reads, "--output", tmp_path / "none" / "x.csv")
    assert nowhere.code == 2
    assert "x.csv: cannot be written: No such file or directory" in nowhere.err
    assert "is no regular file" in call(*base, "--reads", reads, "--output", pipe).err
    assert "read twice" in call(*base, "--reads", pipe, "--output", tmp_path / "x.csv").err


def test_nothing_is_written_when_a_worker_is_killed(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.match("id,read\nbefore,12AB34\n")
    monkeypatch.setattr(bulk.Desk, "answer", lambda *_: os._exit(9))
    monkeypatch.setattr(chunks, "SIZE", 5)
    told = work.match("id,read\n1,12AB34\n2,12AB34\n", "--workers", 2)
    assert (told.code, told.out) == (1, "")
    assert told.err == ("plate-match: a worker has ended before its time; nothing was written\n")
    assert [hit[0] for hit in work.hits()[1:]] == ["before"]
    assert sorted(path.name for path in work.output.parent.iterdir()) == [
        *("hits.csv", "hotlist.txt", "reads.csv", "rejects.csv")
    ]


def test_nothing_is_written_when_the_reads_change_on_the_way(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object, **__: object) -> Matcher:
        with work.reads.open("a") as file:
            file.write("2,12AB34\n")
        return Matcher.build(["12AB34"])

    monkeypatch.setattr(bulk, "load", load)
    told = work.match("id,read\n1,12AB34\n")
    assert (told.code, told.out) == (1, "")
    assert "the file has changed on the way; nothing was written" in told.err
    assert not work.output.exists()


def test_workers_that_are_spawned_give_the_same_as_those_that_are_forked(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "SIZE", 20)
    content = "id,read\n1,12AB3?\n2,8XKV41\n3,?\n1,?2AB34\n"
    work.match(content, "--workers", 2)
    forked = work.output.read_bytes(), work.rejects.read_bytes()
    monkeypatch.setattr(workers, "START", "spawn")
    work.match(content, "--workers", 2)
    assert (work.output.read_bytes(), work.rejects.read_bytes()) == forked

"""`evaluate` as it is called. All plates are synthetic."""

import json
import os
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from plate_match.registry import Registry
from service.cli import chunks
from service.cli.evaluate import verdict
from service.cli.evaluate.judging import Judge
from tests.service.cli.conftest import Call, Outcome

LISTED = ("12AB34", "8XKV41", "GH123K", "R456XS")
INNOCENT = ("99ZZ99", "1XJV40", "KL987M", "T012BD")

Evaluate = Callable[..., Outcome]


@pytest.fixture
def evaluate(call: Call, tmp_path: Path) -> Evaluate:
    hotlist, reads = tmp_path / "hotlist.txt", tmp_path / "reads.csv"
    hotlist.write_text("".join(f"{plate}\n" for plate in LISTED))

    def evaluating(rows: Sequence[str], *options: object, header: str = "id,read,truth") -> Outcome:
        reads.write_text("\n".join([header, *rows]) + "\n")
        return call("evaluate", "--hotlist", hotlist, "--reads", reads, *options)

    return evaluating


def figures(evaluate: Evaluate, rows: Sequence[str], *options: object, **more: str) -> Any:
    told = evaluate(rows, "--json", *options, **more)
    assert told.code == 0
    return json.loads(told.out)


def rows_of(*pairs: tuple[str, str]) -> list[str]:
    return [f"{number},{read},{truth}" for number, (read, truth) in enumerate(pairs)]


def test_a_registry_is_what_the_reads_are_weighed_against(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    path = tmp_path / "registry"
    rows = "".join(f"{plate},Personenauto,Nee\n" for plate in (*LISTED, *INNOCENT))
    registry = Registry.build([b"kenteken,voertuigsoort,export_indicator\n", rows.encode()])
    registry.save(path)
    told = figures(evaluate, EXACT, "--registry", path)
    assert told["model"]["version"].endswith(f"+{registry.name}")
    assert told["recall"]["at1"]["value"] == 1
    assert told["probability"] != figures(evaluate, EXACT)["probability"]


EXACT = rows_of(*((plate, plate) for plate in (*LISTED, *INNOCENT)))


def test_reads_that_are_exact_are_all_found(evaluate: Evaluate) -> None:
    told = figures(evaluate, EXACT)
    assert told["hotlist"] == {"plates": 4}
    assert told["reads"] == {"rows": 8, "rejects": 0}
    vehicles = told["vehicles"]
    assert (vehicles["listed"], vehicles["innocent"], vehicles["playedInnocent"]) == (4, 4, 0)
    assert told["recall"]["at1"]["value"] == told["recall"]["at5"]["value"] == 1
    assert told["probability"]["brier"] < 0.01
    assert 0 < told["probability"]["logLoss"] < 0.05
    for rule in told["alerts"]:
        assert rule["atOnePer"][0]["value"] == 1
        assert rule["atOnePer"][0]["falseRate"] == 0
        assert not rule["atOnePer"][0]["resolved"]


def test_each_kind_of_read_is_a_segment(evaluate: Evaluate) -> None:
    rows = rows_of(
        ("12AB34", "12AB34"),
        ("12AB3?", "12AB34"),
        ("8XKV4", "8XKV41"),
        ("8XKV47", "8XKV41"),
        ("QQQQ", "GH123K"),
        ("?", "R456XS"),
        ("99ZZ99", "99ZZ99"),
    )
    segments = {
        (one["by"], one["name"]): (one["vehicles"], one["recall"]["at1"]["value"])
        for one in figures(evaluate, rows)["segments"]
    }
    assert segments["read", "exact"] == (1, 1)
    assert segments["read", "partial"] == (2, 1)
    assert segments["read", "one error"] == (1, 1)
    assert segments["read", "more errors"] == (1, 0)
    assert segments["read", "unread"] == (1, 0)
    assert segments["country", "NL"][0] == 6
    assert segments["source", "eyesight"][0] == 6
    assert segments["sidecode", " 8"] == (2, 1)


def test_what_could_not_be_read_is_a_miss_and_no_reject(evaluate: Evaluate) -> None:
    told = figures(evaluate, [*EXACT, "u,?,12AB34", "v,,99ZZ99"])
    assert told["recall"]["at1"]["value"] == pytest.approx(4 / 5)
    assert told["vehicles"]["unread"] == 2
    assert told["reads"]["rejects"] == 0


def test_a_listed_vehicle_plays_an_innocent_one_where_there_is_none(evaluate: Evaluate) -> None:
    rows = [f"{row},camera" for row in EXACT[:4]] + [f"x{row}," for row in EXACT]
    told = figures(evaluate, rows, header="id,read,truth,source")
    vehicles = told["vehicles"]
    assert (vehicles["listed"], vehicles["innocent"], vehicles["playedInnocent"]) == (8, 8, 4)
    assert told["notes"] == []


def test_rows_of_one_id_are_judged_as_one_vehicle(evaluate: Evaluate) -> None:
    rows = [*EXACT[1:], "two,12A?34,12-AB-34", "two,1?AB34,", "two,*,12AB34"]
    told = figures(evaluate, rows)
    (several,) = [one for one in told["segments"] if one["name"] == "several looks"]
    assert (several["vehicles"], several["recall"]["at1"]["value"]) == (1, 1)
    assert told["reads"] == {"rows": 10, "rejects": 1}


def test_a_row_without_a_truth_is_refused_alone_and_told(evaluate: Evaluate) -> None:
    rows = [*EXACT, "no,12AB34,", "part,12AB34,12AB?", "two,12AB34,12AB34"]
    told = evaluate([*rows, "two,12AB34,8XKV41", "odd,12AB34"])
    assert told.code == 0
    assert "5 rows were refused:" in told.err
    assert "part: line 11: truth: must be a whole plate" in told.err
    assert "two: line 12: truth: rows of this id say several" in told.err
    assert "no id: line 14: has 2 cells, the header 3" in told.err


def test_base_rates_change_what_is_said_and_what_counts(evaluate: Evaluate) -> None:
    low, high = (figures(evaluate, EXACT, "--base-rate", rate) for rate in (0.001, 0.5))
    assert low["model"]["baseRates"] == {"all": 0.001}
    assert low["probability"]["logLoss"] != high["probability"]["logLoss"]
    own = figures(evaluate, EXACT, "--base-rate", "eyesight=0.5")
    assert own["probability"] == high["probability"]
    assert own["model"]["baseRates"] == {"all": 0.01, "eyesight": 0.5}


def test_the_number_of_workers_and_the_order_of_rows_change_nothing(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*EXACT, "x,8XKV4?,8XKV41", "y,*,12AB34", "z,1XKV41,8XKV41"]
    once = figures(evaluate, rows, "--workers", 1)
    monkeypatch.setattr(chunks, "SIZE", 40)
    assert figures(evaluate, rows, "--workers", 2) == once
    again = figures(evaluate, rows[::-1])
    assert again["recall"] == once["recall"]
    assert again["probability"]["logLoss"] == pytest.approx(once["probability"]["logLoss"])


def test_a_segment_is_judged_once_it_has_enough_confidences(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figures(evaluate, EXACT)["probability"]["worst"] is None
    monkeypatch.setattr(verdict, "FEWEST", 1)
    told = figures(evaluate, EXACT)["probability"]
    assert {one["by"] for one in told["segments"]} == {
        *("source", "sidecode of the first hit", "country of the first hit"),
        *("category of the first hit", "what was read"),
    }
    worst = max(one["calibrationError"]["value"] for one in told["segments"])
    assert told["worst"]["calibrationError"]["value"] == worst


class Plain(HTMLParser):
    """Gathers what a page would load from elsewhere, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loaded += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_stands_by_itself_and_neither_file_holds_a_plate(
    evaluate: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "FEWEST", 1)
    folder = tmp_path / "new" / "saved"
    told = evaluate([*EXACT, "x,8XKV4?,8XKV41"], "--output", folder)
    assert told.code == 0
    assert "saved " in told.err
    text = (folder / "evaluation.html").read_text()
    page = Plain()
    page.feed(text)
    assert page.loaded == []
    assert "script" not in page.tags
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text
    drawings = [part.split("</svg>")[0] + "</svg>" for part in text.split("<svg")[1:]]
    assert [ET.fromstring(f"<svg{one}").get("aria-label") for one in drawings] == [  # noqa: S314 - our own page
        "Reliability",
        "Alerts",
    ]
    saved = json.loads((folder / "evaluation.json").read_text())
    assert saved["recall"]["at1"]["value"] == 1
    for plate in (*LISTED, *INNOCENT):
        assert plate not in text
        assert plate not in json.dumps(saved)
        assert plate not in told.out + told.err


def test_a_base_rate_that_cannot_be_had_is_told_in_table_and_page(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    rows = [f"{row}," for row in EXACT] + ["x,99ZZ99,99ZZ99,camera"]
    told = evaluate(rows, "--output", tmp_path / "saved", header="id,read,truth,source")
    note = "camera: no read of a listed vehicle, so its base rate does not hold"
    assert f"Note: {note}" in " ".join(told.out.split())
    assert note in (tmp_path / "saved" / "evaluation.html").read_text()


def test_tables_are_for_people(evaluate: Evaluate) -> None:
    told = evaluate(EXACT)
    for part in (
        "right plate",
        "RapidFuzz",
        "one look-alike",
        "not resolved",
        "Brier",
        "Came true",
    ):
        assert part in told.out
    assert told.err == ""


def test_rates_that_enough_innocent_reads_tell_are_resolved(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "RATES", (1, 10_000))
    monkeypatch.setattr(verdict, "RESOLVED", 3)
    monkeypatch.setattr(verdict, "FEWEST_PLATES", 4)
    told = figures(evaluate, EXACT)
    resolved = [one["resolved"] for one in told["alerts"][0]["atOnePer"]]
    assert resolved == [True, False]
    assert told["alerts"][0]["atOnePer"][0]["expected"] == pytest.approx(4)
    assert told["recall"]["at1"]["high"] == 1
    assert "100.0 % (100.0-100.0)" in evaluate(EXACT).out


@pytest.mark.parametrize(
    ("rows", "header", "reason"),
    [
        (["1,12AB34"], "id,read", "the column truth is missing"),
        (["1"], "id", "the column read is missing; the column truth is missing"),
        (["1,99ZZ99,99ZZ99"], "id,read,truth", "no row has a truth that is on the hotlist"),
        ([], "id,read,truth", "no row has a truth that is on the hotlist"),
    ],
)
def test_reads_that_cannot_be_judged_are_exit_code_2(
    evaluate: Evaluate, rows: list[str], header: str, reason: str
) -> None:
    told = evaluate(rows, header=header)
    assert (told.code, told.out) == (2, "")
    assert reason in told.err


def test_a_folder_that_cannot_be_made_is_named(evaluate: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = evaluate(EXACT, "--output", tmp_path / "file" / "folder")
    assert told.code == 2
    assert "cannot be made" in told.err


def test_nothing_is_written_when_a_worker_is_killed(
    evaluate: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Judge, "judge", lambda *_: os._exit(9))
    monkeypatch.setattr(chunks, "SIZE", 10)
    told = evaluate(EXACT, "--workers", 2, "--output", tmp_path / "saved")
    assert (told.code, told.out) == (1, "")
    assert "a worker has ended before its time; nothing was written" in told.err
    assert not (tmp_path / "saved").exists()

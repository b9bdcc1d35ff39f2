import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.cli.conftest import Call


def test_a_partial_is_answered_with_its_hit_and_the_reasons(call: Call, hotlist: Path) -> None:
    told = call("lookup", "--hotlist", hotlist, "8X-?V-41")
    assert (told.code, told.err) == (0, "")
    for part in ("Read        8X-?V-41", "Not listed", "8-XKV-41", "alert", "not read", "prior"):
        assert part in told.out
    assert "bits of log-odds are" in told.out
    assert "other registered vehicles fit" in told.out


def test_json_has_the_names_of_the_http_answer(call: Call, hotlist: Path) -> None:
    told = call("lookup", "--hotlist", hotlist, "--json", "8X-?V-41")
    answer = json.loads(told.out)
    assert set(answer) == {"model", "pattern", "notListed", "hits"}
    (hit,) = answer["hits"]
    assert set(hit) == {
        *("rank", "plate", "country", "confidence", "similarity", "disposition", "sensitive"),
        *("entries", "explanation"),
    }
    assert hit["plate"] == "8XKV41"
    assert hit["confidence"] + answer["notListed"] == pytest.approx(1, abs=1e-6)
    assert set(hit["explanation"]) == {"alignment", "evidence", "vehiclesThatFit", "twins"}


def test_what_is_known_of_a_plate_is_shown(call: Call, tmp_path: Path) -> None:
    listed = tmp_path / "hotlist.csv"
    listed.write_text("plate,make\n12-X?-..,\n,Porsche\n", encoding="utf-8")
    told = call("lookup", "--hotlist", listed, "12-XK-8")
    assert "Why 12X??? has" in told.out
    assert "any-plate" in told.out
    told = call("lookup", "--hotlist", listed, "--make", "Porsche", "99-GBD-7")
    assert "Why no plate has" in told.out
    assert "Bits" in told.out


def test_no_hit_is_no_failure_and_says_so(call: Call, hotlist: Path) -> None:
    told = call("lookup", "--hotlist", hotlist, "99-ZZ-99")
    assert told.code == 0
    assert "no hit" in told.out
    assert "> 99.99 %" in told.out
    assert json.loads(call("lookup", "--hotlist", hotlist, "--json", "99-ZZ-99").out)["hits"] == []


def test_a_read_that_says_too_little_is_refused_if_asked(call: Call, hotlist: Path) -> None:
    assert call("lookup", "--hotlist", hotlist, "8?").code == 0
    told = call("lookup", "--hotlist", hotlist, "--least-symbols", "3", "8?")
    assert (told.code, told.out) == (2, "")
    assert "too little was read: 3 symbols" in told.err


def test_an_unreadable_read_is_one_line_and_exit_code_2(call: Call, hotlist: Path) -> None:
    told = call("lookup", "--hotlist", hotlist, "*")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("plate-match: nothing was read")
    assert told.err.count("\n") == 1


def test_every_line_of_stdin_is_a_read(
    call: Call, hotlist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("12AB34\n\n  GH 123 K\n"))
    told = call("lookup", "--hotlist", hotlist, "--json", "-")
    answers = [json.loads(line) for line in told.out.splitlines()]
    assert [answer["hits"][0]["plate"] for answer in answers] == ["12AB34", "GH123K"]
    assert told.code == 0


def test_a_bad_line_of_stdin_is_named_and_the_others_are_answered(
    call: Call, hotlist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("12AB34\n??\nGH123K\n"))
    told = call("lookup", "--hotlist", hotlist, "--json", "-")
    assert told.out.count("\n") == 2
    assert told.err.startswith("line 2: nothing was read")
    assert told.err.endswith("plate-match: 1 line could not be read\n")
    assert told.code == 2


def test_source_and_limit_change_the_answer(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "twins.txt"
    path.write_text("8XKV41\n8XKV47\n")
    read = ("lookup", "--hotlist", path, "--json", "8-XKV-4?")
    two, one = call(*read), call(*read, "--limit", 1)
    assert len(json.loads(two.out)["hits"]) == 2
    assert len(json.loads(one.out)["hits"]) == 1
    camera = json.loads(call(*read, "--source", "camera").out)
    assert camera["notListed"] != json.loads(two.out)["notListed"]


def test_make_and_colour_change_the_answer(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "described.csv"
    path.write_text("plate,make,colour\n12AB34,VOLVO,ROOD\n")

    def told(*options: str) -> float:
        answer = json.loads(call("lookup", "--hotlist", path, "--json", *options, "12AB3?").out)
        confidence: float = answer["hits"][0]["confidence"]
        return confidence

    assert told("--make", "fiat") < told() < told("--make", "volvo")
    assert told("--colour", "blauw") < told() < told("--colour", "red")


def test_all_that_is_wrong_with_what_was_seen_is_told_at_once(call: Call, hotlist: Path) -> None:
    seen = ("--make", "\n", "--colour", "", "--country", "N")
    told = call("lookup", "--hotlist", hotlist, *seen, "12AB34")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "plate-match: --make: must be a word of at most 100 characters; --colour: must be a word "
        "of at most 100 characters; --country: must be two letters, as in NL\n"
    )


def test_the_country_said_changes_the_answer_in_any_case(call: Call, hotlist: Path) -> None:
    def told(*options: str) -> float:
        answer = json.loads(call("lookup", "--hotlist", hotlist, "--json", *options, "12AB3?").out)
        confidence: float = answer["hits"][0]["confidence"]
        return confidence

    assert told("--country", "DE") < told() < told("--country", "NL")
    assert told("--country", "nl") == told("--country", "NL")


@pytest.mark.parametrize("country", ["N", "NLD", "N1", "", "Ñ"])
def test_what_is_no_country_is_named(call: Call, hotlist: Path, country: str) -> None:
    told = call("lookup", "--hotlist", hotlist, "--country", country, "12AB34")
    assert (told.code, told.out) == (2, "")
    assert told.err == "plate-match: --country: must be two letters, as in NL\n"


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        (("-AB-12",), "?AB?12"),
        (("-ab-h2", "--json"), "AB-H2"),
        (("-8",), "8"),
        (("--12-AB",), "*12-AB"),
        (("--json", "-h12"), "H12"),
        (("--limit", "1", "-s-12"), "S-12"),
        (("--", "--limit"), "*LIMIT"),
    ],
)
def test_a_read_may_begin_with_a_dash(
    call: Call, hotlist: Path, arguments: tuple[str, ...], pattern: str
) -> None:
    told = call("lookup", "--json", "--hotlist", hotlist, *arguments)
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out)["pattern"] == pattern


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--limit", "-5", "12AB34"), "'--limit': Input should be greater"),
        (("--jsn", "12AB34"), "No such option: --jsn"),
        (("-AB-12", "-AB-12"), "nexpected extra argument"),
    ],
)
def test_options_stay_options_beside_a_read_with_a_dash(
    call: Call, hotlist: Path, arguments: tuple[str, ...], reason: str
) -> None:
    told = call("lookup", "--hotlist", hotlist, *arguments)
    assert (told.code, told.out) == (2, "")
    assert reason in told.err


def test_short_help_is_no_read(call: Call) -> None:
    assert call("lookup", "-h").out == call("lookup", "--help").out


def test_entries_are_shown_and_those_that_have_ended_are_not_listed(
    call: Call, tmp_path: Path
) -> None:
    path = tmp_path / "hotlist.jsonl"
    rows = [
        {
            "plate": "8XKV41",
            "reference": "SYN-1",
            "category": "fines",
            "instruction": "[b]Hi[/b]",
        },
        {"plate": "12AB34", "validUntil": "2020-01-01T00:00:00Z"},
        {"plate": "GH123K", "validUntil": "2099-06-01T12:00:00Z"},
        {"plate": "GH124K", "validFrom": "2099-06-01T12:00:00Z"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    shown = call("lookup", "--hotlist", path, "8XKV41")
    assert "SYN-1 · fines · [b]Hi[/b]" in shown.out
    assert "1 row was refused:\n  hotlist line 2: expired" in shown.err
    assert "no hit" in call("lookup", "--hotlist", path, "12AB34").out
    assert "until 2099-06-01" in call("lookup", "--hotlist", path, "GH123K").out
    later = json.loads(call("lookup", "--hotlist", path, "--json", "GH124K").out)
    assert "GH124K" not in [hit["plate"] for hit in later["hits"]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\x00\x01", "no text in UTF-8"), (b"??\n!!\n", "no row of it can be used")],
)
def test_an_unreadable_hotlist_is_exit_code_2(
    call: Call, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "broken.txt"
    path.write_bytes(content)
    told = call("lookup", "--hotlist", path, "12AB34")
    assert (told.code, told.out) == (2, "")
    assert f"plate-match: the hotlist: {reason}" in told.err.replace("the file is ", "")


def test_a_hotlist_that_is_not_there_is_named(call: Call, tmp_path: Path) -> None:
    told = call("lookup", "--hotlist", tmp_path / "none", "12AB34")
    assert told.code == 2
    assert "does not exist" in told.err


def test_an_empty_hotlist_has_no_hits_and_says_so(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    told = call("lookup", "--hotlist", path, "--json", "12AB34")
    answer = json.loads(told.out)
    assert (answer["hits"], answer["notListed"]) == ([], 1.0)
    assert (told.code, told.err) == (0, "the hotlist is empty: nothing can be found\n")


def test_a_hotlist_of_which_nothing_is_in_force_yet_says_so(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "later.jsonl"
    path.write_text('{"plate": "12AB34", "validFrom": "2099-06-01T12:00:00Z"}\n')
    told = call("lookup", "--hotlist", path, "--json", "12AB34")
    assert json.loads(told.out)["hits"] == []
    assert told.err == "no entry of the hotlist is in force yet: nothing can be found\n"


def test_neither_web_framework_nor_database_is_loaded(hotlist: Path) -> None:
    code = (
        "import sys\nfrom service.cli.app import run\nassert run() == 0\n"
        "print({name.partition('.')[0] for name in sys.modules})"
    )
    arguments = ["lookup", "--hotlist", str(hotlist), "--json", "12AB34"]
    told = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    loaded = set(told.stdout.splitlines()[-1].strip("{}").replace("'", "").split(", "))
    assert "plate_match" in loaded
    heavy = {"fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic", "prometheus_client"}
    assert loaded & heavy == set()

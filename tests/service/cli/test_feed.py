import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from plate_match.false_alerts import false_alerts
from service.adapters.db import open_database
from service.cli.machine_user import machine_user
from service.usecases import preview_feed
from tests.service.cli.conftest import Call
from tests.service.feeds import DECLARED
from tests.service.folk import write_key

GOOD = "plate,reference,category\n8XKV41,SYN-1,burglary\n12AB34,SYN-2,fines\n??,SYN-3,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feed.csv"
    path.write_text(GOOD)
    return path


def operator(call: Call, data: Path, person: str | None, *, role: str = "operator") -> Path:
    """Write a new key of a person to a file, and return it."""
    asked = ("credential", "issue", "--role", role, "--organisation", "Synthetic Police")
    who = () if person is None else ("--person", person)
    issued = json.loads(call(*asked, *who, "--data", data, "--json").out)
    return write_key(data / f"{issued['id']}.key", f"{issued['key']}\n")


def last_record(data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and personal part of the last record of the audit."""
    with open_database(data=data) as database, database.audit.rows() as rows:
        *_, last = rows
    return json.loads(last.header), json.loads(last.payload or b"{}")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_check_tells_what_would_be_accepted_and_changes_nothing(
    call: Call, file: Path, tmp_path: Path
) -> None:
    told = call("feed", "check", file)
    assert (told.code, told.out) == (0, "csv, 3 rows: 2 would be accepted\n")
    assert told.err.startswith("1 row was refused:\n  line 4: plate: nothing was read")
    document = json.loads(call("feed", "check", file, "--json").out)
    (reject,) = document.pop("rejects")
    assert reject["row"] == 4
    nothing = dict.fromkeys(("version", "added", "changed", "withdrawn"))
    assert document == {"format": "csv", "rows": 3, "accepted": 2, "rejected": 1, **nothing}
    assert [path.name for path in tmp_path.iterdir()] == ["feed.csv"]


def test_load_puts_the_good_rows_in_force_and_status_says_so(
    call: Call, file: Path, data: Path
) -> None:
    told = call("feed", "load", file, "--feed", "syn", "--data", data)
    assert told.code == 0
    assert "feed syn: 2 of 3 rows in force as version " in told.out
    assert "2 added, 0 changed, 0 withdrawn" in told.out
    assert "1 row was refused" in told.err
    status = json.loads(call("feed", "status", "--data", data, "--json").out)
    (feed,) = status["feeds"]
    assert feed["version"] == status["version"]
    assert (feed["name"], feed["entries"], feed["rejected"]) == ("syn", 2, 1)
    shown = call("feed", "status", "--data", data)
    assert f"version {status['version']}, built at " in shown.out
    assert "syn" in shown.out


def test_load_counts_what_changed_since_the_file_before(call: Call, file: Path, data: Path) -> None:
    load = ("feed", "load", file, "--feed", "syn", "--data", data, "--json")
    first = json.loads(call(*load).out)
    file.write_text(GOOD.replace("burglary", "robbery").replace("12AB34,SYN-2", "GH123K,SYN-4"))
    second = json.loads(call(*load).out)
    assert (first["added"], first["changed"], first["withdrawn"]) == (2, 0, 0)
    assert (second["added"], second["changed"], second["withdrawn"]) == (1, 1, 1)
    assert first["version"] != second["version"]


def test_a_file_without_a_good_row_is_refused_and_the_list_stays(
    call: Call, file: Path, data: Path
) -> None:
    call("feed", "load", file, "--feed", "syn", "--data", data)
    before = call("feed", "status", "--data", data, "--json").out
    file.write_text("??\n")
    assert call("feed", "check", file).code == 1
    told = call("feed", "load", file, "--feed", "syn", "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "plate-match: refused, the list in force is untouched: " in told.err
    refused = call("feed", "load", file, "--feed", "syn", "--data", data, "--json")
    assert (refused.code, json.loads(refused.out)["version"]) == (1, None)
    assert call("feed", "status", "--data", data, "--json").out == before


def test_what_is_no_feed_file_is_exit_code_2(call: Call, file: Path, data: Path) -> None:
    named = call("feed", "load", file, "--feed", "x y", "--data", data)
    assert named.code == 2
    assert "a feed is named by" in named.err
    file.write_bytes(b"\x00\x01")
    for command in (("check", file), ("load", file, "--feed", "syn", "--data", data)):
        told = call("feed", *command)
        assert (told.code, told.out) == (2, "")
        assert "no text in UTF-8" in told.err


def test_status_before_the_first_load(call: Call, data: Path) -> None:
    told = call("feed", "status", "--data", data)
    assert told.code == 2
    assert "there is no data folder" in told.err
    data.mkdir()
    empty = call("feed", "status", "--data", data)
    assert (empty.code, empty.out) == (0, "")
    assert "no hotlist is in force yet" in empty.err
    document = json.loads(call("feed", "status", "--data", data, "--json").out)
    assert document == {"version": None, "feeds": [], "refused": []}


def test_a_damaged_hotlist_is_told_with_exit_code_1(call: Call, file: Path, data: Path) -> None:
    call("feed", "load", file, "--feed", "syn", "--data", data)
    (data / "hotlist" / "CURRENT").write_text("nonsense")
    told = call("feed", "status", "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "CURRENT" in told.err


def test_the_data_folder_of_the_settings_is_used_without_the_option(
    call: Call, file: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATE_MATCH_DATA", str(data))
    call("feed", "load", file, "--feed", "syn")
    assert (data / "hotlist" / "CURRENT").exists()
    monkeypatch.setenv("PLATE_MATCH_DTAA", "x")
    told = call("feed", "status")
    assert told.code == 2
    assert "PLATE_MATCH_DTAA: unknown" in told.err


def test_a_feed_is_rolled_back_suspended_and_resumed_each_on_record(
    call: Call, file: Path, data: Path
) -> None:
    load = ("feed", "load", file, "--feed", "syn", "--data", data, "--json")
    first = json.loads(call(*load).out)["version"]
    file.write_text("plate\n8XKV41\n")
    assert json.loads(call(*load).out)["withdrawn"] == 2
    on = ("--reason", "a wrong file", "--data", data)
    back = call("feed", "rollback", "syn", "--to", first, *on)
    assert (back.code, back.err) == (0, "")
    assert "feed syn: 2 entries in force as version " in back.out
    gone = json.loads(call("feed", "suspend", "syn", *on, "--json").out)
    assert (gone["format"], gone["accepted"], gone["withdrawn"]) == ("suspended", 0, 2)
    refused = call("feed", "load", file, "--feed", "syn", "--data", data)
    assert refused.code == 1
    assert "the feed is suspended; `feed resume` puts it back in force" in refused.err
    again = json.loads(call("feed", "resume", "syn", *on, "--json").out)
    assert (again["format"], again["accepted"], again["added"]) == ("rollback", 2, 2)
    assert call(*load).code == 0
    assert call("audit", "verify", "--data", data).code == 0


def test_a_suspended_feed_is_resumed_and_not_rolled_back(
    call: Call, file: Path, data: Path
) -> None:
    load = ("feed", "load", file, "--feed", "syn", "--data", data, "--json")
    first = json.loads(call(*load).out)["version"]
    on = ("--reason", "its lists cannot be trusted", "--data", data)
    call("feed", "suspend", "syn", *on)
    refused = call("feed", "rollback", "syn", "--to", first, *on)
    assert refused.code == 1
    assert "`feed resume` puts it back in force" in refused.err
    assert call("feed", "resume", "syn", *on).code == 0


@pytest.mark.parametrize("harm", ["version.json", "syn.jsonl", "other.jsonl", "folder", "CURRENT"])
def test_the_way_back_leads_over_what_is_damaged(
    call: Call, file: Path, data: Path, harm: str
) -> None:
    load = ("feed", "load", file, "--data", data, "--json", "--feed")
    _, good, bad = (
        json.loads(call(*load, feed).out)["version"] for feed in ("other", "syn", "syn")
    )
    if harm == "folder":
        shutil.rmtree(data / "hotlist" / bad)
    elif harm == "CURRENT":
        (data / "hotlist" / "CURRENT").unlink()
    else:
        (data / "hotlist" / bad / harm).write_text("{}\n")
    refused = call("feed", "load", file, "--feed", "third", "--data", data)
    assert refused.code != 0
    assert "feed rollback" in refused.err or "there is no hotlist version" in refused.err
    back = call("feed", "rollback", "syn", "--to", good, "--reason", "damaged", "--data", data)
    assert (back.code, "2 entries in force" in back.out) == (0, True)
    assert ("all is as in" in back.err) == (harm != "syn.jsonl")
    told = json.loads(call("feed", "status", "--data", data, "--json").out)
    assert {one["name"]: one["entries"] for one in told["feeds"]} == {"other": 2, "syn": 2}
    assert call("audit", "verify", "--data", data).code == 0


def test_what_cannot_be_turned_back_is_refused_and_changes_nothing(
    call: Call, file: Path, data: Path
) -> None:
    call("feed", "load", file, "--feed", "syn", "--data", data)
    before = call("feed", "status", "--data", data, "--json").out
    version = json.loads(before)["version"]
    on = ("--reason", "why not", "--data", data)
    for words, told in (
        (("rollback", "syn", "--to", "20200101T000000000000Z-0000000000000000"), "there is no"),
        (("rollback", "syn", "--to", "../x"), "there is no hotlist version '../x'"),
        (("rollback", "other", "--to", version), "no feed of this name"),
        (("suspend", "other"), "no entries in force"),
        (("resume", "syn"), "not suspended"),
    ):
        refused = call("feed", *words, *on)
        assert refused.code == 1
        assert told in refused.err
    empty = call("feed", "suspend", "syn", "--reason", " ", "--data", data)
    assert (empty.code, "say why" in empty.err) == (2, True)
    assert call("feed", "status", "--data", data, "--json").out == before


def test_a_declaration_is_checked_and_put_in_force(call: Call, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "east.toml"
    path.write_text(DECLARED.replace("30", "0") + 'colour = "blue"\nplate = "8XKV41"\n')
    told = call("feed", "declare", path, "--check", "--data", data)
    assert told.code == 2
    for fault in (
        "longest_validity_days: must be",
        "defaults.plate: is each entry's own",
    ):
        assert fault in told.err
    assert call("feed", "declare", path, "--data", data).code == 2
    assert not data.exists()
    path.write_text(DECLARED)
    told = call("feed", "declare", path, "--check", "--data", data)
    assert (told.code, data.exists()) == (0, False)
    assert "east.toml: feed east is declared without a fault" in told.out.replace("\n", "")
    told = call("feed", "declare", path, "--data", data)
    assert told.out == "feed east is declared; it holds from its next file on\n"
    assert (data / "feeds" / "east.toml").read_text() == DECLARED
    with open_database(data=data) as database:
        row = database.audit.row(1)
    assert row is not None
    header = json.loads(row.header)
    assert (header["action"], header["feed"]) == ("feed-declared", "east")


def test_a_declaration_that_trusts_a_file_which_is_not_there_is_faulty(
    call: Call, data: Path, tmp_path: Path
) -> None:
    path, trust = tmp_path / "east.toml", tmp_path / "authority.pem"
    pulled = f'origin = "pull"\nurl = "https://127.0.0.1/list"\ntrust = "{trust}"\n'
    declare = ("feed", "declare", path, "--data", data)
    for content, fault in ((None, "cannot be read: No such file"), ("x", "holds no certificate")):
        if content is not None:
            trust.write_text(content)
        path.write_text(pulled + DECLARED)
        told = call(*declare, "--check")
        assert (told.code, f"trust: the file {fault}" in told.err) == (
            2,
            True,
        )
        assert call(*declare).code == 2
        path.write_text(pulled + DECLARED.replace("30", "0"))
        both = call(*declare, "--check").err
        assert ("longest_validity_days: " in both, "trust: the file " in both) == (True, True)
    assert not data.exists()


def test_two_people_load_a_file_that_lost_too_much(
    call: Call, file: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_feed, "false_alerts", partial(false_alerts, draws=100))
    path = tmp_path / "east.toml"
    path.write_text("largest_share_rejected = 1.0\n" + DECLARED)
    call("feed", "declare", path, "--data", data)
    load = ("feed", "load", file, "--feed", "east", "--data", data)
    assert call(*load).code == 0
    file.write_text("plate,reference,category\n8XKV41,SYN-1,burglary\n")
    refused = call(*load)
    assert refused.code == 1
    assert "untouched: lost: 1 of 2, at most 20.0% are allowed" in refused.err
    one = operator(call, data, "A. Operator")
    alone = call(*load, "--override", "told so", "--key-file", one)
    assert (alone.code, "--override: two people do so" in alone.err) == (2, True)
    assert call(*load, "--key-file", one).code == 2
    keys = ("--key-file", one, "--second-key-file", operator(call, data, "B. Chief"))
    assert call(*load, "--override", " ", *keys).code == 2
    passed = call(*load, "--override", "told so", *keys)
    assert passed.code == 0
    assert "0 added, 0 changed, 1 withdrawn" in passed.out
    header, payload = last_record(data)
    assert header["credential"] != header["secondCredential"]
    assert payload == {
        "reason": "told so",
        "person": "A. Operator",
        "secondPerson": "B. Chief",
        "user": machine_user(),
    }


def test_two_people_are_two_operators_whose_keys_are_in_force(
    call: Call, file: Path, data: Path
) -> None:
    load = ("feed", "load", file, "--feed", "syn", "--data", data, "--override", "told so")
    one = operator(call, data, "A. Operator")
    for second, code, fault in (
        (one, "same-person", "must be of another person"),
        (operator(call, data, "\u0410.  OPERATOR"), "same-person", "must be of another person"),
        (operator(call, data, None), "no-person", "must name the person"),
        (operator(call, data, "C. Manager", role="manager"), None, "not that of an operator"),
        (write_key(data / "made-up.key", "pm_synthetic\n"), None, "holds no key that is in force"),
    ):
        told = call(*load, "--key-file", one, "--second-key-file", second)
        assert (told.code, fault in told.err) == (1, True), told.err
        header, _ = last_record(data)
        reasons = None if code is None else [code]
        assert (header["action"], header["command"], header.get("reasons")) == (
            "refused", "feed load", reasons
        )  # fmt: skip
    gone = call(*load, "--key-file", one, "--second-key-file", data / "gone.key")
    assert (gone.code, "--second-key-file" in gone.err) == (2, True)
    assert json.loads(call("feed", "status", "--data", data, "--json").out)["version"] is None


def test_a_declaration_that_is_faulty_stops_every_load(call: Call, file: Path, data: Path) -> None:
    (data / "feeds").mkdir(parents=True)
    (data / "feeds" / "east.toml").write_text("name = 1")
    told = call("feed", "load", file, "--feed", "east", "--data", data)
    assert (told.code, "owner: is missing" in told.err) == (2, True)


def test_check_tells_what_a_file_would_do_to_a_feed_and_changes_nothing(
    call: Call, file: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_feed, "false_alerts", partial(false_alerts, draws=100))
    path = tmp_path / "east.toml"
    path.write_text("largest_share_rejected = 1.0\n" + DECLARED)
    call("feed", "declare", path, "--data", data)
    first = call("feed", "check", file, "--feed", "east", "--data", data, "--json")
    document = json.loads(first.out)
    assert (first.code, document["added"], document["version"]) == (0, 2, None)
    assert document["falseAlerts"]["before"] is None
    assert document["falseAlerts"]["after"]["camera"]["draws"] == 100
    assert json.loads(call("feed", "status", "--data", data, "--json").out)["version"] is None
    assert call("feed", "load", file, "--feed", "east", "--data", data).code == 0
    file.write_text("plate,reference,category\n8XKV41,SYN-1,burglary\n")
    told = call("feed", "check", file, "--feed", "east", "--data", data)
    assert told.code == 1
    assert "it would be refused: lost: 1 of 2, at most 20.0% are allowed" in told.err
    file.write_text(GOOD.replace("burglary", "robbery"))
    told = call("feed", "check", file, "--feed", "east", "--data", data)
    assert told.code == 0
    assert "0 would be added, 1 changed, 0 withdrawn" in told.out
    assert "with this file: " in told.out
    (status,) = json.loads(call("feed", "status", "--data", data, "--json").out)["feeds"]
    assert status["added"] == 2


def test_check_of_a_feed_that_cannot_be_checked_is_wrong_use(
    call: Call, file: Path, data: Path
) -> None:
    check = ("feed", "check", file, "--data", data, "--feed")
    assert call(*check, "east").code == 2
    data.mkdir()
    assert call(*check, "a b").code == 2
    file.write_bytes(b"\x00")
    assert call(*check, "east").code == 2


def test_check_says_that_the_list_in_force_is_damaged(call: Call, file: Path, data: Path) -> None:
    call("feed", "load", file, "--feed", "west", "--data", data)
    for path in (data / "hotlist").glob("*/west.jsonl"):
        path.write_bytes(b"x")
    told = call("feed", "check", file, "--feed", "east", "--data", data)
    assert (told.code, "is damaged" in told.err) == (1, True)

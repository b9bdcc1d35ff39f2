"""Check lists of other systems become entries. All plates are synthetic."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Format, Loaded, read_hotlist, read_hotlist_file
from plate_match.hotlist import Category, Wanted

EXAMPLES = Path(__file__).parent / "examples"


def read(text: str, encoding: str = "utf-8") -> Loaded:
    return read_hotlist([text.encode(encoding)])


def reasons(loaded: Loaded) -> dict[int, str]:
    return {reject.row: reject.reason for reject in loaded.rejects}


def test_a_nedap_check_list_with_its_carriage_returns() -> None:
    loaded = read_hotlist_file(EXAMPLES / "nedap.txt")
    assert loaded.format is Format.NEDAP
    assert [(str(one.plate), one.country, one.instruction) for one in loaded.hotlist] == [
        ("46HVR9", "NL", "Synthetic: silver Golf"),
        ("1ABC234", "BE", ""),
        ("8XKV41", "NL", "Synthetic: caf\u00e9 robbery; call"),
    ]
    assert reasons(loaded) == {
        4: "country: must be two capitals, as in NL",
        5: "columns: 2, where a Nedap check list has 3",
    }
    assert loaded.rows == 5


def test_an_autovu_list_without_names_in_the_usual_order() -> None:
    loaded = read_hotlist_file(EXAMPLES / "autovu.csv")
    assert loaded.format is Format.AUTOVU
    first, second = loaded.hotlist
    assert (first.plate, first.country, first.category) == ("DEF228", "BE", Category.ROBBERY)
    assert first.valid_from == datetime(2026, 1, 30, 23, tzinfo=UTC)
    assert first.valid_until == datetime(2099, 5, 31, 22, tzinfo=UTC)
    assert (second.category, second.instruction) == (Category.OTHER, "Synthetic: look inside")
    assert reasons(loaded) == {3: "dates: must be days, as in 2026-01-31"}


@pytest.mark.parametrize("delimiter", [";", ",", ":", "\t"])
def test_names_above_an_autovu_list_may_stand_in_any_order(delimiter: str) -> None:
    lines = (
        ("ExpiryDate", "Category", "PlateNumber", "PlateState"),
        ("2099-07-01", "burglary", "8-XKV-41", "NLD"),
        ("", "", "GV-123-B", ""),
        ("", "", "", "NL"),
        ("", "", "8XKV42"),
    )
    loaded = read("\n".join(delimiter.join(cells) for cells in lines))
    first, second = loaded.hotlist
    assert (first.plate, first.country, first.category) == ("8XKV41", "NL", Category.BURGLARY)
    assert first.valid_until == datetime(2099, 7, 1, 22, tzinfo=UTC)
    assert (second.plate, second.country, second.valid_until) == ("GV123B", None, None)
    assert reasons(loaded) == {
        4: "plate: is missing",
        5: "columns: 3, where the first line has 4",
    }


def test_names_that_autovu_does_not_know_refuse_the_file() -> None:
    with pytest.raises(UnreadableHotlist, match="2 names that are no attributes of AutoVu"):
        read("PlateNumber;Owner;Colour\n8XKV41;x;y\n")


def test_a_stolen_plate_is_wanted_as_a_plate() -> None:
    loaded = read("PlateNumber;Category\n8XKV41;stolen-plate\n8XKV42;robbery\n8XKV43;\n")
    assert [one.wanted for one in loaded.hotlist] == [
        Wanted.PLATE,
        Wanted.VEHICLE,
        Wanted.VEHICLE,
    ]


def test_a_name_may_stand_above_an_autovu_list_once() -> None:
    with pytest.raises(UnreadableHotlist, match="the header in line 1 has a name twice"):
        read("PlateNumber;platenumber\n8XKV41;8XKV42\n")


def test_an_autovu_list_may_have_priorities() -> None:
    loaded = read("PlateNumber;Priority\n8XKV41;0\n8XKV42;100\n8XKV43;101\n8XKV44;\n")
    assert [one.priority for one in loaded.hotlist] == [0, 100, 50]
    assert reasons(loaded) == {4: "priority: must be a whole number from 0 to 100"}


def test_a_line_that_is_no_text_spoils_no_other() -> None:
    loaded = read_hotlist([b"8XKV41;NLD;x\n\x81\n8XKV43;NLD;z\n"])
    assert [one.plate for one in loaded.hotlist] == ["8XKV41", "8XKV43"]
    assert list(reasons(loaded)) == [2]


def test_a_quote_that_is_not_closed_spoils_its_own_line() -> None:
    loaded = read('8XKV41;NLD;x\n8XKV42;NLD;"y\n8XKV43;NLD;z\n')
    assert [one.plate for one in loaded.hotlist] == ["8XKV41", "8XKV43"]
    assert reasons(loaded) == {2: "quotes: one is missing, or out of place"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plate;country;owner\n8XKV41;NL;x", Format.CSV),
        ("8XKV41", Format.PLAIN),
        ("8XKV41;NLD;x", Format.NEDAP),
        ("NL;8XKV41;2026-01-01;2099-01-01;x", Format.AUTOVU),
        ("NL,8XKV41,2026-01-01,2099-01-01,x", Format.AUTOVU),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_format_is_found_by_content_in_every_encoding(
    text: str, expected: Format, encoding: str
) -> None:
    loaded = read(text, encoding)
    assert (loaded.format, len(loaded.hotlist)) == (expected, 1)


@given(st.lists(st.text('8XKV41;NLD,:-"\t 2026\r', max_size=30), max_size=6))
def test_no_row_vanishes_whatever_a_check_list_holds(lines: list[str]) -> None:
    whole = "\n".join(["8XKV41;NLD;x", *lines])
    loaded = read(whole)
    written = [line for line in whole.replace("\r", "\n").split("\n") if line.strip()]
    assert loaded.rows == len(written)

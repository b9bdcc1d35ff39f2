"""Files of any layout become entries by a mapping. All plates are synthetic."""

import csv
import io
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Columns, Format, Loaded, of_table, read_delta, read_hotlist
from plate_match.feed.fields import Action
from plate_match.hotlist import Category, Wanted
from plate_match.plate import Plate
from tests.strategies import plates

MAPPED = Path(__file__).parent / "examples" / "mapped"


def mapping(name: str) -> Columns:
    return of_table(tomllib.loads((MAPPED / f"{name}.toml").read_text())["mapping"])


def example(name: str, file: str) -> Loaded:
    return read_hotlist([(MAPPED / file).read_bytes()], mapping=mapping(name))


def read(text: str, **table: Any) -> Loaded:
    return read_hotlist([text.encode()], mapping=of_table(table))


def reasons(loaded: Loaded) -> dict[int, str]:
    return {reject.row: reject.reason for reject in loaded.rejects}


def test_the_mappings_of_the_page_are_those_of_the_examples() -> None:
    page = (Path(__file__).parents[3] / "docs" / "feeds.md").read_text(encoding="utf-8")
    tables = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    told = [table for table in tables if "[mapping" in table]
    assert sorted(told) == sorted(path.read_text() for path in MAPPED.glob("*.toml"))


def test_a_list_as_vigilant_has_it() -> None:
    loaded = example("vigilant", "vigilant.csv")
    assert loaded.format is Format.MAPPED
    first, second = loaded.hotlist
    assert (first.plate, first.country, first.priority) == ("8XKV41", "NL", 10)
    assert first.category is Category.STOLEN_VEHICLE
    assert (second.plate, second.country, second.priority) == ("1ABC234", "BE", 90)
    assert second.instruction == "Synthetic: silver Golf, look inside"
    assert reasons(loaded) == {
        4: "priority: must be a whole number from 0 to 100",
        5: "action: belongs in a delta file; this is read as a full one",
    }


def test_changes_as_vigilant_has_them() -> None:
    file = (MAPPED / "vigilant-changes.csv").read_bytes()
    delta = read_delta([file], mapping=mapping("vigilant"))
    added = delta.steps[0].entry
    assert added is not None
    assert (added.category, added.wanted) == (Category.STOLEN_PLATE, Wanted.PLATE)
    assert [(step.action, step.plate) for step in delta.steps] == [
        (Action.ADD, "GV125B"),
        (Action.WITHDRAW, "8XKV41"),
    ]
    assert [(one.row, one.reason) for one in delta.rejects] == [
        (4, "action: must be one of add, change, withdraw")
    ]


def test_a_list_as_openalpr_imports_it() -> None:
    loaded = example("openalpr", "openalpr.csv")
    first, second = loaded.hotlist
    assert (first.plate, first.country) == ("8XKV41", "NL")
    assert first.instruction == "Synthetic: burglary, grey van"
    assert (second.plate, second.country, second.owner) == ("GV123B", None, "synthetic desk")
    assert reasons(loaded)[4].startswith("plate: is missing")


def test_a_list_of_ncic_in_fixed_width() -> None:
    loaded = example("ncic", "ncic.txt")
    first, second, third = loaded.hotlist
    assert (first.plate, first.reference, first.country) == ("8XKV41", "000000001", "US")
    assert (first.category, first.make, first.model, first.colour) == (
        Category.STOLEN_VEHICLE,
        "Toyota",
        "COA",
        "silver",
    )
    assert first.valid_from == datetime(2026, 1, 30, 23, tzinfo=UTC)
    assert (second.plate, second.make, second.colour) == ("GV123B", None, None)
    assert [one.wanted for one in loaded.hotlist] == ["vehicle", "plate", "vehicle"]
    assert (third.category, third.make) == (Category.OTHER, "Volkswagen")
    told = reasons(loaded)
    assert told[5] == "validFrom: is in none of the forms that the mapping gives"
    assert told[6].startswith("plate: is missing")
    assert loaded.rows == 5


def test_a_list_of_ncic_as_texas_has_it() -> None:
    loaded = example("texas", "texas.csv")
    first, second = loaded.hotlist
    assert (first.plate, first.reference) == ("8XKV41", "V000000001")
    assert (first.category, first.make, first.kind, first.colour) == (
        Category.STOLEN_VEHICLE,
        "Toyota",
        "car",
        "grey",
    )
    assert (second.category, second.kind, second.colour) == (
        Category.STOLEN_PLATE,
        "truck",
        "white",
    )
    told = reasons(loaded)
    assert told[3] == "validFrom: is in none of the forms that the mapping gives"
    assert told[4] == "columns: 10, where the first row has 11"
    assert told[5].startswith("plate: is missing")


def test_a_list_of_clew_in_fixed_width() -> None:
    loaded = example("clew", "clew.txt")
    assert [(one.plate, one.valid_from) for one in loaded.hotlist] == [
        ("8XKV41", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("GV123B", datetime(2026, 1, 30, 23, tzinfo=UTC)),
    ]
    assert list(reasons(loaded)) == [4, 6]


NAMES = ["plate", "reference", "make", "instruction"]
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=6)
ROWS = st.lists(st.tuples(plates(), CELLS, CELLS, CELLS), min_size=1, max_size=8, unique=True)


def told(loaded: Loaded) -> list[tuple[object, ...]]:
    assert loaded.rejects == ()
    return [(one.plate, one.reference, one.make or "", one.instruction) for one in loaded.hotlist]


@given(
    ROWS, st.permutations(NAMES), st.sampled_from(";,:\t|"), st.integers(0, 1), st.integers(0, 3)
)
def test_columns_in_any_order_between_any_delimiter_give_the_same_entries(
    rows: list[tuple[str, ...]], order: list[str], delimiter: str, named: int, skip: int
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["nothing"]] * skip + [order] * named)
    writer.writerows([dict(zip(NAMES, row, strict=True))[name] for name in order] for row in rows)
    columns = {name: name if named else order.index(name) + 1 for name in NAMES}
    found = read(
        file.getvalue(), delimiter=delimiter, header=bool(named), skip=skip, columns=columns
    )
    assert told(found) == rows


@given(ROWS, st.permutations(NAMES))
def test_fields_at_fixed_places_give_the_same_entries(
    rows: list[tuple[str, ...]], order: list[str]
) -> None:
    columns = {name: [12 * order.index(name), 12 * order.index(name) + 10] for name in NAMES}
    lines = [
        "".join(f"{dict(zip(NAMES, row, strict=True))[name]:<12}" for name in order).rstrip()
        for row in rows
    ]
    assert told(read("\r".join(lines), columns=columns)) == rows


def test_a_word_stands_for_itself_unless_the_mapping_knows_it() -> None:
    words = {"": "other", "V": "stolen-vehicle", "VA": "fines", "V*": "drugs", "VX*": "weapons"}
    cells = ["", "V", "VA", "VAB", "VXY", "robbery", "?"]
    loaded = read(
        "\n".join(f"8XKV{place};{cell}" for place, cell in enumerate(cells, start=41)),
        delimiter=";",
        columns={"plate": 1, "category": 2},
        values={"category": words},
    )
    assert [one.category for one in loaded.hotlist] == [
        "other",
        "stolen-vehicle",
        "fines",
        "drugs",
        "weapons",
        "robbery",
    ]
    assert reasons(loaded)[7].startswith("category: must be one of ")


def test_anything_else_is_not_nothing() -> None:
    loaded = read(
        "8XKV41;\n8XKV42;x",
        delimiter=";",
        columns={"plate": 1, "country": 2},
        values={"country": {"*": "US"}},
    )
    assert [one.country for one in loaded.hotlist] == [None, "US"]


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("31-01-2026", (2026, 1, 30, 23), (2026, 1, 31, 23)),
        ("30-06-2026", (2026, 6, 29, 22), (2026, 6, 30, 22)),
        ("31-01-2026 07:30", (2026, 1, 31, 6, 30), (2026, 1, 31, 6, 30)),
        ("20260630", (2026, 6, 29, 22), (2026, 6, 30, 22)),
        ("1-1-2026", None, None),
        ("2026-01-31", None, None),
        ("30-02-2026", None, None),
        ("31-12-9999", (9999, 12, 30, 23), None),
        ("\u0663\u0661-01-2026", None, None),
    ],
)
def test_days_and_times_are_those_of_the_netherlands(
    text: str, begins: tuple[int, ...] | None, ends: tuple[int, ...] | None
) -> None:
    for name, expected in (("validFrom", begins), ("validUntil", ends)):
        loaded = read(
            f"8XKV41;{text}",
            delimiter=";",
            dates=["%d-%m-%Y", "%d-%m-%Y %H:%M", "%Y%m%d"],
            columns={"plate": 1, name: 2},
        )
        if expected is None:
            fault = f"{name}: is in none of the forms that the mapping gives"
            assert reasons(loaded) == {1: fault}
        else:
            (entry,) = loaded.hotlist
            moment = datetime(*expected, tzinfo=UTC)  # type: ignore[arg-type,misc]  # no zone in it
            assert (entry.valid_from or entry.valid_until) == moment


def test_without_forms_times_are_as_in_our_own_files() -> None:
    text = "8XKV41;2026-01-31T08:00:00+01:00\n8XKV42;31-01-2026\n8XKV43;"
    loaded = read(text, delimiter=";", columns={"plate": 1, "validFrom": 2})
    assert [one.valid_from for one in loaded.hotlist] == [
        datetime(2026, 1, 31, 7, tzinfo=UTC),
        None,
    ]
    assert list(reasons(loaded)) == [2]


def test_every_fault_of_a_row_is_told() -> None:
    loaded = read(
        "8XKV41;x;y;z",
        delimiter=";",
        dates="%Y%m%d",
        columns={"plate": 1, "validFrom": 2, "validUntil": 3, "priority": 4},
    )
    fault = "is in none of the forms that the mapping gives"
    assert reasons(loaded) == {
        1: f"validFrom: {fault}; validUntil: {fault}; "
        "priority: must be a whole number from 0 to 100"
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Plate;Plate\n8XKV41;x", "Plate: occurs twice; Make: is missing; columns: 2, where"),
        ("Plate;Make\n8XKV41;x", "columns: 2, where the mapping speaks of number 3"),
        ("8XKV41;x;y\n", "Plate: is missing; Make: is missing"),
        ('"Plate', "the quotes in the header do not match"),
    ],
)
def test_a_file_without_the_columns_of_the_mapping_is_refused(text: str, message: str) -> None:
    with pytest.raises(UnreadableHotlist) as caught:
        read(
            text, delimiter=";", header=True, columns={"plate": "Plate", "make": "Make", "kind": 3}
        )
    assert message in str(caught.value)
    assert "8XKV41" not in str(caught.value)


def test_names_that_are_no_text_refuse_the_file() -> None:
    columns = of_table({"delimiter": ";", "header": True, "columns": {"plate": "Plate"}})
    with pytest.raises(UnreadableHotlist, match="the header in line 1: encoding: the line is not"):
        read_hotlist([b"Plate\x81\n8XKV41"], mapping=columns)
    with pytest.raises(UnreadableHotlist, match="the file is no text"):
        read_hotlist([b"P\0l\0a\0t\0e\0"], mapping=columns)


def test_a_file_of_nothing_is_an_empty_list_whatever_the_mapping() -> None:
    for nothing in ("", "\n\n", "\ufeff"):
        assert read(nothing, delimiter=";", header=True, columns={"plate": "Plate"}).rows == 0
        assert read(nothing, delimiter=";", columns={"plate": 1}).rows == 0
        assert read(nothing, skip=9, columns={"plate": [0, 6]}).rows == 0


def test_lines_to_skip_are_counted_as_they_are() -> None:
    text = '# list\n\n"\n#x;8XKV41\ny;8XKV42'
    loaded = read(text, delimiter=";", skip=3, columns={"make": 1, "plate": 2})
    assert [one.plate for one in loaded.hotlist] == ["8XKV41", "8XKV42"]


def test_the_first_row_that_has_enough_cells_says_how_many_a_row_has() -> None:
    loaded = read(
        "8XKV41\n8XKV42;b;c\n8XKV43;b\n8XKV44;b;c;d\n8XKV45;b;c\n",
        delimiter=";",
        columns={"plate": 1, "make": 2},
    )
    assert [one.plate for one in loaded.hotlist] == ["8XKV42", "8XKV45"]
    assert reasons(loaded) == {
        1: "columns: 1, where at least 2 are needed",
        3: "columns: 2, where the first row has 3",
        4: "columns: 4, where the first row has 3",
    }


def test_quotes_and_line_breaks_are_those_of_csv() -> None:
    loaded = read(
        'Plate|Text\n8XKV41|"a|b\nc"\n8XKV42|"\n8XKV43|d\n',
        delimiter="|",
        header=True,
        columns={"plate": "Plate", "instruction": "Text"},
    )
    assert [(one.plate, one.instruction) for one in loaded.hotlist] == [
        (Plate("8XKV41"), "a|b\nc"),
        (Plate("8XKV43"), "d"),
    ]
    assert list(reasons(loaded)) == [4]

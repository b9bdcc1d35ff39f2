"""The mapping of a declaration: what it says, and everything that is wrong with it."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import FaultyMapping
from plate_match.feed.lines import LONGEST_LINE
from plate_match.feed.mapping import RECOGNISED_BY, Columns, of_table

SOUND: dict[str, Any] = {
    "delimiter": ";",
    "header": True,
    "skip": 2,
    "dates": "%d-%m-%Y",
    "columns": {"plate": "Plate", "category": 2, "action": 3},
    "constants": {"priority": 3, "warnings": ["armed"]},
    "values": {"category": {"V": "stolen-vehicle", "*": "other"}, "action": {"-": "withdraw"}},
}


def faults(table: Mapping[str, object]) -> tuple[str, ...]:
    with pytest.raises(FaultyMapping) as caught:
        of_table(table)
    assert str(caught.value) == "; ".join(caught.value.faults)
    return caught.value.faults


def test_a_table_says_where_fields_are_and_what_words_mean() -> None:
    assert of_table(SOUND) == Columns(
        places={"plate": "Plate", "category": 2, "action": 3},
        delimiter=";",
        header=True,
        skip=2,
        dates=("%d-%m-%Y",),
        constants={"priority": 3, "warnings": ["armed"]},
        values={"category": {"V": "stolen-vehicle", "*": "other"}, "action": {"-": "withdraw"}},
    )


def test_without_a_delimiter_fields_lie_at_fixed_places() -> None:
    columns = of_table({"columns": {"plate": [0, 8], "make": [8, 20]}})
    assert (columns.delimiter, columns.places) == (None, {"plate": (0, 8), "make": (8, 20)})


def test_what_words_stand_for_is_read_like_a_cell() -> None:
    table = {**SOUND, "columns": {"plate": 1, "test": 2, "warnings": 3, "priority": 4}}
    table["values"] = {"test": {"J": "true"}, "warnings": {"W": "a|b"}, "priority": {"H": 1}}
    del table["constants"]
    assert of_table(table).values == {
        "test": {"J": True},
        "warnings": {"W": ["a", "b"]},
        "priority": {"H": 1},
    }


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ("colums", {}, "colums: is no part of a mapping"),
        ("delimiter", ";;", "delimiter: must be one character"),
        ("delimiter", 1, "delimiter: must be one character"),
        ("delimiter", '"', "delimiter: cannot be a quote or the end of a line"),
        ("delimiter", "\n", "delimiter: cannot be a quote or the end of a line"),
        ("header", "yes", "header: must be true or false"),
        ("skip", True, "skip: must be a whole number from 0 to 1000"),
        ("skip", -1, "skip: must be a whole number from 0 to 1000"),
        ("skip", 1001, "skip: must be a whole number from 0 to 1000"),
        ("dates", 1, "dates: must be a form as %Y-%m-%d, or a list of such"),
        ("dates", ["%Y-%m-%d", 1], "dates: must be a form as %Y-%m-%d, or a list of such"),
        ("columns", ["plate"], "columns: must be a table of fields, as in {plate = 2}"),
        ("columns", {"plate": 1, "licence": 2}, "columns.licence: is no field of an entry"),
        ("constants", 1, 'constants: must be a table of fields, as in {country = "NL"}'),
        ("constants", {"country": "Dutch"}, "constants.country: must be two capitals, as in NL"),
        ("constants", {"town": "x"}, "constants.town: is no field of an entry"),
        ("constants", {"category": "other"}, "constants.category: has a column too"),
        ("values", 1, "values: must be a table of fields"),
        (
            "values",
            {"category": "other"},
            "values.category: must be a table of words and what they stand for",
        ),
        (
            "values",
            {"action": {"+": "add", "-": "delete"}},
            "values.action: value 2 must be one of add, change, withdraw",
        ),
        ("values", {"town": {"E": "x"}}, "values.town: value 1 is no field of an entry"),
        ("values", {"colour": {"R": "red"}}, "values.colour: has no column"),
    ],
)
def test_one_fault_is_named_by_where_it_stands(part: str, value: object, expected: str) -> None:
    assert faults({**SOUND, part: value}) == (expected,)


@pytest.mark.parametrize(
    "place", [0, -1, True, 1.0, "", " x", [1], [2, 2], [3, 1], [-1, 2], [0, LONGEST_LINE + 1], None]
)
def test_a_column_is_a_name_a_number_or_two_places(place: object) -> None:
    (fault,) = faults({**SOUND, "columns": {"plate": 1, "make": place}})
    assert fault.startswith("columns.make: must be the name of a column, its number from 1, or [")


@pytest.mark.parametrize(
    "form",
    [
        "",
        "%Y-%m",
        "%d-%m",
        "%Y%y%m%d",
        "%d-%m-%Y %Z",
        "%d-%m-%Y%%",
        "%d%d%m%Y",
        "%B %d %Y",
        "%d-%m-%Y %M",
    ],
)
def test_a_form_of_dates_has_day_month_and_year_once(form: str) -> None:
    (fault,) = faults({**SOUND, "dates": ["%Y%m%d", form]})
    assert fault.startswith("dates: need %d, %m and %Y")


def test_a_row_must_have_something_to_tell_it_by() -> None:
    (fault,) = faults({**SOUND, "columns": {"action": 1, "category": 2}})
    assert fault == f"columns: must have one of {', '.join(RECOGNISED_BY)}"


def test_the_same_of_every_row_is_never_its_plate() -> None:
    assert faults({**SOUND, "constants": {"plate": "8XKV41"}}) == (
        "constants.plate: is each row's own",
    )


def test_columns_are_found_in_the_way_of_the_file() -> None:
    assert faults({**SOUND, "header": False}) == (
        "columns.plate: is a name, so header must be true",
    )
    assert faults({"header": True, "columns": {"plate": [0, 8]}}) == (
        "header: names need a delimiter between them; count the line to skip",
    )
    assert faults({"columns": {"plate": 2, "make": [0, 2]}}) == (
        "columns.plate: must be [from, to], since there is no delimiter",
    )
    assert faults({**SOUND, "columns": {"plate": [0, 2], "category": 1, "action": 2}}) == (
        "columns.plate: must be a name or a number",
    )


def test_every_fault_is_named_at_once() -> None:
    found = faults({"delimiter": "", "skip": "1", "columns": {"plat": 1, "make": 0}, "x": 1})
    assert [fault.partition(":")[0] for fault in found] == [
        "x",
        "delimiter",
        "skip",
        "columns.plat",
        "columns.make",
    ]


def test_a_table_of_nothing_lacks_its_columns() -> None:
    assert faults({}) == (f"columns: must have one of {', '.join(RECOGNISED_BY)}",)


TOML = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 9), st.floats(), st.text("%Ymd;* ", max_size=4)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["plate", "category", "action", "validFrom", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*SOUND, "x"]), TOML), st.sets(st.sampled_from([*SOUND])))
def test_any_table_is_a_mapping_or_says_what_is_wrong(
    table: dict[str, object], sound: set[str]
) -> None:
    try:
        told: Columns | tuple[str, ...] = of_table(
            {**table, **{name: SOUND[name] for name in sound}}
        )
    except FaultyMapping as error:
        told = error.faults
    assert told.places if isinstance(told, Columns) else all(told)
    assert told

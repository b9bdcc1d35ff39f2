"""Which format a file is: found by its first line, or named. All plates are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Format, Loaded, of_table, read_delta, read_hotlist
from plate_match.feed.parse import form_of

NAMED = [form for form in Format if form is not Format.MAPPED]
MAPPING = of_table({"delimiter": ";", "columns": {"plate": 1}})


def read(text: str, form: Format | None = None) -> Loaded:
    return read_hotlist([text.encode()], form=form)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ('{"plate": "8XKV41"}', Format.JSON_LINES),
        ("{", Format.JSON_LINES),
        ("plate", Format.CSV),
        ("plate,NLD,owner", Format.CSV),
        ("plate;category", Format.CSV),
        ("8XKV41;NLD", Format.CSV),
        ("8XKV41;NL;x", Format.CSV),
        ("8XKV41;nld;x", Format.CSV),
        ("8XKV41;NLD;x;y", Format.CSV),
        ("8XKV41,NLD,x", Format.CSV),
        ("8XKV41;NLD;x", Format.NEDAP),
        ("8XKV41; NLD ;", Format.NEDAP),
        ("plate;NLD;owner", Format.NEDAP),
        ("PlateNumber;NLD;x", Format.NEDAP),
        ("PlateNumber", Format.AUTOVU),
        ("ExpiryDate:platenumber", Format.AUTOVU),
        ("NL;8XKV41;2026-01-01;2099-01-01;x", Format.AUTOVU),
        ("NL\t8XKV41\t2026-01-01\t2099-01-01\t", Format.AUTOVU),
        ("NL;8XKV41;2026-01-01;2099-01-01", Format.CSV),
        ("NL;8XKV41,2026-01-01;2099-01-01;x", Format.CSV),
        ("8XKV41", Format.PLAIN),
        ("8XKV41:NLD:x", Format.PLAIN),
        ("", Format.PLAIN),
    ],
)
def test_a_doubt_about_the_format_is_decided_by_one_rule(start: str, expected: Format) -> None:
    assert form_of(start) is expected


@given(st.text())
def test_every_first_line_has_one_format_or_is_an_array(start: str) -> None:
    try:
        assert form_of(start) in NAMED
    except UnreadableHotlist:
        assert start.strip().startswith("[")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.PLAIN, "GV-123-B"),
        (Format.CSV, "owner,plate\nx,GV-123-B"),
        (Format.JSON_LINES, '{"plate": "GV-123-B"}'),
        (Format.NEDAP, "GV-123-B;NLD;x"),
        (Format.AUTOVU, "NL;GV-123-B;2026-01-01;2099-01-01;x"),
    ],
)
def test_a_format_that_is_named_is_not_looked_for(form: Format, text: str) -> None:
    loaded = read(text, form)
    assert (loaded.format, [one.plate for one in loaded.hotlist]) == (form, ["GV123B"])
    named = read("8XKV41;NLD;x\n", Format.PLAIN)
    assert (named.format, named.rows) == (Format.PLAIN, 1)


def test_a_first_row_that_is_broken_spoils_no_file_whose_format_is_named() -> None:
    nedap = "8XKV41;NLD\nGV123B;NLD;x\n"
    with pytest.raises(UnreadableHotlist):
        read(nedap)
    loaded = read(nedap, Format.NEDAP)
    assert ([one.plate for one in loaded.hotlist], loaded.rows) == (["GV123B"], 2)
    autovu = read("8XKV41\nNL;GV123B;2026-01-01;2099-01-01;x", Format.AUTOVU)
    assert ([one.plate for one in autovu.hotlist], autovu.rows) == (["GV123B"], 2)


def test_a_file_that_is_not_in_the_format_named_is_refused_or_has_no_good_row() -> None:
    with pytest.raises(UnreadableHotlist, match="plate: this column is missing"):
        read('{"plate": "8XKV41"}', Format.CSV)
    for form in (Format.JSON_LINES, Format.NEDAP, Format.AUTOVU):
        assert (len(read("8XKV41\nGV123B\n", form).hotlist), form) == (0, form)


@pytest.mark.parametrize("form", NAMED)
def test_a_file_of_nothing_is_an_empty_list_in_every_format_but_csv(form: Format) -> None:
    if form is Format.CSV:
        with pytest.raises(UnreadableHotlist, match="plate: this column is missing"):
            read("", form)
    else:
        assert read("\n# synthetic\n", form).rows == 0


@pytest.mark.parametrize("read_file", [read_hotlist, read_delta])
def test_a_file_is_in_a_format_or_mapped_and_not_both(read_file: object) -> None:
    assert callable(read_file)
    for form, mapping in ((Format.NEDAP, MAPPING), (Format.MAPPED, None)):
        with pytest.raises(ValueError, match="not both"):
            read_file([b"8XKV41"], form=form, mapping=mapping)

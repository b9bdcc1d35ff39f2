"""A hotlist file -> entries and rejects. All plates are synthetic."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Format, Loaded, read_hotlist, read_hotlist_file
from plate_match.feed.cells import MOST_LINES
from plate_match.hotlist import Category, Dissemination, Entry, Purpose, Wanted
from plate_match.normalize import normalize
from plate_match.plate import Pattern, Plate

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def read(text: str | bytes, feed: str = "east") -> Loaded:
    return read_hotlist([text if isinstance(text, bytes) else text.encode()], feed=feed, now=NOW)


def plates(loaded: Loaded) -> list[str]:
    return [str(entry.plate) for entry in loaded.hotlist]


def reasons(loaded: Loaded) -> dict[int, str]:
    return {reject.row: reject.reason for reject in loaded.rejects}


def row(**fields: object) -> str:
    return json.dumps({"plate": "8XKV41"} | fields)


FULL_ROW = {
    "reference": "R-1",
    "feed": "east",
    "wanted": "plate",
    "plate": "8-XKV-41",
    "country": "NL",
    "category": "stolen-plate",
    "priority": 7,
    "instruction": "keep your distance; call the control room",
    "warnings": ["armed", "may flee"],
    "make": "Volvo",
    "model": "V70",
    "colour": "red",
    "kind": "car",
    "plateColour": "yellow",
    "persons": ["tall man, grey coat"],
    "duplicateCode": 1,
    "validFrom": "2026-11-01T00:00:00+01:00",
    "validUntil": "2026-12-01T00:00:00.5Z",
    "legalGround": "Wpg 20",
    "purpose": "public-order",
    "dissemination": "dispatch-only",
    "partners": ["Synthetic North", "Synthetic South"],
    "owner": "info desk",
    "contact": "0900-0000",
    "test": True,
}
FULL_ENTRY = Entry(
    reference="R-1",
    feed="east",
    wanted=Wanted.PLATE,
    plate=Plate("8XKV41"),
    country="NL",
    category=Category.STOLEN_PLATE,
    priority=7,
    instruction="keep your distance; call the control room",
    warnings=("armed", "may flee"),
    make="Volvo",
    model="V70",
    colour="red",
    kind="car",
    plate_colour="yellow",
    persons=("tall man, grey coat",),
    duplicate_code=1,
    valid_from=datetime(2026, 10, 31, 23, 0, tzinfo=UTC),
    valid_until=datetime(2026, 12, 1, 0, 0, 0, 500_000, tzinfo=UTC),
    legal_ground="Wpg 20",
    purpose=Purpose.PUBLIC_ORDER,
    dissemination=Dissemination.DISPATCH_ONLY,
    partners=("Synthetic North", "Synthetic South"),
    owner="info desk",
    contact="0900-0000",
    test=True,
)


def as_cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "|".join(value) if isinstance(value, list) else str(value)


def test_every_field_is_read_from_json_lines() -> None:
    loaded = read(json.dumps(FULL_ROW))
    assert loaded == Loaded(Format.JSON_LINES, loaded.hotlist, ())
    assert loaded.hotlist.entries == (FULL_ENTRY,)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_every_field_is_read_from_csv(delimiter: str) -> None:
    cells = [f'"{as_cell(value)}"' for value in FULL_ROW.values()]
    loaded = read(f"{delimiter.join(FULL_ROW)}\n{delimiter.join(cells)}\n")
    assert loaded == Loaded(Format.CSV, loaded.hotlist, ())
    assert loaded.hotlist.entries == (FULL_ENTRY,)


def test_a_plain_list_has_one_plate_a_line_in_any_spelling() -> None:
    loaded = read("# synthetic\n\n8XKV41\n 8-xkv-42 \n  # more\nNL-8XKV-43\n")
    assert loaded.format is Format.PLAIN
    assert plates(loaded) == ["8XKV41", "8XKV42", "8XKV43"]
    assert [entry.feed for entry in loaded.hotlist] == ["east"] * 3
    assert (loaded.rows, loaded.rejects) == (3, ())


@pytest.mark.parametrize("heading", ["Plate", "PLATES", "plates", " kenteken ", "Kentekens"])
def test_the_heading_of_a_plain_list_is_no_plate(heading: str) -> None:
    loaded = read(f"# synthetic\n{heading}\n8XKV41\n{heading}\n")
    assert (loaded.format, plates(loaded)) == (Format.PLAIN, ["8XKV41"])
    assert reasons(loaded) == {2: "plate: is a heading", 4: "plate: holds no digit"}


def test_a_word_in_a_plain_list_is_no_plate_unless_it_spells_one() -> None:
    loaded = read("acht xray kilo victor vier een\nSYNTHETIC\n\nABCDEF\n8XKV42\n")
    assert plates(loaded) == ["8XKV41", "8XKV42"]
    assert reasons(loaded) == dict.fromkeys((2, 4), "plate: holds no digit")


def test_where_a_name_says_that_it_is_a_plate_it_may_be_without_digits() -> None:
    assert plates(read("plate,owner\nABCDEF,x\n")) == ["ABCDEF"]
    assert plates(read(row(plate="ABCDEF"))) == ["ABCDEF"]


def test_a_file_of_nothing_is_an_empty_list() -> None:
    for nothing in ("", "\n\n", "# only words\n", "plate\n", "\ufeff"):
        assert read(nothing).rows == 0
    assert read_hotlist([]).rows == 0


def test_good_rows_load_beside_bad_ones_which_say_why() -> None:
    end = "2026-11-24T12:00:00Z"
    loaded = read(
        b"\xef\xbb\xbfplate;category;validUntil\r\n"
        b"8XKV41;robbery;\r\n"
        b"8XKV42;caf\x81;\r\n"
        b"\r\n"
        b"8XKV43;robbery\r\n"
        b'8XKV44;"robbery;\r\n'
        b"8XKV45;theft;2026-11-30\r\n"
        b"8XKV41;robbery;\r\n"
        b"8XKV41;fines;\r\n" + f"8XKV46;;{end}\r\n".encode() + b";;\r\n"
        b"8XK*41;;\r\n"
        b"...;;\r\n"
    )
    assert plates(loaded) == ["8XKV41", "8XKV41"]
    assert [entry.category for entry in loaded.hotlist] == [Category.ROBBERY, Category.FINES]
    found = reasons(loaded)
    assert found[3] == "encoding: the line is not UTF-8"
    assert found[5] == "columns: 2, where the header has 3"
    assert found[6] == "quotes: one is missing, or out of place"
    assert found[7].startswith("category: must be one of robbery, ")
    assert "; validUntil: is only a date; give time and offset" in found[7]
    assert found[8] == "duplicate: the same entry as in row 2"
    assert found[10] == "expired: validUntil has passed"
    assert found[11] == "plate: is missing"
    assert found[12].startswith("plate: has * inside, or twice; give the places")
    assert found[13].startswith("plate: ")
    assert loaded.rows == 11


def test_an_entry_is_good_until_the_moment_it_ends() -> None:
    just_before = (NOW + timedelta(microseconds=1)).isoformat()
    assert read(row(validUntil=just_before)).rejects == ()
    ended = row(validUntil=NOW.isoformat())
    assert reasons(read(ended)) == {1: "expired: validUntil has passed"}
    assert len(read_hotlist([ended.encode()]).hotlist) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"plate": None}, "plate: is missing"),
        ({"plate": 812345}, "plate: must be a text"),
        ({"plate": None, "make": "BMW", "wanted": "plate"}, "plate: is missing"),
        (
            {"plate": "[8B]XKV41"},
            "plate: holds a doubt in brackets; list each plate that it may be",
        ),
        ({"plate": "12-34-56-78-90-12"}, "plate: has more than 10 places"),
        ({"plate": "1?"}, "plate: has fewer than 3 places; add * at the end that is not known"),
        ({"reference": 1}, "reference: must be a text"),
        ({"reference": "x" * 101}, "reference: is longer than 100 characters"),
        ({"owner": "a\0b"}, "owner: holds a character that cannot be shown"),
        ({"owner": "\ud800"}, "owner: holds a character that cannot be shown"),
        ({"wanted": "person"}, "wanted: must be one of vehicle, plate"),
        ({"wanted": ["vehicle"]}, "wanted: must be one of vehicle, plate"),
        ({"priority": True}, "priority: must be a whole number from 0 to 100"),
        ({"priority": 5.0}, "priority: must be a whole number from 0 to 100"),
        ({"priority": 101}, "priority: must be a whole number from 0 to 100"),
        ({"priority": -1}, "priority: must be a whole number from 0 to 100"),
        ({"duplicateCode": "1"}, "duplicateCode: must be a whole number from 0 to 99"),
        ({"test": 1}, "test: must be true or false"),
        ({"warnings": "armed"}, "warnings: must be a list of texts"),
        ({"warnings": [1]}, "warnings: must be a text"),
        ({"partners": ["Synthetic North", " "]}, "partners: must hold no blank name"),
        ({"partners": [""]}, "partners: must hold no blank name"),
        ({"persons": ["x"] * 21}, "persons: holds more than 20 texts"),
        ({"country": "nl"}, "country: must be two capitals, as in NL"),
        ({"country": "NLD"}, "country: must be two capitals, as in NL"),
        ({"feed": "west"}, "feed: the entry belongs to another feed"),
        ({"action": "add"}, "action: belongs in a delta file; this is read as a full one"),
        ({"stolenFrom": "x"}, "unknown: stolenFrom is no field of an entry"),
        ({"8XKV41": "x"}, "unknown: a name is no field of an entry"),
        ({"plate": 1, "test": 1}, "plate: must be a text; test: must be true or false"),
        (
            {"validFrom": "2026-12-02T00:00:00Z", "validUntil": "2026-12-02T00:00:00Z"},
            "validUntil: must be after validFrom",
        ),
    ],
)
def test_a_row_with_a_fault_is_refused_with_its_reason(
    fields: dict[str, object], reason: str
) -> None:
    loaded = read(row(**fields))
    assert reasons(loaded) == {1: reason}
    assert loaded.rows == 1


@pytest.mark.parametrize(
    "time",
    [
        "2026-12-01",
        "2026-12-01T00:00:00",
        "2026-12-01 00:00:00Z",
        "2026-12-01T24:00:00Z",
        "2026-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2026-W49-1T00:00:00Z",
        "1764547200",
        "",
    ],
)
def test_a_time_that_is_none_or_has_no_offset_is_refused(time: str) -> None:
    ((_, reason),) = reasons(read(row(validUntil=time))).items()
    assert reason.startswith("validUntil: ")


def test_a_time_may_have_any_offset() -> None:
    texts = [
        "2026-12-01T01:30:00+05:30",
        "2026-11-30t20:00:00z",
        "2026-11-30T20:00:00.000000-00:00",
    ]
    loaded = read("\n".join(row(reference=str(n), validUntil=t) for n, t in enumerate(texts)))
    assert {entry.valid_until for entry in loaded.hotlist} == {
        datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    }


def test_what_is_null_or_blank_is_as_if_it_were_not_there() -> None:
    fields = {"country": None, "make": " ", "warnings": [""], "priority": None, "reference": " a "}
    assert read(row(**fields)).hotlist.entries == (
        Entry(plate=Plate("8XKV41"), feed="east", reference="a"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"plate": "8XKV41"',
        '{"plate": "8XKV41"} {"plate": "8XKV42"}',
        '{"plate": "8XKV41", "plate": "8XKV42"}',
        '{"plate": "8XKV41", "priority": NaN}',
        '{"plate": "8XKV41", "priority": Infinity}',
        '{"plate": "8XKV41", "priority": ' + "9" * 5_000 + "}",
        '{"warnings": ' + "[" * 50_000,
        "[1]",
        "8XKV41",
    ],
)
def test_a_broken_line_of_json_is_refused_alone(line: str) -> None:
    loaded = read(f"{row(reference='1')}\n{line}\n{row(reference='3')}\n")
    ((number, reason),) = reasons(loaded).items()
    assert (number, reason.partition(": ")[0]) == (2, "json")
    assert len(loaded.hotlist) == 2
    assert "8XKV" not in reason


def test_what_is_wrong_with_json_is_told_in_our_words() -> None:
    long = '{"plate": "8XKV41", "priority": ' + "9" * 5_000 + "}"
    lines = [row(), long, '{"plate": "8XKV41", "plate": ""}', '{"priority": NaN}', "{"]
    assert reasons(read("\n".join(lines))) == {
        2: "json: a number is too long",
        3: "json: a name occurs twice",
        4: "json: NaN and Infinity are no numbers",
        5: "json: broken at character 2",
    }


def test_a_feed_may_be_named_by_the_rows_where_the_caller_names_none() -> None:
    loaded = read(f"{row(feed='west')}\n{row(feed='east')}\n{row()}", feed="")
    assert [entry.feed for entry in loaded.hotlist] == ["west", "east", ""]


def test_quotes_may_hold_delimiters_quotes_and_line_breaks() -> None:
    loaded = read('plate,instruction\r\n8XKV41,"first, ""second""\r\nthird"\r\n8XKV42,5" rim\r\n')
    assert [entry.instruction for entry in loaded.hotlist] == [
        'first, "second"\nthird',
        '5" rim',
    ]
    assert loaded.rejects == ()


def test_an_open_quote_spoils_only_its_own_row() -> None:
    good = [f"8XKV{number},x" for number in range(10, 30)]
    loaded = read("\n".join(["plate,owner", '8XKV41,"x', *good, '8XKV42,"y']))
    assert plates(loaded) == [line[:6] for line in good]
    assert sorted(reasons(loaded)) == [2, 23]


def test_an_open_quote_is_looked_for_no_further_than_a_few_lines() -> None:
    inside = "\n" * (MOST_LINES - 1)
    assert len(read(f'plate,owner\n8XKV41,"x{inside}"').hotlist) == 1
    assert reasons(read(f'plate,owner\n8XKV41,"x{inside}\n"')) == dict.fromkeys(
        (2, 2 + MOST_LINES), "quotes: one is missing, or out of place"
    )


def test_lines_looked_at_for_a_broken_row_are_looked_at_again_for_the_next() -> None:
    loaded = read('owner,contact,plate\na,b,"8XKV41\nx",y"z,"8XKV42\n"\nc,d,8XKV43\n')
    assert sorted(reasons(loaded)) == [2]
    assert plates(loaded) == ["8XKV42", "8XKV43"]


def test_a_line_in_another_encoding_ends_an_open_quote() -> None:
    loaded = read(b'plate,owner\n8XKV41,"x\n\x81\n"\n8XKV42,y\n')
    assert sorted(reasons(loaded)) == [2, 3, 4]
    assert plates(loaded) == ["8XKV42"]


def test_comments_before_the_first_row_are_allowed_in_every_format() -> None:
    assert read(f"# synthetic\n{row()}").format is Format.JSON_LINES
    assert read("# synthetic\nplate,owner\n8XKV41,x").format is Format.CSV


def test_a_broken_line_at_the_top_is_counted_too() -> None:
    for start in (b"\x81\nplate,owner\n8XKV41,x", b"\x81\n8XKV41", b"\x81\n" + row().encode()):
        loaded = read(start)
        assert reasons(loaded) == {1: "encoding: the line is not UTF-8, nor Windows-1252"}
        assert plates(loaded) == ["8XKV41"]
    assert reasons(read(b"\x81")) == {1: "encoding: the line is not UTF-8, nor Windows-1252"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("8XKV41\n8XKV42".encode("utf-16-le"), "the file is no text in UTF-8"),
        (b"PK\x03\x04\x00\x00", "the file is no text in UTF-8"),
        (b'[{"plate": "8XKV41"}]', "the file is a JSON array"),
        (b'[\n{"plate": "8XKV41"}]', "the file is a JSON array"),
        (b'plate,"reference', "the quotes in the header do not match"),
        (
            b"reference,Kenteken,reference,action,8XKV41\n",
            (
                "the header in line 1: unknown: Kenteken is no field of an entry; "
                "action: belongs in a delta file; this is read as a full one; "
                "unknown: a name is no field of an entry; "
                "reference: occurs twice; plate: this column is missing"
            ),
        ),
    ],
)
def test_a_file_that_is_no_hotlist_is_refused_as_a_whole(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableHotlist) as caught:
        read(content)
    assert str(caught.value).startswith(message)
    assert "8XKV" not in str(caught.value)


def test_a_file_is_read_from_its_path_and_watched(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("8XKV41\n")
    pieces: list[bytes] = []
    loaded = read_hotlist_file(path, pieces.append, feed="east", now=NOW)
    assert (plates(loaded), pieces) == (["8XKV41"], [b"8XKV41\n"])


def test_a_file_that_is_not_there_is_unreadable_and_its_name_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableHotlist, match=r"^the file cannot be read: No such file"
    ) as caught:
        read_hotlist_file(tmp_path / "8XKV41.txt")
    assert "8XKV41" not in str(caught.value)


FRAGMENTS = st.sampled_from(
    [
        b"8XKV41", b"8XKV42", b"8-xkv-43", b"plate", b"category", b"robbery", b",", b";", b'"',
        b"\n", b"\r\n", b"#", b"{", b"}", b'{"plate": "8XKV41"}', b'{"plate":', b"\xe9", b"\0",
        b"\x81", b"\xef\xbb\xbf", b"?", b" ", b"[", b"]", b"NaN", b"\xed\xa0\x80",
    ]
)  # fmt: skip
FILES = st.one_of(st.binary(max_size=60), st.lists(FRAGMENTS, max_size=40).map(b"".join))


@given(FILES, st.sampled_from([b"", b"plate,category\n", row().encode() + b"\n", b"8XKV41\n"]))
def test_no_bytes_do_more_harm_than_to_be_refused(content: bytes, start: bytes) -> None:
    loaded, refusal = read_or_refuse(start + content)
    numbers = [reject.row for reject in loaded.rejects]
    assert numbers == sorted(set(numbers))
    assert all("8XKV4" not in reason for reason in [refusal, *reasons(loaded).values()])


def read_or_refuse(content: bytes) -> tuple[Loaded, str]:
    try:
        return read(content), ""
    except UnreadableHotlist as fault:
        return read(""), str(fault)


@given(st.text("ANL018X", min_size=6, max_size=6))
def test_six_plain_symbols_are_read_as_normalize_would(text: str) -> None:
    expected = normalize(text)
    assert [entry.plate for entry in read(text).hotlist] == [
        plate for plate in [expected] if isinstance(plate, Plate) and any(map(str.isdigit, plate))
    ]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.fixed_dictionaries({"plate": CELLS | st.integers()}, optional={
    "owner": CELLS, "priority": st.integers(-5, 105) | st.booleans(), "test": st.booleans(),
    "other": st.none(),
})))  # fmt: skip
def test_every_row_is_accepted_or_refused_exactly_once(rows: list[dict[str, object]]) -> None:
    loaded = read("".join(json.dumps(fields) + "\n" for fields in rows))
    assert loaded.rows == len(rows)
    refused = {reject.row for reject in loaded.rejects}
    assert len(refused) == len(loaded.rejects)
    assert refused <= set(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    "text",
    [
        '{"plate": "12-X?-..", "make": "BMW"}\n{"plate": "*V41"}\n{"colour": "red"}\n',
        "plate,make,colour\n12-X?-..,BMW,\n*V41,,\n,,red\n",
    ],
)
def test_a_plate_may_be_a_pattern_or_absent_where_the_vehicle_is_described(text: str) -> None:
    loaded = read(text)
    assert loaded.rejects == ()
    known = [entry.plate for entry in loaded.hotlist]
    assert known == [Pattern(tuple("12X???")), Pattern(tuple("*V41")), None]


def test_a_plain_list_takes_patterns_that_hold_a_digit() -> None:
    loaded = read("8-XKV-41\n12-X?-..\nGV-???\nsee the *\n")
    assert plates(loaded) == ["8XKV41", "12X???"]
    assert set(reasons(loaded)) == {3, 4}

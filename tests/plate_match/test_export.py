"""An export is read as the csv module would, whatever its quotes, or refused with every fault."""

import csv
import io
from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableExport
from plate_match.export import LONGEST_FIELD, LONGEST_ROW, Block, Faults, read_export
from plate_match.grammar import plates_at
from plate_match.keys import plates_of
from plate_match.plate import Plate
from plate_match.registration import MOST_NAMES, Registration, register

NEEDED, ALSO = ("kenteken", "voertuigsoort"), ("merk",)
FIELDS = st.text('aé ,;"\n\r|Z', max_size=6)
HEADER = b"kenteken,voertuigsoort,export_indicator\n"


@st.composite
def _written(draw: st.DrawFn, *, delimiter: str) -> tuple[list[list[str]], bytes]:
    """Rows and a way to write them down; quotes wherever they are needed, or everywhere."""
    rows = draw(st.lists(st.lists(FIELDS, min_size=4, max_size=4), max_size=8))
    # A lone return at the end of a row would need quotes, and this writer sets none there.
    rows = [[*row[:-1], row[-1].rstrip("\r")] for row in rows]
    table = [["anders", "merk", "kenteken", "voertuigsoort"], *rows]
    file = io.StringIO()
    everywhere = draw(st.booleans())
    ending = draw(st.sampled_from(("\n", "\r\n")))
    writer = csv.writer(
        file,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if everywhere else csv.QUOTE_MINIMAL,
        lineterminator=ending,
    )
    writer.writerows(table)
    text = file.getvalue()
    if draw(st.booleans()):
        text += ending + ending
    return rows, text.encode("utf-8-sig" if draw(st.booleans()) else "utf-8")


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[begin : begin + size] for begin in range(0, len(data), size)]


def blocks_of(pieces: Sequence[bytes]) -> list[Block]:
    faults = Faults()
    found = list(read_export(pieces, NEEDED, ALSO, faults=faults))
    faults.refuse_any()
    return found


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableExport) as told:
        register([data])
    return str(told.value)


@given(
    st.sampled_from(",;").flatmap(lambda one: _written(delimiter=one)), st.sampled_from((1, 7, 999))
)
def test_fields_are_those_the_csv_module_wrote(
    written: tuple[list[list[str]], bytes], size: int
) -> None:
    rows, data = written
    blocks = blocks_of(cut(data, size))
    for place, name in ((1, "merk"), (2, "kenteken"), (3, "voertuigsoort")):
        fields = [text for block in blocks for text in block.columns[name].tolist()]
        read = [text.replace(b'""', b'"').decode() for text in fields]
        assert read == [row[place] for row in rows]
    lines = [line for block in blocks for line in block.lines.tolist()]
    assert lines == sorted(lines)
    assert lines[:1] == [2][: len(rows)]


@given(st.lists(st.sampled_from(("GB123K", "8XKV41", "1ABC234")), max_size=20), st.integers(1, 60))
def test_it_does_not_matter_where_the_bytes_are_cut(plates: list[str], size: int) -> None:
    rows = "".join(f"{plate},Bus,{'Nee' if at % 3 else 'Ja'}\n" for at, plate in enumerate(plates))
    data = HEADER + b"GB999K,Bus,Nee\n" + rows.encode()
    assert told(register(cut(data, size))) == told(register([data]))


def told(found: Registration) -> tuple[object, ...]:
    return (found.codes.tolist(), found.keys.tolist(), found.makes, found.rows, found.exported)


def test_names_of_columns_are_taken_in_any_case_and_with_spaces() -> None:
    data = b"Kenteken;Voertuigsoort;Export indicator;Eerste kleur\nGB123K;Bus;Nee;ROOD\n"
    found = register([data])
    assert (len(found.codes), found.colours, found.makes) == (1, {"Bus": {"ROOD": 1}}, {})


def test_plates_are_taken_in_any_spelling() -> None:
    spelled = ["gb-123-k", "GB 123 K", "GB123K", "1-abc-234", "ZZZZZZ", "AB1"]
    found = register([HEADER + "".join(f"{one},Bus,Nee\n" for one in spelled).encode()])
    assert (len(found.codes), len(found.keys), found.rows) == (1, 3, 6)


def test_vehicles_that_were_exported_are_counted_and_left_out() -> None:
    data = HEADER + b"GB123K,Bus,JA\n????,Bus,Ja\nGB124K,Bus,nee\n"
    found = register([data])
    assert (len(found.codes), found.rows, found.exported) == (1, 3, 2)


def test_makes_and_colours_are_counted_by_kind_in_their_own_spelling() -> None:
    rows = (
        b"kenteken,voertuigsoort,export_indicator,merk,eerste_kleur\n"
        b"GB123K,Personenauto,Nee,SYN,GRIJS\nGB124K,Personenauto,Nee,SYN ,Niet geregistreerd\n"
        b'GB125K,Personenauto,Nee,"S ""Y"" N",GRIJS\nGB126K,Bedrijfsauto,Nee,SYN,N.v.t.\n'
        b"GB127K,Personenauto,Ja,GONE,ROOD\n"
    )
    found = register([rows])
    assert found.makes == {
        "Personenauto": {"SYN": 2, 'S "Y" N': 1},
        "Bedrijfsauto": {"SYN": 1},
    }
    assert found.colours == {
        "Personenauto": {"GRIJS": 2, "Niet geregistreerd": 1},
        "Bedrijfsauto": {"N.v.t.": 1},
    }


def test_every_fault_is_named_with_its_line_and_no_plate() -> None:
    message = refused(
        HEADER
        + b"GB123K,Bus\n"  # 2
        + b"\n"
        + b"GB123K,Bus,Nee,\n"  # 4
        + b"G?123K,Bus,Nee\n"  # 5
        + b"GB123K,Bus,Misschien\n"  # 6
        + b"GB124K,Bus,Nee\n"
        + b"GB125K," + b"x" * (LONGEST_FIELD + 1) + b",Nee\n"  # 8
        + b"GB126K,B\xfcs,Nee\n"  # 9
    )  # fmt: skip
    expected = (
        "line 2: has not the 3 columns of the header",
        "line 4: has not the 3 columns of the header",
        "line 5: kenteken is no plate of 3 to 10 symbols A-Z and 0-9",
        "line 6: export_indicator is neither Ja nor Nee",
        "line 8: voertuigsoort has more than 100 bytes",
        "line 9: is not UTF-8",
    )
    assert sorted(message.split("; ")) == sorted(expected)


def test_of_many_faults_it_is_told_how_many_more_there_are() -> None:
    message = refused(HEADER + b"GB123K\n" * 1234)
    assert message.startswith("line 2: has not the 3 columns of the header; line 3: ")
    assert message.endswith("; line 21: has not the 3 columns of the header; and 1,214 more")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no column kenteken; no column voertuigsoort; no column export_indicator"),
        (b"\n\n", "no column kenteken; no column voertuigsoort; no column export_indicator"),
        (b"kenteken,merk,kenteken\n", ("no column voertuigsoort; no column export_indicator; "
         "column kenteken stands there twice")),
        (HEADER.decode().encode("utf-16"), "the file is UTF-16 or binary, not UTF-8"),
        (HEADER.decode().encode("utf-16-le"), "the file is UTF-16 or binary, not UTF-8"),
        (b"kent\xe9ken,voertuigsoort\n", "the header is not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_export_is_refused(data: bytes, message: str) -> None:
    assert refused(data) == message


@pytest.mark.parametrize(
    "row", [b"GB124K,Bu", b'GB124K,"Bus', b'"GB124K","Bus","Nee', b"GB124K,Bus,N"]
)
def test_a_last_line_that_was_cut_short_is_told(row: bytes) -> None:
    message = refused(HEADER + b"GB123K,Bus,Nee\n" + row)
    assert message.startswith("line 3: ")
    assert ("cut short" in message) is (row[-2:] != b",N")


def test_a_last_line_without_an_end_is_as_good_as_any_if_it_is_whole() -> None:
    assert register([HEADER + b"GB123K,Bus,Nee\nGB124K,Bus,Nee"]).rows == 2
    with pytest.raises(UnreadableExport, match="no vehicle"):
        register([HEADER.rstrip()])


def test_a_quote_that_is_never_closed_does_not_fill_the_memory() -> None:
    pieces = (b'"' if at == 0 else b"GB123K,Bus,Nee\n" * 4096 for at in range(10**9))
    with pytest.raises(UnreadableExport, match=f"longer than {LONGEST_ROW:,} bytes"):
        register(chain([HEADER], pieces))


def test_a_column_of_names_that_holds_something_else_is_refused() -> None:
    header = HEADER.replace(b"\n", b",merk\n")
    rows = (f"GB{at % 1000:03d}K,Bus,Nee,{at}\n".encode() for at in range(MOST_NAMES + 2))
    with pytest.raises(UnreadableExport, match="column merk has more than 200,000 values"):
        register([header, *cut(b"".join(rows), 1 << 20)])


def test_plates_are_where_the_grammar_has_them() -> None:
    found = register([HEADER + b"GB123K,Bus,Nee\nABC,Bus,Nee\n"])
    assert plates_at(found.codes) == [Plate("GB123K")]
    assert plates_of(found.keys) == [Plate("ABC")]
    assert found.codes.dtype == np.int64

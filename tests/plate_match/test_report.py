import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.channel import Source
from plate_match.errors import UnreadablePlate, UnsupportedReport
from plate_match.normalize import parse
from plate_match.plate import Pattern, Plate
from plate_match.report import Look, SymbolRead, read_of, require_symbols, symbols_of
from plate_match.sidecode import format_plate
from tests.strategies import plates


def seen(text: str) -> list[SymbolRead]:
    return [SymbolRead(one, place / 100) for place, one in enumerate(text)]


@given(plates())
def test_each_symbol_keeps_its_own_confidence_and_dashes_have_none(plate: Plate) -> None:
    text = format_plate(plate)
    read = read_of(text, seen(text))
    assert read.pattern == parse(text)
    assert read.confidences == tuple(place / 100 for place, one in enumerate(text) if one.isalnum())


def test_alternatives_become_alternatives_of_their_place() -> None:
    symbols = seen("b1-?")
    symbols[0] = SymbolRead("b", 0.4, ("8", "B"))
    symbols[3] = SymbolRead("?", None, ("x", "K"))
    assert read_of("b1-?", symbols).pattern == Pattern(("8B", "1", "KX"), (2,))


def test_without_symbols_a_read_is_its_text() -> None:
    assert read_of("begint met 12", ()).pattern == parse("begint met 12")


def test_a_country_prefix_that_is_no_part_of_the_plate_takes_its_symbols_with_it() -> None:
    assert read_of("NL-8-XKV-41", seen("NL-8-XKV-41")).confidences == (
        0.03, 0.05, 0.06, 0.07, 0.09, 0.10,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["begint met 12", "[8B]X", "anton bernhard"])
def test_a_read_that_is_not_typed_symbol_by_symbol_takes_no_symbols(text: str) -> None:
    with pytest.raises(UnsupportedReport):
        read_of(text, seen(text))


@given(st.text(max_size=64))
def test_any_text_is_weighed_or_refused(text: str) -> None:
    try:
        read = read_of(text, seen(text))
    except (UnreadablePlate, UnsupportedReport):
        return
    assert len(read.confidences) in {0, len(read.pattern.symbols)}


def test_a_gap_has_no_alternatives() -> None:
    symbols = [SymbolRead("8"), SymbolRead("*", None, ("7",))]
    assert read_of("8*", symbols).pattern == parse("8*")


def test_a_camera_types_no_words_and_its_dashes_are_dashes() -> None:
    assert read_of("3TH-50", source=Source.CAMERA).pattern == Pattern(tuple("3TH50"), (3,))
    assert read_of("3TH-50").pattern.symbols == ("3", "T", "H", "?", "5", "0")


@pytest.mark.parametrize("mark", ["?", "_", "#"])
def test_every_mark_of_a_symbol_not_read_has_its_place(mark: str) -> None:
    text = f"8X{mark}V41"
    read = read_of(text, seen(text))
    assert read.pattern.symbols == ("8", "X", "?", "V", "4", "1")
    assert len(read.confidences) == 6


def test_confidences_alone_are_one_a_character_or_none() -> None:
    assert symbols_of("8X", (0.5, 1.0)) == (SymbolRead("8", 0.5), SymbolRead("X", 1.0))
    assert symbols_of("8X", ()) == ()
    with pytest.raises(UnreadablePlate, match="one confidence for each character"):
        symbols_of("8X", (0.5,))


def test_a_report_of_too_few_symbols_is_refused_and_one_good_look_is_enough() -> None:
    vague, better = Look(read_of("8?")), Look(read_of("8X*"))
    require_symbols((vague, better), 2)
    with pytest.raises(UnreadablePlate, match="too little was read: 3 symbols"):
        require_symbols((vague, better), 3)

"""A Plate is whole and clean or does not exist; a Pattern has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.plate import GAP, SYMBOLS, UNKNOWN, Pattern, Plate, symbols_of
from tests.strategies import patterns, plates, sidecode_plates


class TestPlate:
    @given(plates())
    def test_a_plate_is_its_text(self, plate: Plate) -> None:
        assert plate == str(plate)
        assert hash(plate) == hash(str(plate))

    @pytest.mark.parametrize(
        "text", ["", "8X", "8XKV418XKV4", "8-XKV-41", "8xkv41", "8XKV4?", "8XKV4\u0661", "8 XKV4"]
    )
    def test_anything_else_is_refused_without_being_repeated(self, text: str) -> None:
        with pytest.raises(ValueError, match="a plate is 3 to 10 symbols") as fault:
            Plate(text)
        assert text == "" or text not in str(fault.value)


class TestPattern:
    @given(patterns())
    def test_compact_is_the_spelling_without_separators(self, pattern: Pattern) -> None:
        assert pattern.compact == str(pattern).replace("-", "")

    @given(patterns())
    def test_every_place_is_known_unknown_or_a_gap(self, pattern: Pattern) -> None:
        open_places = pattern.symbols.count(UNKNOWN) + pattern.symbols.count(GAP)
        assert pattern.known + open_places == len(pattern.symbols)
        assert pattern.is_plain == (
            pattern.known == len(pattern.symbols) and "[" not in str(pattern)
        )

    def test_a_doubt_between_neighbours_in_the_alphabet_is_not_plain(self) -> None:
        assert not Pattern(("0", "0", "01")).is_plain

    def test_symbols_are_spelled_with_their_separators(self) -> None:
        assert str(Pattern(("8B", "X", UNKNOWN, GAP), (1, 3))) == "[8B]-X?-*"


@given(st.lists(sidecode_plates(8), min_size=1, max_size=5))
def test_plates_of_one_length_become_places_in_the_alphabet(drawn: list[Plate]) -> None:
    places = symbols_of(drawn)
    assert places.shape == (6, len(drawn))
    assert ["".join(SYMBOLS[place] for place in column) for column in places.T] == drawn

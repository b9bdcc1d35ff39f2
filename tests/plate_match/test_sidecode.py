"""What is issued has the sidecode it was issued in, and is shown and read back without loss."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plate_match.layouts import layouts_of, shape
from plate_match.normalize import normalize, parse
from plate_match.plate import Pattern, Plate
from plate_match.sidecode import (
    SIDECODES,
    forbidden_combination,
    format_plate,
    kind_of_vehicle,
    sidecode,
    special_series,
)
from tests.strategies import patterns, plates, sidecode_plates

_NUMBERS = st.integers(1, 14)


class TestLayouts:
    @given(st.data(), _NUMBERS)
    def test_a_plate_has_the_sidecode_it_was_drawn_from(
        self, data: st.DataObject, number: int
    ) -> None:
        found = sidecode(data.draw(sidecode_plates(number)))
        assert found is not None
        assert found.number == number

    @given(st.integers(3, 10).flatmap(lambda size: st.text("AZ09", min_size=size, max_size=size)))
    def test_no_other_shape_has_one(self, text: str) -> None:
        shapes = {layout.shape for layout in SIDECODES}
        assert (sidecode(Plate(text)) is not None) == (shape(text) in shapes)

    def test_the_table_keeps_the_rules_of_the_register(self) -> None:
        assert [layout.number for layout in SIDECODES] == list(range(1, 15))
        assert len({layout.shape for layout in SIDECODES}) == 14
        for layout in SIDECODES:
            groups = layout.layout.split("-")
            assert len(groups) == 3
            assert all(len(set(group)) == 1 for group in groups)
            assert sum("9" in group for group in groups) == len(layout.digits)
            assert layout.layout == _dashed(layout.shape, layout.dashes)
            assert layout.cars_until is None or layout.since < layout.cars_until
            assert not set("CIQ") & set(layout.letters + layout.key_letters)

    def test_no_letter_next_to_a_digit_can_be_swapped_within_the_grammar(self) -> None:
        shapes = {layout.shape for layout in SIDECODES}
        for of_layout in shapes:
            for place in range(5):
                first, second = of_layout[place], of_layout[place + 1]
                swapped = of_layout[:place] + second + first + of_layout[place + 2 :]
                assert first == second or swapped not in shapes

    @given(st.data(), _NUMBERS, st.sets(st.integers(0, 5)))
    def test_hiding_symbols_never_loses_the_layout(
        self, data: st.DataObject, number: int, hidden: set[int]
    ) -> None:
        plate = data.draw(sidecode_plates(number))
        symbols = tuple("?" if i in hidden else symbol for i, symbol in enumerate(plate))
        assert SIDECODES[number - 1] in layouts_of(Pattern(symbols))

    def test_a_doubt_between_letter_and_digit_leaves_both_layouts(self) -> None:
        numbers = [layout.number for layout in layouts_of(parse("X[8B]1234"))]
        assert numbers == [1]
        assert [layout.number for layout in layouts_of(parse("XX[8B]12X"))] == [9, 11]

    @pytest.mark.parametrize("text", ["8XKV4", "8XKV412", "8XK*41", "8XKV*"])
    def test_what_is_not_six_places_has_no_layout(self, text: str) -> None:
        assert layouts_of(parse(text)) == ()


class TestDisplay:
    @given(plates())
    def test_display_and_back_is_the_identity(self, plate: Plate) -> None:
        if len(plate) == 8 and plate.startswith("NL"):
            return  # the country and a Dutch plate
        assert normalize(format_plate(plate)) == plate

    @given(st.text("ADXL019", min_size=1, max_size=6).map(lambda rest: Plate("NL" + rest)))
    @example(Plate("NLTD1"))
    @example(Plate("NL6V515"))
    @example(Plate("NLVG4E"))
    @example(Plate("NL123AB"))
    def test_what_begins_with_nl_and_is_no_country_is_shown_so_that_it_stays(
        self, plate: Plate
    ) -> None:
        if normalize(plate) == plate:
            assert normalize(format_plate(plate)) == plate

    def test_a_group_nl_is_set_apart_only_where_it_is_read_back(self) -> None:
        assert format_plate(Plate("NLTD1")) == "NLTD1"
        assert format_plate(Plate("NL1234")) == "NL-12-34"
        assert format_plate(Plate("NLL72")) == "N-LL 72"

    @given(patterns())
    def test_display_keeps_the_symbols_of_a_pattern(self, pattern: Pattern) -> None:
        assert parse(format_plate(pattern)).symbols == pattern.symbols

    @pytest.mark.parametrize(
        ("number", "plate", "shown"),
        [
            (1, "ND0001", "ND-00-01"),
            (2, "0001AD", "00-01-AD"),
            (3, "00AD01", "00-AD-01"),
            (4, "DB01BB", "DB-01-BB"),
            (5, "DBBB01", "DB-BB-01"),
            (6, "01DBBB", "01-DB-BB"),
            (7, "01GBB1", "01-GBB-1"),
            (8, "1ABC23", "1-ABC-23"),
            (9, "GB001B", "GB-001-B"),
            (10, "G001BB", "G-001-BB"),
            (11, "GBB01B", "GBB-01-B"),
            (12, "V01DBB", "V-01-DBB"),
            (13, "1GV001", "1-GV-001"),
            (14, "001GV1", "001-GV-1"),
        ],
    )
    def test_each_sidecode_is_shown_as_on_the_vehicle(
        self, number: int, plate: str, shown: str
    ) -> None:
        found = sidecode(Plate(plate))
        assert found is not None
        assert found.number == number
        assert format_plate(Plate(plate)) == shown

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("8X?V41", "8-X?V-41"),
            ("8XKV?1", "8-XKV-?1"),
            ("8X-?V-41", "8-X?V-41"),
            ("1?B??3", "1?B??3"),
            ("12*", "12*"),
        ],
    )
    def test_a_pattern_is_grouped_where_one_layout_fits(self, text: str, shown: str) -> None:
        assert format_plate(parse(text)) == shown


class TestKinds:
    @pytest.mark.parametrize(
        ("plate", "kind"),
        [
            ("1KBB00", "car"),
            ("GBB01B", "car"),
            ("66FBDX", "car"),
            ("V01DBB", "van"),
            ("00BBL8", "truck"),
            ("BB100B", "truck"),
            ("01MBBB", "motorcycle"),
            ("DBB01B", "moped"),
            ("F794KP", "light-moped"),
            ("E01DBB", "special-moped"),
            ("WB01BB", "trailer"),
            ("OB01BB", "semi-trailer"),
            ("TBB01B", "tractor"),
            ("LBB01B", "agricultural-trailer"),
            ("1GV001", "border-agricultural"),
            ("HC1234", "moped"),
            ("ND0001", None),
            ("1ABC23", None),
            ("1ABC234", None),
            ("123456", None),
        ],
    )
    def test_the_key_letter_tells_the_kind(self, plate: str, kind: str | None) -> None:
        assert kind_of_vehicle(Plate(plate)) == kind

    @given(st.data(), st.integers(4, 12))
    def test_every_key_letter_of_a_sidecode_has_one_kind(
        self, data: st.DataObject, number: int
    ) -> None:
        layout = SIDECODES[number - 1]
        assert len(set(layout.key_letters)) == len(layout.key_letters)
        letters, kind = data.draw(st.sampled_from(layout.kinds))
        plate = data.draw(sidecode_plates(number))
        key = layout.shape.index("X")
        keyed = Plate(plate[:key] + data.draw(st.sampled_from(letters)) + plate[key + 1 :])
        series = special_series(keyed)
        assert kind_of_vehicle(keyed) == (series.kind if series and series.kind else kind)


class TestOddities:
    @pytest.mark.parametrize(
        ("plate", "combination"),
        [
            ("12NSB3", "NSB"),
            ("V01BBB", "BBB"),
            ("8VVD41", "VVD"),
            ("12VVD3", None),
            ("SD001B", "SD"),
            ("SA1234", "SA"),
            ("SA001B", None),
            ("BSDB12", None),
            ("GBS01S", None),
            ("GBB01B", None),
            ("GVD1", None),
        ],
    )
    def test_a_forbidden_combination_is_named_within_its_group(
        self, plate: str, combination: str | None
    ) -> None:
        assert forbidden_combination(Plate(plate)) == combination

    @pytest.mark.parametrize(
        ("plate", "name", "shown"),
        [
            ("AA12", "royal-house", "AA-12"),
            ("AA123", "royal-house", "AA-123"),
            ("CDJ123", "international-court", "CDJ-123"),
            ("CD123", "diplomatic", "CD-123"),
            ("CDAB12", "diplomatic", "CD-AB-12"),
            ("GN7012", "tax-exempt", "GN-70-12"),
            ("12GV34", "border-traffic", "12-GV-34"),
            ("1234ZZ", "exceptional-transport", "12-34-ZZ"),
            ("HA1234", "trade", "HA-12-34"),
            ("OA1234", "trade-trailer", "OA-12-34"),
            ("A1234", "one-day", "A-12-34"),
            ("DE1234", "classic-import", "DE-12-34"),
            ("12YA34", "classic-import", "12-YA-34"),
            ("NM1234", "classic-import", "NM-12-34"),
            ("SC123X", "allied-forces", "SC-123-X"),
            ("KM1234", "army", "KM-12-34"),
            ("ABC123", "transit", "ABC-123"),
        ],
    )
    def test_special_series_are_recognised(self, plate: str, name: str, shown: str) -> None:
        series = special_series(Plate(plate))
        assert series is not None
        assert series.name == name
        assert format_plate(Plate(plate)) == shown
        assert normalize(shown) == plate

    @pytest.mark.parametrize("plate", ["8XKV41", "GBB01B", "BOR12", "AA1234"])
    def test_an_ordinary_plate_is_of_no_special_series(self, plate: str) -> None:
        assert special_series(Plate(plate)) is None


def _dashed(text: str, dashes: tuple[int, int]) -> str:
    first, second = dashes
    return f"{text[:first]}-{text[first:second]}-{text[second:]}"

"""Plates of neighbouring countries are known for what they are, and none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.foreign import countries, grouped
from plate_match.normalize import normalize
from plate_match.plate import Plate
from tests.strategies import plates, sidecode_plates


class TestCountries:
    @given(st.integers(1, 14).flatmap(sidecode_plates))
    def test_a_dutch_shape_is_dutch_first(self, plate: Plate) -> None:
        assert countries(plate)[0] == "NL"

    @given(plates())
    def test_each_country_is_named_once(self, plate: Plate) -> None:
        found = countries(plate)
        assert len(set(found)) == len(found)
        assert set(found) <= {"NL", "DE", "PL", "BE", "FR", "GB"}

    @pytest.mark.parametrize(
        ("text", "country", "shown"),
        [
            ("BOR AB 12", "DE", "BOR-AB 12"),
            ("bor-ab 1", "DE", "BOR-AB 1"),
            ("NOH X 1234", "DE", "NOH-X 1234"),
            ("ST-AB 123E", "DE", "ST-AB 123E"),
            ("MÜ-AB 12H", "DE", "MU-AB 12H"),
            ("E-AB 1234", "DE", "E-AB 1234"),
            ("1-ABC-123", "BE", "1-ABC-123"),
            ("Q-ABC-123", "BE", "Q-ABC-123"),
            ("123-ABC", "BE", "123-ABC"),
            ("WA 12345", "PL", "WA 12345"),
            ("PO 1AC23", "PL", "PO 1AC23"),
            ("WPI 1A23", "PL", "WPI 1A23"),
            ("AB-123-CD", "FR", "AB-123-CD"),
            ("LK21 ABC", "GB", "LK21 ABC"),
        ],
    )
    def test_neighbours_are_recognised_and_shown_as_they_show_themselves(
        self, text: str, country: str, shown: str
    ) -> None:
        plate = normalize(text)
        assert isinstance(plate, Plate)
        assert countries(plate)[0] == country
        assert grouped(plate) == shown
        assert normalize(shown) == plate

    def test_a_plate_can_be_of_several_countries(self) -> None:
        assert countries(Plate("ABC123")) == ("DE", "BE", "NL")
        assert countries(Plate("EL1234")) == ("NL", "DE")
        assert countries(Plate("MABC123")) == ("DE", "BE")

    @pytest.mark.parametrize("text", ["123456", "ABCDEF", "BORAB0", "QQQAB12", "BORABC123"])
    def test_a_plate_like_none_known_is_not_refused(self, text: str) -> None:
        assert countries(Plate(text)) == ()
        assert grouped(text) == text

    def test_a_series_without_a_district_in_front_is_not_german(self) -> None:
        assert "DE" not in countries(Plate("BABCD12"))
        assert "DE" not in countries(Plate("B12"))
        assert "DE" not in countries(Plate("BORAB1234E"))

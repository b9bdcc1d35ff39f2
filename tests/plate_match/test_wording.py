"""What people and registers write means the words that are compared."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.wording import (
    NOTHING,
    Words,
    colour,
    kind,
    make_and_model,
    plain,
    plate_colour,
)

REGISTER = {
    "Personenauto": "car",
    "Bedrijfsauto": "van truck",
    "Bromfiets": "moped light-moped special-moped",
    "Motorfiets": "motorcycle",
    "Aanhangwagen": "trailer",
    "Middenasaanhangwagen": "trailer",
    "Land- of bosbouwtrekker": "tractor",
    "Land- of bosb aanhw of getr uitr stuk": "agricultural-trailer",
    "Oplegger": "semi-trailer",
    "Motorrijtuig met beperkte snelheid": "slow-vehicle",
    "Driewielig motorrijtuig": "three-wheeler",
    "Mobiele machine": "mobile-machine",
    "Bus": "bus",
    "Autonome aanhangwagen": "trailer",
    "Motorfiets met zijspan": "motorcycle",
}
"""The register's whole vocabulary of kinds."""


def words(text: str) -> Words:
    return Words(text.split())


@pytest.mark.parametrize("spelled", ["VW", "Volkswagen", "vw ", "VOLKSWAGEN-VW", "Volkswagen AG"])
def test_a_make_is_one_word_in_any_spelling(spelled: str) -> None:
    assert make_and_model(spelled) == (Words({"VOLKSWAGEN"}), NOTHING)


@pytest.mark.parametrize(
    "spelled",
    ["MERCEDES-BENZ", "Mercedes Benz", "mercedesbenz", "Mercedes", "MERCEDES-AMG", "Mercedez"],
)
def test_a_dash_a_space_or_one_mistyped_letter_make_no_other_make(spelled: str) -> None:
    assert make_and_model(spelled)[0] == {"MERCEDES-BENZ"}


@pytest.mark.parametrize("spelled", ["CITROËN", "Citroen", "citroe\u0308n"])
def test_accents_do_not_count(spelled: str) -> None:
    assert make_and_model(spelled)[0] == {"CITROEN"}


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("VOLKSWAGEN", "POLO 44 KW", "VOLKSWAGEN POLO"),
        ("VOLKSWAGEN", "VW POLO", "VOLKSWAGEN POLO"),
        ("FIAT", "FIAT PANDA", "FIAT PANDA"),
        ("Peugeot", "PEUGEOT BOXER", "PEUGEOT BOXER"),
        ("PEUGEOT", "3*RFN*", "PEUGEOT"),
        ("PEUGEOT", "3*RFN* 307", "PEUGEOT 307"),
        ("CITROEN", "DS 3", "CITROEN DS"),
        ("VW Golf", None, "VOLKSWAGEN GOLF"),
        ("golf", None, "VOLKSWAGEN GOLF"),
        (None, "Golf TDI", "VOLKSWAGEN GOLF"),
        (None, "Toyota Yaris", "TOYOTA YARIS"),
        ("Zundapp", "KS 50", "ZUNDAPP KS"),
        ("onbekend", "POLO", "VOLKSWAGEN POLO"),
        ("BMW", "onbekend", "BMW"),
        ("BMW", "BMW", "BMW"),
        ("Ferd", None, "FERD"),
        ("Sead", "Ibiza", "SEAD IBIZA"),
        (None, "308", "308"),
    ],
)
def test_a_model_is_found_wherever_it_was_written(
    make: str | None, model: str | None, expected: str
) -> None:
    said, named = make_and_model(make, model)
    assert [*said, *named] == expected.split()


def test_makes_of_several_words_are_one_make() -> None:
    assert make_and_model("alfa romeo giulietta") == (Words({"ALFA ROMEO"}), Words({"GIULIETTA"}))
    assert make_and_model("Landrover", "Defender")[0] == {"LAND ROVER"}


@pytest.mark.parametrize(
    "spelled", ["zilver", "grijs", "GRIJS", "grey", "gray", "silver", "lichtgrijs", "light grey"]
)
def test_silver_is_grey(spelled: str) -> None:
    assert colour(spelled) == {"grey"}


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("donkerblauw", "blue"),
        ("donker blauw metallic", "blue"),
        ("rode", "red"),
        ("zwart/wit", "black white"),
        ("donkere auto", "black blue brown green grey purple"),
        ("licht", "beige grey white yellow"),
        ("MAUVE", "MAUVE"),
        ("N.v.t.", ""),
        ("Niet geregistreerd", ""),
        ("", ""),
        (" - ", ""),
    ],
)
def test_colours_are_what_they_can_mean(spelled: str, expected: str) -> None:
    assert colour(spelled) == words(expected)


@pytest.mark.parametrize(("spelled", "expected"), REGISTER.items())
def test_every_kind_of_the_register_is_known(spelled: str, expected: str) -> None:
    assert kind(spelled) == words(expected)
    assert kind(spelled.upper()) == words(expected)


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("busje", "van"),
        ("witte bestelbus", "van"),
        ("vrachtwagen", "truck"),
        ("scooter", "moped light-moped"),
        ("stationwagen", "car"),
        ("caravan", "trailer"),
        ("lorry", "truck"),
        ("light-moped", "light-moped"),
        ("ufo", "UFO"),
    ],
)
def test_everyday_words_for_kinds_are_known(spelled: str, expected: str) -> None:
    assert kind(spelled) == words(expected)


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [("geel", "yellow"), ("blauw", "dark-blue light-blue"), ("taxiplaat", "light-blue")],
)
def test_a_blue_plate_may_be_a_light_or_a_dark_one(spelled: str, expected: str) -> None:
    assert plate_colour(spelled) == words(expected)


def test_nothing_said_means_nothing() -> None:
    assert colour(None) == kind(None) == plate_colour(None) == NOTHING
    assert make_and_model(None, None) == (NOTHING, NOTHING)


@given(st.text(max_size=150), st.text(max_size=150))
def test_any_text_means_something_and_means_it_again(first: str, second: str) -> None:
    for meaning in (colour, kind, plate_colour):
        for word in meaning(first):
            assert word in meaning(word)
    make, model = make_and_model(first, second)
    assert len(make) <= 1
    assert len(model) <= 1
    assert plain(plain(first)) == plain(first)


def test_every_word_that_has_a_base_rate_is_in_the_table_of_words() -> None:
    table = (files("plate_match") / "tables" / "base-rates.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        value = row["value"]
        if row["field"] == "make" and value:
            assert make_and_model(value) == (Words({value}), NOTHING)
        elif row["field"] == "model" and value:
            assert make_and_model(row["within"], value)[1] == {value}
        elif row["field"] == "colour" and value:
            assert colour(value) == {value}
        elif row["field"] == "kind" and value:
            assert kind(value) == {value}
        elif row["field"] == "plate-colour" and value:
            assert plate_colour(value) == {value}
        assert row["source"]

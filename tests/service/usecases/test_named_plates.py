"""Whether a record names a plate, beside its slow twin. All plates are synthetic."""

from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st

from plate_match.errors import UnreadablePlate
from plate_match.normalize import normalize
from plate_match.plate import spelled
from plate_match.spelling import _WORDS
from service.usecases.named_plates import names


def slowly(told: object) -> Iterator[str]:
    """Every text of a document as a plate is spelled, each one read."""
    if isinstance(told, dict):
        for one in told.values():
            yield from slowly(one)
    elif isinstance(told, list):
        for one in told:
            yield from slowly(one)
    elif isinstance(told, str):
        try:
            yield spelled(normalize(told))
        except UnreadablePlate:
            return


PLATES = st.sampled_from(
    ["8XKV41", "12AB34", "NL12AB", "GV123B", "ABC", "NLNL12", "1NL2N3", "88XX88"]
)
MARKS = [*" -./_?*#[]()'\"", "\t", "\n", "\x00", "\u0425", "\uff18", "\u2026", "\u2013", "\xdf"]
WORDS = ["NL", "nl-", "NL ", "kenteken ", "plate ", "begint met ", "letters ", "XX ", "acht "]
NOISE = st.sampled_from([*MARKS, *WORDS, "[8B]", "(8/8)", "[XX]", " xray "])
SPELLED = {symbol: [word for word, of in _WORDS.items() if of == symbol] for symbol in "8XKV41NL2"}
WIDE = 0xFEE0
"""From a symbol to its twin of full width."""


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """A plate, and a text that may spell it: another alphabet, words, marks, case, a country."""
    plate, parts = draw(PLATES), [draw(st.just("") | NOISE)]
    for symbol in plate:
        doubts = [f"[{symbol}]", f"[{symbol}{symbol}]", f"({symbol}/{symbol})"]
        words = [f" {word} " for word in SPELLED.get(symbol, ())]
        other = [symbol.lower(), chr(ord(symbol) + WIDE), *doubts, *words]
        parts.append(draw(st.sampled_from([*[symbol] * 6, *other])))
        parts.append(draw(st.sampled_from(["", "", "", "-", " "]) | NOISE))
    return plate, "".join(parts)


DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(max_size=12),
    lambda one: st.lists(one) | st.dictionaries(st.text(), one),
)


@given(spellings(), PLATES)
@example(("8XKV41", "acht whiskey"), "8XKV41")
@example(("8XKV41", "8X kenteken KV-41"), "8XKV41")
@example(("8XKV41", "nl-8XKV41"), "8XKV41")
@example(("8XKV41", "\uff18xkv41"), "8XKV41")
def test_no_spelling_of_a_plate_is_lost_and_nothing_else_found(
    made: tuple[str, str], other: str
) -> None:
    plate, text = made
    told = {"person": "G. One", "reads": [text], "shown": [{"plate": "GH123K"}]}
    for asked in (plate, other):
        assert names(told, asked) == (asked in slowly(told))


@given(DOCUMENTS, st.text(max_size=8))
def test_it_is_found_wherever_it_stands(told: object, text: str) -> None:
    found = set(slowly(told))
    for plate in [*found, "8XKV41", *slowly(text)]:
        assert names(told, plate) == (plate in found)


def test_every_word_that_stands_for_a_letter_begins_with_it() -> None:
    letters = {word: of for word, of in _WORDS.items() if of.isalpha()}
    assert letters
    assert all(word.startswith(of) for word, of in letters.items())


def test_what_is_deep_is_walked_through() -> None:
    told: object = "8-XKV-41"
    for _ in range(5_000):
        told = [told]
    assert names(told, "8XKV41")

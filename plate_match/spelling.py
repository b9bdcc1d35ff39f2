"""Text as typed or heard -> the words in it: spelling alphabets, numbers, and cues.

A cue says which part of a plate the rest of the text is: "begint met", "ends with". Words are
read only where white space sets them apart from something else, so that a plate that happens
to spell one stays a plate.
"""

from dataclasses import dataclass
from enum import Flag, auto
from itertools import chain, pairwise


class Cue(Flag):
    """What the words around a read say of it."""

    NOTHING = 0
    BEGINNING = auto()
    """More symbols follow."""
    ENDING = auto()
    """More symbols come before."""
    INSIDE = BEGINNING | ENDING
    SCATTERED = auto()
    """Letters without the digits, or digits without the letters, that stand between them."""


SHORTEST_WORD = 3
"""Symbols of the shortest word that is read as one when it stands alone."""

_MOST_WORDS_OF_A_CUE = 3

_DUTCH_ALPHABET = """
    A ANNA ANTON  B BERNARD BERNHARD BEREND  C CORNELIS  D DIRK  E EDUARD  F FERDINAND
    G GERARD  H HENDRIK  I IZAAK ISAAK  J JOHAN JOHANNES JAN JACOB  K KAREL  L LODEWIJK
    M MARIA  N NICO NICOLAAS  O OTTO  P PIETER  Q QUIRINUS QUOTIENT QUINTEN  R RUDOLF RICHARD
    S SIMON  T TEUNIS THEODOOR TINUS  U UTRECHT  V VICTOR  W WILLEM  X XANTIPPE  Y YPSILON
    Z ZAANDAM ZACHARIAS
"""

_NATO_ALPHABET = """
    A ALFA ALPHA  B BRAVO  C CHARLIE CHARLY  D DELTA  E ECHO  F FOXTROT  G GOLF  H HOTEL
    I INDIA  J JULIETT JULIET JULIETTE  K KILO  L LIMA  M MIKE  N NOVEMBER  O OSCAR  P PAPA
    Q QUEBEC  R ROMEO  S SIERRA  T TANGO  U UNIFORM  V VICTOR  W WHISKEY WHISKY
    X XRAY X-RAY  Y YANKEE  Z ZULU
"""

_DIGITS = """
    0 NUL ZERO  1 EEN ONE  2 TWEE TWO  3 DRIE THREE TREE  4 VIER FOUR FOWER  5 VIJF FIVE FIFE
    6 ZES SIX  7 ZEVEN SEVEN  8 ACHT EIGHT  9 NEGEN NINE NINER
"""

_MARKS = """
    ? VRAAGTEKEN ONBEKEND UNKNOWN QUESTIONMARK  - STREEPJE STREEP DASH HYPHEN
"""

_CUES = {
    Cue.BEGINNING: """
        BEGINT MET/BEGINT/BEGINNEND MET/BEGIN MET/BEGIN/HET BEGIN/EERSTE DEEL/EERSTE TWEE
        EERSTE DRIE/EERSTE VIER/EERSTE/EN NOG WAT/NOG WAT/ENZOVOORT/ENZ/ETC
        STARTS WITH/STARTING WITH/STARTS/START/BEGINS WITH/BEGINNING WITH/BEGINS/BEGINNING
        FIRST PART/FIRST TWO/FIRST THREE/FIRST FOUR/FIRST/AND SOMETHING/AND MORE
    """,
    Cue.ENDING: """
        EINDIGT OP/EINDIGT MET/EINDIGT/EINDIGEND OP/EINDIGEND MET/HET EINDE/EINDE/EIND
        LAATSTE DEEL/LAATSTE TWEE/LAATSTE DRIE/LAATSTE VIER/LAATSTE
        ENDS WITH/ENDS IN/ENDS ON/ENDS/ENDING WITH/ENDING IN/ENDING/END
        LAST PART/LAST TWO/LAST THREE/LAST FOUR/LAST
    """,
    Cue.INSIDE: "MIDDENIN/IN HET MIDDEN/MIDDEN/IN THE MIDDLE/MIDDLE",
    Cue.INSIDE | Cue.SCATTERED: """
        IETS MET/ERIN/BEVAT/ERGENS/SOMETHING WITH/CONTAINS/CONTAINING/SOMEWHERE/IN IT
    """,
    Cue.SCATTERED: """
        DE LETTERS/LETTERS/EN LETTERS/DE CIJFERS/CIJFERS/EN CIJFERS/HET NUMMER/NUMMER/NUMMERS
        THE LETTERS/AND LETTERS/THE DIGITS/DIGITS/AND DIGITS/NUMBERS/AND NUMBERS/NUMBER
    """,
    Cue.NOTHING: """
        HET KENTEKEN/KENTEKEN/KENTEKEN IS/KENTEKENPLAAT/KENT/KTKN/PLATE/NUMBER PLATE
        LICENCE PLATE/LICENSE PLATE/REGISTRATION
    """,
}


def _of_alphabets() -> dict[str, str]:
    """Lay the alphabets out as word -> symbol; each row of theirs leads with its symbol."""
    words: dict[str, str] = {}
    symbol = ""
    for word in (_DUTCH_ALPHABET + _NATO_ALPHABET + _DIGITS + _MARKS).split():
        if len(word) == 1:
            symbol = word
        else:
            words[word] = symbol
    return words


def _of_two_digits() -> dict[str, str]:
    """Return Dutch numbers from 10 to 99, which name the last digit first."""
    teens = "TIEN ELF TWAALF DERTIEN VEERTIEN VIJFTIEN ZESTIEN ZEVENTIEN ACHTTIEN NEGENTIEN"
    ones = "EENEN TWEEEN DRIEEN VIEREN VIJFEN ZESEN ZEVENEN ACHTEN NEGENEN"
    tens = "TWINTIG DERTIG VEERTIG VIJFTIG ZESTIG ZEVENTIG TACHTIG NEGENTIG"
    begins = ("", *ones.split())
    numbers = {word: f"1{digit}" for digit, word in enumerate(teens.split())}
    for ten, ending in enumerate(tens.split(), start=2):
        numbers |= {one + ending: f"{ten}{digit}" for digit, one in enumerate(begins)}
    return numbers


_WORDS = _of_alphabets() | _of_two_digits()

_PHRASES = {
    phrase: cue
    for cue, phrases in _CUES.items()
    for phrase in map(str.strip, phrases.strip().replace("\n", "/").split("/"))
}


@dataclass(frozen=True, slots=True)
class Told:
    """A text without its words: what is left to read, and what the words said of it."""

    text: str
    cue: Cue = Cue.NOTHING


def without_words(text: str) -> Told:
    """Take the words out of upper-case text: symbols for spelled ones, a cue for the rest.

    A cue between two parts leaves a gap there: "begint met 8X eindigt op 41" is `8X*41`.
    """
    tokens = text.split()
    if len(tokens) < 2:  # noqa: PLR2004 - a word is a word beside something else
        return Told(text)
    parts: list[list[str]] = [[]]
    cue, place = Cue.NOTHING, 0
    while place < len(tokens):
        length, said = _cue_at(tokens, place)
        if said is None:
            parts[-1].append(_symbol(tokens[place]))
        elif said & Cue.INSIDE:
            parts.append([])
        cue |= said or Cue.NOTHING
        place += length
    return _told([_joined(part) for part in parts if part], cue)


def _joined(tokens: list[str]) -> str:
    """Join with spaces, but none between single symbols: there they show no grouping."""
    spaces = ("" if len(a) == len(b) == 1 else " " for a, b in pairwise(tokens))
    return tokens[0] + "".join(chain.from_iterable(zip(spaces, tokens[1:], strict=True)))


def _told(parts: list[str], cue: Cue) -> Told:
    """Join the parts; what lies between a beginning and an ending is no longer open."""
    told_both_ends = len(parts) > 1
    return Told("*".join(parts), cue & ~Cue.INSIDE if told_both_ends else cue)


def _cue_at(tokens: list[str], place: int) -> tuple[int, Cue | None]:
    """Return how many tokens the longest cue here takes, and the cue; 1 and None if none."""
    for length in range(_MOST_WORDS_OF_A_CUE, 0, -1):
        phrase = " ".join(_bare(token) for token in tokens[place : place + length])
        if phrase in _PHRASES:
            return length, _PHRASES[phrase]
    return 1, None


def _symbol(token: str) -> str:
    """Return the symbols a spelled word stands for, or the token as it is."""
    return _WORDS.get(_bare(token), token)


def _bare(token: str) -> str:
    return token.strip(".,:;!-'\"")

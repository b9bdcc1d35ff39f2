"""What people and registers call a make, a colour, a kind -> the few words that are compared.

A text means a set of words: "zilver" is grey, "donker" any of the dark colours, the register's
"Bedrijfsauto" a van or a truck. An empty set says nothing. A text that no table knows is kept as
the one word it is: it agrees with itself and with nothing else.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

Words = frozenset[str]

NOTHING: Words = frozenset()

_LONGEST = 100
"""Characters; what stands behind them in a text changes nothing."""

_END_OF_COMPOUND = 4
"""Letters; shorter words end too many others ("caravan", "coloured")."""

_SURE_OF_TYPING = 5
"""Letters; in a shorter name, one mistyped letter may make another name."""

_TYPE_CODE = re.compile(r"\S*\*\S*")
"""As in "3*RFN*": the maker's code, which nobody reads off a vehicle."""

_KEPT = 1 << 16
"""Texts whose meaning is remembered: a million entries use a few thousand."""


@lru_cache(_KEPT)
def colour(text: str | None) -> Words:
    """Return the colours that a text can mean; silver is grey."""
    return _meaning("colour", text)


@lru_cache(_KEPT)
def kind(text: str | None) -> Words:
    """Return the kinds of vehicle that a text can mean; the register's words are known."""
    return _meaning("kind", text)


@lru_cache(_KEPT)
def plate_colour(text: str | None) -> Words:
    """Return the colours of a plate that a text can mean; "blauw" is a light or a dark one."""
    return _meaning("plate-colour", text)


@lru_cache(_KEPT)
def make_and_model(make: str | None, model: str | None = None) -> tuple[Words, Words]:
    """Return the make, and the first word of the model, wherever either was written.

    "Volkswagen" beside "VW POLO 44 KW" is VOLKSWAGEN and POLO. So is "polo" alone: models that
    everybody calls by their name tell their make.
    """
    terms, named = _terms(make), _terms(_TYPE_CODE.sub(" ", (model or "")[:_LONGEST]))
    said, after = _made(terms)
    if terms and not said:
        said, after = Words([" ".join(terms)]), ()
    repeated, rest = _made(named)
    if repeated == said or not said:
        said, named = repeated, rest
    return said, Words((named or after)[:1])


def plain(text: str) -> str:
    """Return the text in capitals, without accents, its terms apart by single spaces."""
    taken_apart = unicodedata.normalize("NFKD", text[:_LONGEST])
    letters = "".join(one for one in taken_apart if not unicodedata.combining(one))
    return " ".join(re.sub(r"[\W_]+", " ", letters).upper().split())


def _terms(text: str | None) -> tuple[str, ...]:
    """Return the terms of a text; none if it is what stands where nothing is known."""
    terms = tuple(plain(text or "").split())
    return () if "".join(terms) in _tables().unknown else terms


def _meaning(field: str, text: str | None) -> Words:
    """Return what a text means: as a whole, or else by the most exact of its terms."""
    terms, means = _terms(text), _tables().means[field]
    whole = means.get("".join(terms))
    if whole is not None:
        return whole
    known = [one for one in (_of_term(term, means) for term in terms) if one]
    fewest = min(map(len, known), default=0)
    exact = [one for one in known if len(one) == fewest]
    return NOTHING.union(*exact) or Words([" ".join(terms)] if terms else [])


def _of_term(term: str, means: Mapping[str, Words]) -> Words:
    """Return what a term means, or the end of a compound: "donkerblauw" is blue."""
    ends = (term[start:] for start in range(1, len(term) - _END_OF_COMPOUND + 1))
    return next((means[one] for one in (term, *ends) if one in means), NOTHING)


def _made(terms: tuple[str, ...]) -> tuple[Words, tuple[str, ...]]:
    """Return the make these terms begin with, if any, and the terms after its name."""
    tables = _tables()
    for size in range(min(len(terms), tables.longest), 0, -1):
        make = tables.means["make"].get("".join(terms[:size]))
        if make:
            return make, terms[size:]
    if terms and terms[0] in tables.means["model"]:
        return tables.means["model"][terms[0]], terms
    meant = _mistyped(terms[0]) if terms else NOTHING
    return meant, terms[1:] if meant else terms


def _mistyped(term: str) -> Words:
    """Return the one make whose name is a single mistyped letter away, if there is one."""
    tables = _tables()
    if len(term) < _SURE_OF_TYPING:
        return NOTHING
    near = process.extract(term, tables.names, scorer=OSA.distance, score_cutoff=1, limit=None)
    makes = {tables.means["make"][name] for name, _, _ in near}
    return makes.pop() if len(makes) == 1 else NOTHING


@dataclass(frozen=True, slots=True)
class _Tables:
    """`tables/words.csv`, its words as `plain` leaves them, without spaces.

    Attributes:
        means: field -> word -> what it means; of a model, its make.
        unknown: what stands in any field where nothing is known.
        names: of makes, long enough that a mistyped one is still known.
        longest: terms in the longest name of a make.
    """

    means: Mapping[str, Mapping[str, Words]]
    unknown: Words
    names: Sequence[str]
    longest: int


@cache
def _tables() -> _Tables:
    text = (files("plate_match") / "tables" / "words.csv").read_text(encoding="utf-8")
    means: dict[str, dict[str, Words]] = defaultdict(dict)
    longest = 0
    for row in csv.DictReader(text.splitlines()):
        meant = row["means"].split("|")
        own = meant if len(meant) == 1 and row["field"] != "model" else []
        for word in [*own, *filter(None, row["words"].split(";"))]:
            spelled = plain(word).split()
            means[row["field"]]["".join(spelled)] = Words(meant)
            longest = max(longest, len(spelled)) if row["field"] == "make" else longest
    unknown = Words(means.pop("any"))
    names = [name for name in means["make"] if len(name) >= _SURE_OF_TYPING]
    return _Tables(dict(means), unknown, names, longest)

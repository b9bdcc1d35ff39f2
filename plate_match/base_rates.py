"""How common each make, colour and kind is on Dutch roads: the base rates of a description.

From `tables/base-rates.csv`, where every figure names its source and a guess says so; makes and
colours may come from a registry's counts instead. Makes and colours are counted apart by class
of vehicle: what is said of a van is no news of cars.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import fsum

from plate_match.wording import Words, colour, kind, make_and_model

RAREST = 1e-4
"""Least share of any word. What is rarer is not told apart from the rest: a guess or a slip of
spelling would weigh too much."""

TYPICAL_MODEL = 0.1
"""Share of its make that a model has of which nothing is known: a guess."""

EVERYTHING = ""
"""The class of all vehicles together."""

_CLASSES = {
    "van": "commercial",
    "truck": "commercial",
    "light-moped": "moped",
    "special-moped": "moped",
}
"""Kinds that a registry counts together; any other kind is a class of its own."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of all vehicles by word; with `rest`, what is not named, they sum to 1.

    Attributes:
        named: share of each word that is common enough.
        unnamed: share of any one word that is not; at most `rest`.
    """

    named: Mapping[str, float]
    unnamed: float

    @classmethod
    def of_counts(cls, counts: Mapping[str, float], *, unnamed: float = RAREST) -> "Shares":
        """Make shares of counts by word; "" counts what has no name here.

        Args:
            counts: of vehicles, none negative.
            unnamed: the share of a word that is not among them, if so much is left.
        """
        total = sum(counts.values())
        common = {
            word: count for word, count in counts.items() if word and count >= RAREST * total > 0
        }
        rest = max(total - sum(common.values()), RAREST * total) if total else 1.0
        everything = sum(common.values()) + rest
        named = {word: count / everything for word, count in common.items()}
        return cls(named, min(unnamed, rest / everything))

    @property
    def rest(self) -> float:
        """Share of all words together that are not named."""
        return max(1 - sum(self.named.values()), self.unnamed)

    def of(self, words: Words) -> float:
        """Return the share of vehicles that one of these words fits."""
        return fsum(self.named.get(word, self.unnamed) for word in words)


@dataclass(frozen=True, slots=True)
class BaseRates:
    """Base rates of each field; makes and colours by class, models by make.

    A class that is not in `colours` has no registered colour, and one that is not in `makes`
    no known makes: what is said of them there is no evidence.
    """

    kinds: Shares
    makes: Mapping[str, Shares]
    models: Mapping[str, Shares]
    colours: Mapping[str, Shares]
    plate_colours: Shares
    duplicate_codes: Shares

    @classmethod
    def of_counts(
        cls,
        makes: Mapping[str, Mapping[str, int]],
        colours: Mapping[str, Mapping[str, int]],
    ) -> "BaseRates":
        """Take makes and colours from a registry's counts, and all else from the tables.

        Args:
            makes: kind -> make -> vehicles, in the register's own spelling; if it has counted
                none, they are those of the tables.
            colours: kind -> colour -> vehicles, likewise; "N.v.t." and the like are left out.
        """
        tables = load()
        counted = _by_class(makes, lambda text: make_and_model(text)[0])
        return replace(
            tables,
            makes=_with_everything(counted) if makes else tables.makes,
            colours=_with_everything(_by_class(colours, colour)) if colours else tables.colours,
        )

    def makes_of(self, kinds: Words) -> Shares | None:
        """Return how common makes are among vehicles of these kinds, any if there are none."""
        return self.makes.get(class_of(kinds))

    def colours_of(self, kinds: Words) -> Shares | None:
        """Return how common colours are among vehicles of these kinds, any if there are none."""
        return self.colours.get(class_of(kinds))

    def models_of(self, make: str) -> Shares:
        """Return how common models are within a make."""
        return self.models.get(make, _NO_MODEL_KNOWN)


_NO_MODEL_KNOWN = Shares({}, TYPICAL_MODEL)


def class_of(kinds: Words) -> str:
    """Return the class these kinds belong to, or that of all vehicles if to several or none."""
    classes = {_CLASSES.get(one, one) for one in kinds}
    return classes.pop() if len(classes) == 1 else EVERYTHING


@cache
def load() -> BaseRates:
    """Return the base rates of the table inside the package."""
    text = (files("plate_match") / "tables" / "base-rates.csv").read_text(encoding="utf-8")
    counts: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in csv.DictReader(text.splitlines()):
        counts[row["field"], row["within"]][row["value"]] = float(row["vehicles"])
    alone = {field: Shares.of_counts(rows) for (field, within), rows in counts.items()}
    return BaseRates(
        kinds=alone["kind"],
        makes=_with_everything(_within(counts, "make")),
        models={
            make: Shares.of_counts(rows, unnamed=TYPICAL_MODEL)
            for make, rows in _within(counts, "model").items()
        },
        colours=_with_everything(_within(counts, "colour")),
        plate_colours=alone["plate-colour"],
        duplicate_codes=alone["duplicate-code"],
    )


_Counts = dict[str, dict[str, float]]
"""Class or make -> word -> vehicles."""


def _by_class(counted: Mapping[str, Mapping[str, int]], meaning: Callable[[str], Words]) -> _Counts:
    """Gather a registry's counts by class and word; what is not registered is no word."""
    gathered: _Counts = defaultdict(lambda: defaultdict(float))
    for spelled, counts in counted.items():
        vehicles = class_of(kind(spelled))
        for text, count in counts.items():
            for word in meaning(text):
                gathered[vehicles][word] += count
    return gathered


def _with_everything(counts: _Counts) -> Mapping[str, Shares]:
    """Return the shares in each class, and in all of them together."""
    together: dict[str, float] = defaultdict(float)
    for words in counts.values():
        for word, count in words.items():
            together[word] += count
    shares = {name: Shares.of_counts(words) for name, words in counts.items()}
    return shares | ({EVERYTHING: Shares.of_counts(together)} if together else {})


def _within(counts: Mapping[tuple[str, str], dict[str, float]], field: str) -> _Counts:
    return {within: words for (name, within), words in counts.items() if name == field}

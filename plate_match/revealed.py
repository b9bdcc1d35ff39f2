"""What an answer gives away of a list, in bits, and what of that a question asks beforehand.

Of V vehicles n are listed, so that before any answer a plate is listed with chance p = n / V. A
read asks about N plates at once: as many as fit it as well as the best one does,

    N = V·E[P(read | vehicle)] / max P(read | plate)

with the mean over the population. Of a read in full N is about 1; a symbol that was not read
multiplies it by as many symbols as could stand there. Looks that differ ask about the plates of
each of them, so their N add up.

An answer that finds nothing tells of each of these plates that it is not listed, and how likely
"none of these" is: at most how many of the N are listed. That is a binomial number, so it holds
no more than either of

    N·H(p)                               H(p) = -p·log2 p - (1-p)·log2 (1-p), one by one
    ½·log2(2πe·(v + 1/12))               v = min(N·p·(1-p), b / s), their number alone

The second is the most that a whole number of variance v can hold (the normal distribution has the
largest entropy of all with its variance, the twelfth is that of rounding: Cover and Thomas,
Elements of Information Theory, chapter 8). v is that of the binomial number while each plate can be
told apart. With base rate b a listed plate takes b / (N·p) from "none of these", which is told in
steps of s: where N·p is more than b / s the number of steps varies by b² / (N·p·s²), which is less
than b / s. It is not let fall again, so that a wider question is never a cheaper one.

The lesser of the two is what a question costs before it is answered. Each hit that is shown then
tells for sure that one plate is listed, however small its confidence: -log2 p. So whatever N is
taken for, nobody is shown more entries than go into their budget at that price.

What is listed and not shown, since too little speaks for it, still takes its share u from "none of
these". Over all lists the mean of u / (1-u) is b / (1-b), so by Markov's inequality no more than
one list in (u / (1-u)) / (b / (1-b)) gives such an answer. The logarithm of that is what it costs,
at most a hit. Most answers to honest reads leave u below b and cost nothing more.

Of reads of a plate that some vehicle carries, typed by people, N never falls when one more symbol
was not read; of no read does it fall when a country is said. Nothing here depends on what is
listed but n, which is of the list whose reader is answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import e, floor, log2, pi

from plate_match.audience import Audience
from plate_match.channel import Source
from plate_match.found import Found
from plate_match.sight import Sight

STEP = 0.01
"""In which "none of these" is told where an answer is to give away no more than is counted."""


LEAST_LISTED = 10_000
"""A shorter list counts as one of so many: of whom it names, no fewer may be told for that."""


def told(not_listed: float) -> float:
    """Return how likely "none of these" is, in steps; never more than it is."""
    return floor(100 * not_listed) / 100


@dataclass(frozen=True, slots=True)
class Question:
    """What a report asks of a list.

    Attributes:
        plates: N, how many plates it asks about; at least one.
        fewest: that of the look that says most.
        listed: n, how many plates its reader may know to be listed.
        vehicles: V.
        base_rate: b, of the answer.
    """

    plates: float
    fewest: float
    listed: int
    vehicles: float
    base_rate: float

    @property
    def said(self) -> float:
        """Bits that the look that says most says of the vehicle: log2(V / N)."""
        return log2(max(self.vehicles / self.fewest, 1.0))

    @property
    def asked(self) -> float:
        """Bits of an answer that finds nothing; never less for more plates."""
        chance = self._chance
        one = -chance * log2(chance) - (1 - chance) * log2(1 - chance)
        spread = min(self.plates * chance * (1 - chance), self.base_rate / STEP)
        return min(self.plates * one, log2(2 * pi * e * (spread + 1 / 12)) / 2)

    def revealed(self, hits: int, untold: float = 0.0) -> float:
        """Return the bits of an answer that shows so many hits.

        `untold` is the probability that is left for what is listed and not shown, below 1.
        """
        hit, rate = -log2(self._chance), self.base_rate
        odds = untold / (1 - untold) * (1 - rate) / rate
        return self.asked + hits * hit + min(log2(max(odds, 1.0)), hit)

    @property
    def _chance(self) -> float:
        """Chance that a plate is listed: n / V, never 0 nor 1."""
        listed = min(max(self.listed, LEAST_LISTED), self.vehicles)
        return (listed + 1) / (self.vehicles + 2)


def question_of(found: Found, audience: Audience) -> Question:
    """Return what a report asks of the list that an audience may know of."""
    others, sights = found.others, found.looks.sights
    bearing = found.bearing(found.lists[audience])
    if len(sights) == 1:
        mean = _anybody(found, bearing.report.country)
        alone = _plates(found, mean, best=found.bests[0])
        plates = [max(alone, _as_seen(found, sights[0]))]
    else:
        plates = [_by_itself(found, sight) for sight in _distinct(sights)]
    together = min(sum(plates), others.vehicles)
    return Question(together, min(plates), bearing.listed, others.vehicles, found.model.base_rate)


def _anybody(found: Found, said: str | None) -> float:
    """Return the mean likelihood of the only look, and no less for a country that is said.

    One that does not fit makes every vehicle that drives unlikely. That is not to make it a
    cheaper question: what is listed then stands out from them all the more.
    """
    if said is None:
        return found.everybody
    return max(found.everybody, found.others.likelihood(found.looks))


def _distinct(sights: Iterable[Sight]) -> Iterable[Sight]:
    """Return the sights, those that read the same once."""
    return {(sight.source, sight.read): sight for sight in sights}.values()


def _by_itself(found: Found, sight: Sight) -> float:
    """Return how many plates one look of several asks about."""
    others = found.others
    alone = _plates(found, others.table.likelihood(sight), best=others.likeliest(sight))
    return max(alone, _as_seen(found, sight))


def _as_seen(found: Found, sight: Sight) -> float:
    """Return how many plates a read with gaps asks about if a person saw it.

    To a camera's tables a read with many gaps says next to nothing, of all plates alike. That is
    not to make it a cheaper question than the same read typed by somebody.
    """
    if sight.read.pattern.is_plain or sight.source is Source.EYESIGHT:
        return 1.0
    seen = Sight.of(sight.channel, sight.read, Source.EYESIGHT)
    others = found.others
    return _plates(found, others.table.likelihood(seen), best=others.likeliest(seen))


def _plates(found: Found, mean: float, *, best: float) -> float:
    """Return how many plates fit as well as the best, if that is their mean likelihood."""
    vehicles = found.others.vehicles
    return max(vehicles * mean / best, 1.0) if best else vehicles

"""Labelled reads -> expected counts, by rounds of expectation and maximisation."""

from collections.abc import Sequence

from benchmarks.fit import beliefs
from benchmarks.fit.batches import Labelled
from benchmarks.fit.expect import Counts, expect
from benchmarks.fit.reads import Group
from benchmarks.fit.tables import rates_of, started

ROUNDS = 25


def fit(reads: Sequence[Labelled], group: Group) -> Counts:
    """Return the expected counts at the end of the EM rounds."""
    believed = beliefs.priors(beliefs.looks(), group.retold)
    rates = started(group.qualities, group.styles, believed)
    counts = expect(reads, rates)
    for _ in range(ROUNDS):
        counts = expect(reads, rates)
        rates = rates_of(counts, believed, group.styles)
    return counts

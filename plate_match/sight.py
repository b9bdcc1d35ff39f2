"""A look -> Sight: what may have been retold of it, each seen through the tables of its source."""

from dataclasses import dataclass
from functools import cached_property

from plate_match import kernel
from plate_match.channel import Channel, Observation, Read, Source
from plate_match.retelling import retellings

MOST_COLUMNS = 24
"""Symbols and separators; a longer read is not of one plate, so it says nothing of any."""


@dataclass(frozen=True)
class Sight:
    """One look at a plate; its probability is the sum over what may have been retold.

    Attributes:
        channel: whose tables these are.
        source: of the look.
        retold: weight and read of each thing that may have happened; the first is the read as
            it stands.
    """

    channel: Channel
    source: Source
    retold: tuple[tuple[float, Read], ...]

    @classmethod
    def of(cls, channel: Channel, read: Read, source: Source) -> "Sight":
        """Return the sight of a read."""
        return cls(channel, source, retellings(read, channel.sources[source].retold.tolist()))

    @property
    def read(self) -> Read:
        """The read as it stands."""
        return self.retold[0][1]

    @property
    def told(self) -> tuple[tuple[float, Read], ...]:
        """What may have been retold; nothing of a read that is longer than that of a plate."""
        columns = len(self.read.pattern.symbols) + len(self.read.pattern.separators)
        return self.retold if columns <= MOST_COLUMNS else ()

    @cached_property
    def garbage(self) -> float:
        """P(read | it says nothing of the plate)."""
        return kernel.garbage_of(self.channel.sources[self.source], self.read)

    @cached_property
    def observations(self) -> tuple[tuple[float, Observation], ...]:
        """Weight and observation of each read, as numpy takes them."""
        return tuple(
            (weight, self.channel.observe(read, self.source)) for weight, read in self.told
        )

    @cached_property
    def native(self) -> list[kernel.Handle]:
        """The same as the kernel takes them."""
        return self.scaled(1.0)

    def scaled(self, scale: float) -> list[kernel.Handle]:
        """Return them as the kernel takes them, times a factor."""
        rates = self.channel.sources[self.source]
        return [kernel.read_of(rates, scale * weight, read) for weight, read in self.told]

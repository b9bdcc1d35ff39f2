"""The end of a month in the audit, and a word -> the seed by which the records to judge are drawn.

    seed = SHA-256(hash of the last record of the month, its salt, the word)
    lot  = SHA-256(seed, place of a record as 8 bytes)

The hash stands before anybody has given a word, and a witness was told of it: whoever runs the
service cannot choose the draw. The salt, which that hash covers, is shown to nobody: so cannot
whoever gives the word. It is fixed by the first review after the end of the month.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from service.chain import digest_payload, hash_record
from service.errors import AnotherWord, DamagedRecord, NoWord
from service.records import AuditRow, Head

Document = dict[str, Any]

REVIEWED = "audit-reviewed"


@dataclass(frozen=True, slots=True)
class Month:
    """A month, UTC: its name, its first moment, and that of the next."""

    name: str
    since: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """By what is drawn.

    Attributes:
        head: the last record of the month.
        word: what the auditor gave; nothing where none was needed yet, or once it was erased.
        seed: 32 bytes.
        first: the record of the review that fixed the word; None if this is it.
        late: records of the month that were written after that one.
    """

    head: Head
    word: str
    seed: bytes
    first: int | None
    late: int

    def lot(self, seq: int) -> bytes:
        """Return the lot of the record at a place: the lowest are drawn."""
        return sha256(self.seed + seq.to_bytes(8, "big")).digest()

    def header(self) -> dict[str, object]:
        """Return what the header of the record of a review says of it."""
        return {"head": self.head.seq, "seed": self.seed.hex(), "drawnFirst": self.first}


@dataclass(slots=True)
class Ending:
    """Sees where a month ends, and by which word it was drawn, in one walk over all records."""

    month: Month
    _last: AuditRow | None = field(default=None, init=False)
    _first: tuple[int, Document, str | None] | None = field(default=None, init=False)
    _late: int = field(default=0, init=False)

    def see(self, row: AuditRow, header: Document, told: Document | None) -> None:
        """See the next record."""
        if header["at"] < self.month.until:
            if self._first is None:
                self._last = row
            else:
                self._late += 1
        elif self._first is None and self._fixes(header):
            word = (told or {}).get("word")
            self._first = row.seq, header, None if word is None else str(word)

    def _fixes(self, header: Document) -> bool:
        drawn = header["action"] == REVIEWED and header.get("month") == self.month.name
        return drawn and header.get("seed") is not None

    def seed(self, word: str | None, now: int) -> Seed | None:
        """Return the seed, None if there is no record to draw by.

        Raises:
            NoWord: the month is over, was drawn by no word yet, and none is given.
            AnotherWord: it was drawn by another one.
            DamagedRecord: the last record of the month, or that of the first review, is not what
                was written.
        """
        last, first = self._last, self._first
        if last is None:
            return None
        if first is None:
            if word is None and now >= self.month.until:
                raise NoWord(self.month.name)
            return self._seed(last, word or "")
        seq, header, fixed = first
        if word is not None and fixed is not None and word != fixed:
            raise AnotherWord(self.month.name, seq)
        if fixed is None or last.salt is None:  # erased, with all that could be judged
            return self._seed(last, fixed or "", seed=header["seed"])
        drawn = self._seed(last, fixed)
        if drawn.seed.hex() != header["seed"]:
            raise DamagedRecord(seq)
        return drawn

    def _seed(self, last: AuditRow, word: str, *, seed: object = None) -> Seed:
        computed = _covered(last, word) if seed is None else _bytes(seed)
        first = None if self._first is None else self._first[0]
        if computed is None:
            raise DamagedRecord(last.seq if seed is None else first)
        head = Head(last.seq, last.hash)
        return Seed(head=head, word=word, seed=computed, first=first, late=self._late)


def _covered(last: AuditRow, word: str) -> bytes | None:
    """Return the seed, None where the record does not fit its own hash."""
    try:
        digest = last.payload_digest
        hash_ = hash_record(last.seq, last.prev, payload_digest=digest, header=last.header)
        if last.salt is not None and last.payload is not None:
            digest = digest_payload(last.salt, last.payload)
        if (hash_, digest) != (last.hash, last.payload_digest):
            return None
        return sha256(last.hash + (last.salt or b"") + word.encode()).digest()
    except (TypeError, AttributeError, OverflowError):
        return None


def _bytes(told: object) -> bytes | None:
    try:
        return bytes.fromhex(told) if isinstance(told, str) else None
    except ValueError:
        return None

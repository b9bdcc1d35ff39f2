"""What one would take instead: built of the same plates, asked the same reads, ten answers each.

A peer is opened for a block and closed after it. None is asked to be what it is not: where it
cannot put a read as a question, it is not timed on that read.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist, extract
from symspellpy import SymSpell, Verbosity  # type: ignore[import-untyped]  # it has none

from benchmarks.speed.postgres import wanted_table, why_not
from plate_match.layouts import PLACES
from plate_match.plate import GAP, UNKNOWN

TEN = 10
"""Answers that every search is asked for."""

EDITS = 2
"""Edits that a peer allows, or as many symbols as the read lacks of a Dutch plate."""

Plates = Sequence[str]


@dataclass(frozen=True, slots=True)
class Peer:
    """Something that finds plates like a read.

    Attributes:
        search: a read -> at most ten plates, best first.
        asks: whether it can put this read as a question.
        seconds: what it took to build, of a list of texts.
        own_bytes: what it says that it holds; None if it does not say.
        in_process: whether it lies in this process, and not in a server's.
    """

    search: Callable[[str], list[str]]
    asks: Callable[[str], bool]
    seconds: float
    own_bytes: int | None = None
    in_process: bool = True


@contextmanager
def scanned(plates: Plates) -> Iterator[Peer]:
    """Open `rapidfuzz.process.extract`: a scan with a heap."""

    def search(read: str) -> list[str]:
        typed = bare(read)
        found = extract(typed, plates, scorer=OSA.distance, limit=TEN, score_cutoff=_cutoff(typed))
        return [plate for plate, _, _ in found]

    yield Peer(search, _anything, seconds=0)


@contextmanager
def crossed(plates: Plates) -> Iterator[Peer]:
    """Open `rapidfuzz.process.cdist`, one read against all, and take the ten nearest."""

    def search(read: str) -> list[str]:
        typed = bare(read)
        cutoff = _cutoff(typed)
        row = cdist([typed], plates, scorer=OSA.distance, score_cutoff=cutoff, dtype=np.uint8)[0]
        near = np.flatnonzero(row <= cutoff)
        return [plates[place] for place in near[np.argsort(row[near], kind="stable")[:TEN]]]

    yield Peer(search, _anything, seconds=0)


@contextmanager
def symspell(plates: Plates) -> Iterator[Peer]:
    """Open symspellpy: a dictionary of everything with two symbols less."""
    begin = perf_counter()
    speller = SymSpell(max_dictionary_edit_distance=EDITS)
    for plate in plates:
        speller.create_dictionary_entry(plate, 1)
    seconds = perf_counter() - begin

    def search(read: str) -> list[str]:
        found = speller.lookup(read, Verbosity.ALL, max_edit_distance=EDITS)
        return [one.term for one in found[:TEN]]

    yield Peer(search, lambda read: GAP not in read, seconds)


@contextmanager
def fts5(plates: Plates) -> Iterator[Peer]:
    """Open SQLite's full-text index of trigrams, in memory."""
    begin = perf_counter()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE wanted USING fts5(plate, tokenize='trigram')")
    connection.executemany("INSERT INTO wanted VALUES (?)", ((plate,) for plate in plates))
    connection.execute("INSERT INTO wanted(wanted) VALUES ('optimize')")
    connection.commit()
    seconds = perf_counter() - begin

    def search(read: str) -> list[str]:
        order = "" if GAP in read else "ORDER BY rank"
        query = f"SELECT plate FROM wanted WHERE wanted MATCH ? {order} LIMIT {TEN}"  # noqa: S608 - no text of a read
        return [plate for (plate,) in connection.execute(query, (question(read),))]

    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    yield Peer(search, lambda read: bool(question(read)), seconds, pages * size)
    connection.close()


@contextmanager
def pg_trgm(plates: Plates) -> Iterator[Peer]:
    """Open PostgreSQL with a GIN index of trigrams, over a socket of its own."""
    with wanted_table(plates) as (ask, seconds, size):

        def search(read: str) -> list[str]:
            return ask(bare(read), GAP in read)

        yield Peer(search, _anything, seconds, size, in_process=False)


def bare(read: str) -> str:
    """Return a read without its gaps, as somebody would type it who knows no gaps."""
    return read.replace(GAP, "")


def question(read: str) -> str:
    """Return what a full-text index is asked: a part as it stands, else any of its trigrams.

    Empty if there are no three symbols in a row.
    """
    typed = bare(read)
    if GAP in read:
        return f'"{typed}"'
    trigrams = {typed[place : place + 3] for place in range(len(typed) - 2)}
    return " OR ".join(f'"{one}"' for one in sorted(trigrams) if UNKNOWN not in one)


def _cutoff(typed: str) -> int:
    return max(EDITS, PLACES - len(typed))


def _anything(_: str) -> bool:
    return True


PEERS: Mapping[str, Callable[[Plates], AbstractContextManager[Peer]]] = {
    "rapidfuzz extract": scanned,
    "rapidfuzz cdist": crossed,
    "symspellpy": symspell,
    "SQLite FTS5 trigram": fts5,
    "PostgreSQL pg_trgm": pg_trgm,
}


def left_out(name: str, size: int) -> str:
    """Return why a peer is left out at this size; empty if it is not."""
    if name == "symspellpy" and size > MOST_SPELT:
        return "some 900 bytes and 30 microseconds to build for each plate"
    return why_not() if name == "PostgreSQL pg_trgm" else ""


MOST_SPELT = 1_000_000

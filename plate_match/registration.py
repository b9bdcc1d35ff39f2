"""Bytes of an export of the register -> the plates registered, and counts of what carries them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plate_match import grammar
from plate_match.errors import UnreadableExport
from plate_match.export import Block, Faults, Texts, read_export
from plate_match.keys import Keys, keys_of
from plate_match.layouts import PLACES
from plate_match.plate import SYMBOLS, Plate, symbols_of

Counts = Mapping[str, Mapping[str, int]]
"""Kind of vehicle -> make or colour -> vehicles, all in the register's own spelling."""

PLATE, KIND, EXPORTED = "kenteken", "voertuigsoort", "export_indicator"
MAKE, COLOUR = "merk", "eerste_kleur"
"""Columns of an export; these two are taken where they are there."""

MOST_NAMES = 200_000
"""Different makes, or colours, by kind. A column with more holds something else."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What an export holds.

    Attributes:
        codes: of the plates that the layouts can issue, ascending, none twice.
        keys: of all other plates.
        makes: by kind; empty if the export has none.
        colours: by kind; empty if the export has none.
        rows: how many vehicles the export has; `exported` of them have left the country.
    """

    codes: NDArray[np.int64]
    keys: Keys
    makes: Counts
    colours: Counts
    rows: int
    exported: int


def register(pieces: Iterable[bytes]) -> Registration:
    """Read an export; vehicles that were exported are counted and left out.

    Takes some 300 MB, however long the export is, as long as nearly all plates are of a layout.

    Args:
        pieces: the bytes of the file, cut anywhere.

    Raises:
        UnreadableExport: the file is no whole export, a row of it cannot be read, or no vehicle
            is left; the message names every fault (after some, how many more there are).
    """
    faults, gathered = Faults(), _Gathered()
    for block in read_export(pieces, (PLATE, KIND, EXPORTED), (MAKE, COLOUR), faults=faults):
        gathered.take(block, faults)
    faults.refuse_any()
    found = gathered.found()
    if not len(found.codes) + len(found.keys):
        raise UnreadableExport("the export has no vehicle that is registered and not exported")
    return found


@dataclass(slots=True)
class _Gathered:
    """What was read so far."""

    present: NDArray[np.bool_] = field(
        default_factory=lambda: np.zeros(grammar.CAPACITY, dtype=np.bool_)
    )
    others: list[Keys] = field(default_factory=list)
    makes: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    colours: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    rows: int = 0
    exported: int = 0

    def take(self, block: Block, faults: Faults) -> None:
        exported, unclear = _exported(block.columns[EXPORTED])
        faults.add(block.lines[unclear].tolist(), f"{EXPORTED} is neither Ja nor Nee")
        self.rows += len(exported)
        self.exported += int(exported.sum())
        here = ~exported
        self._take_plates(block.columns[PLATE][here], block.lines[here], faults)
        kinds = block.columns[KIND][here].tolist()
        for name, counts in ((MAKE, self.makes), (COLOUR, self.colours)):
            if name in block.columns:
                counts.update(zip(kinds, block.columns[name][here].tolist(), strict=True))
            if len(counts) > MOST_NAMES:
                raise UnreadableExport(f"column {name} has more than {MOST_NAMES:,} values a kind")

    def found(self) -> Registration:
        return Registration(
            codes=np.flatnonzero(self.present),
            keys=np.unique(np.concatenate(self.others or [np.empty(0, dtype=np.uint64)])),
            makes=_by_kind(self.makes),
            colours=_by_kind(self.colours),
            rows=self.rows,
            exported=self.exported,
        )

    def _take_plates(self, texts: Texts, lines: NDArray[np.intp], faults: Faults) -> None:
        codes = _codes(texts)
        self.present[codes[codes >= 0]] = True
        strange = np.flatnonzero(codes < 0)
        plates = [_plate(text) for text in texts[strange].tolist()]
        unread = [
            line for line, one in zip(lines[strange].tolist(), plates, strict=True) if not one
        ]
        faults.add(unread, f"{PLATE} is no plate of 3 to 10 symbols A-Z and 0-9")
        self._take_strange([plate for plate in plates if plate])

    def _take_strange(self, plates: list[Plate]) -> None:
        """Take plates that are spelled otherwise, or are of no layout."""
        if not plates:
            return
        keys = keys_of(plates)
        six = [place for place, plate in enumerate(plates) if len(plate) == PLACES]
        codes = np.full(len(plates), -1, dtype=np.int64)
        if six:
            codes[six] = grammar.codes_of(symbols_of([plates[place] for place in six]))
        self.present[codes[codes >= 0]] = True
        self.others.append(np.unique(keys[codes < 0]))


def _exported(texts: Texts) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which vehicles were exported, and of which it is not clear: (n,) each."""
    spelled = np.char.lower(texts)
    exported = np.asarray(spelled == b"ja")
    return exported, ~exported & (spelled != b"nee")


def _codes(texts: Texts) -> NDArray[np.int64]:
    """Return the codes of plates that are spelled plainly, -1 for all others: (n,)."""
    six = np.zeros((len(texts), PLACES + 1), dtype=np.uint8)
    raw = texts.view(np.uint8).reshape(len(texts), texts.itemsize)[:, : PLACES + 1]
    six[:, : raw.shape[1]] = raw
    symbols = _NUMBERS[six[:, :PLACES]].T
    plain = np.flatnonzero((symbols >= 0).all(axis=0) & (six[:, PLACES] == 0))
    codes = np.full(len(texts), -1, dtype=np.int64)
    codes[plain] = grammar.codes_of(symbols[:, plain])
    return codes


def _plate(text: bytes) -> Plate | None:
    """Return the plate as it was meant: dashes, spaces and small letters are nothing."""
    compact = text.decode(errors="replace").replace("-", "").replace(" ", "").upper()
    try:
        return Plate(compact)
    except ValueError:
        return None


def _by_kind(counted: Mapping[tuple[bytes, bytes], int]) -> Counts:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, name), vehicles in sorted(counted.items()):
        of_kind = counts[_name(kind)]
        of_kind[_name(name)] = of_kind.get(_name(name), 0) + vehicles
    return dict(counts)


def _name(text: bytes) -> str:
    """Return a field as text, without the doubling of quotes inside it."""
    return text.replace(b'""', b'"').decode().strip()


_NUMBERS = np.full(256, -1, dtype=np.intp)
_NUMBERS[[ord(symbol) for symbol in SYMBOLS]] = np.arange(len(SYMBOLS))

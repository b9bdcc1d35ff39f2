"""The fit: the committed tables are what the committed counts make, and the method is right."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.fit import beliefs
from benchmarks.fit.batches import Labelled
from benchmarks.fit.document import (
    CHANNEL,
    channel_document,
    read_counts,
    write_counts,
)
from benchmarks.fit.expect import Counts, expect
from benchmarks.fit.learn import fit
from benchmarks.fit.reads import GROUPS, Group, grouped
from benchmarks.fit.tables import blended, rates_of, started
from plate_match.channel import (
    DASH,
    INNER,
    LAST,
    SYMBOL_COUNT,
    Channel,
    Rates,
    Read,
    Source,
    from_document,
    position,
)
from plate_match.plate import SYMBOLS, Pattern, Plate
from plate_match.report import read_of
from plate_match.retelling import GROUPS as SWAPPED_GROUPS
from plate_match.scan import likelihoods_of
from plate_match.sight import Sight

BELIEVED = beliefs.priors(beliefs.looks())


def test_the_tables_in_the_package_are_made_of_the_committed_counts() -> None:
    made = channel_document({name: read_counts(name) for name in GROUPS})
    committed = json.loads(CHANNEL.read_text(encoding="utf-8"))
    assert committed["provenance"] == made["provenance"]
    for source, tables in made["sources"].items():
        for name, table in tables.items():
            expected = np.asarray(committed["sources"][source][name])
            assert np.asarray(table) == pytest.approx(expected, rel=1e-5, abs=1e-9), (source, name)


def test_the_version_of_the_tables_is_theirs() -> None:
    counts = {name: read_counts(name) for name in GROUPS}
    before = channel_document(counts)["version"]
    counts["people"].swapped = counts["people"].swapped * 2
    assert channel_document(counts)["version"] != before


def test_counts_survive_being_written_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = read_counts("people")
    monkeypatch.setattr("benchmarks.fit.document.COUNTS", tmp_path)
    write_counts("people", counts)
    again = read_counts("people")
    assert again.confusion == pytest.approx(counts.confusion, rel=1e-5)
    assert again.components == counts.components


@pytest.mark.parametrize("likeness", [beliefs.looks(), beliefs.sounds(), beliefs.mirrored()])
def test_a_belief_is_a_chance_of_wrong_columns_only(likeness: NDArray[np.float64]) -> None:
    rows = np.arange(SYMBOL_COUNT + 1)
    assert likeness.sum(axis=1) == pytest.approx(1)
    assert not likeness[rows, rows].any()


def reader() -> Rates:
    """A made-up reader of one quality, whose ways are known."""
    rates = started(1, 1, BELIEVED)
    rows = np.arange(DASH + 1)
    confusion = np.zeros_like(rates.confusion)
    confusion[:, rows, rows] = 0.9
    for symbol, wrong in ("8B", "B8"):
        confusion[0, SYMBOLS.index(symbol), SYMBOLS.index(wrong)] = 0.1
    rest = 1 - confusion.sum(axis=2, keepdims=True)
    confusion[:, :, SYMBOLS.index("Q")] += rest[:, :, 0]
    cut = np.zeros_like(rates.cut)
    cut[0, 0, :2] = 0.9, 0.1
    cut[1, 0, :3] = 0.8, 0.05, 0.15
    return replace(
        rates,
        weight=np.array([1.0]),
        garbage=0.0,
        confusion=confusion,
        slip=np.array([[1.0, 1.0, 3.0]]),
        delete=np.array([[0.03, 0.08, 0.03]]),
        dash_delete=np.array([0.3]),
        transpose=np.array([0.04]),
        insert=np.array([[0.1, 0.01, 0.02]]),
        cut=cut,
    )


class Author:
    """Writes reads the way a reader's rates say, turn by turn."""

    def __init__(self, rates: Rates, seed: int) -> None:
        self.rates = rates
        self.dice = np.random.default_rng(seed)

    def happens(self, chance: float) -> bool:
        return bool(self.dice.random() < chance)

    def column(self, chances: NDArray[np.float64]) -> str:
        return (SYMBOLS + "-?")[self.dice.choice(len(chances), p=chances / chances.sum())]

    def read(self, truth: str) -> Labelled:
        plate = truth.replace("-", "")
        begin = int(self.dice.choice(11, p=self.rates.cut[0, 0]))
        columns = ""
        owed = ""
        for slot in range(begin, len(plate)):
            if not owed:
                columns += self.inserted(0 if slot == 0 else 1)
                if self.happens(float(self.rates.ends(slot, len(plate))[0])):
                    return labelled(truth, columns)
            columns, owed = self.symbol(plate, slot, columns, owed)
            columns += self.dash(truth, plate[: slot + 1]) if not owed else ""
        return labelled(truth, columns + self.inserted(2))

    def symbol(self, plate: str, slot: int, columns: str, owed: str) -> tuple[str, str]:
        place = position(slot, len(plate))
        written = self.column(self.rates.placed[:, place, 0, SYMBOLS.index(plate[slot])])
        if owed:
            return columns + written + owed, ""
        if slot + 1 < len(plate) and self.happens(0.04):
            return columns, written
        swap = 0.04 * (slot + 1 < len(plate))
        lost = float(self.rates.delete[0, place])
        return columns + ("" if self.happens(lost / (1 - swap)) else written), ""

    def inserted(self, kind: int) -> str:
        added = ""
        while self.happens(float(self.rates.insert[0, kind])):
            added += self.column(self.rates.inserted[0, kind])
        return added

    def dash(self, truth: str, so_far: str) -> str:
        shown = truth.split("-")
        ends = [len("".join(shown[:count])) for count in (1, 2)]
        if len(so_far) not in ends or self.happens(0.3):
            return ""
        return self.column(self.rates.confusion[0, DASH])


def labelled(truth: str, columns: str) -> Labelled:
    """Make the read of columns; dashes at an end are no separators, so they are left out."""
    symbols: list[str] = []
    separators: list[int] = []
    for column in columns.strip("-"):
        if column == "-":
            separators.append(len(symbols))
        else:
            symbols.append(column)
    return Labelled(truth, Read(Pattern(tuple(symbols), tuple(dict.fromkeys(separators)))), "", "")


@pytest.fixture(scope="module")
def written() -> list[Labelled]:
    author = Author(reader(), seed=7)
    dice = np.random.default_rng(8)
    letters = [*"BDFGHJKLNPRSTVXZ"]
    reads = []
    for _ in range(3000):
        first, second, third, last = dice.choice(letters, 4)
        truth = f"{first}{second}{third}-{dice.integers(10, 99)}-{last}"
        reads.append(author.read(truth))
    return [one for one in reads if one.read.pattern.symbols]


def test_the_fit_finds_the_ways_of_a_reader_again(written: list[Labelled]) -> None:
    found = rates_of(fit(written, Group(1)), BELIEVED)
    known = reader()
    assert found.delete[0] == pytest.approx(known.delete[0], abs=0.02)
    assert found.slip[0, LAST] / found.slip[0, INNER] == pytest.approx(3, rel=0.2)
    assert found.transpose[0] == pytest.approx(known.transpose[0], abs=0.01)
    assert found.dash_delete[0] == pytest.approx(known.dash_delete[0], abs=0.05)
    assert found.insert[0] == pytest.approx(known.insert[0], abs=0.02)
    assert found.cut[0, 0, :3] == pytest.approx(known.cut[0, 0, :3], abs=0.03)
    assert found.cut[1, 0, :3] == pytest.approx(known.cut[1, 0, :3], abs=0.03)
    letter, digit = SYMBOLS.index("B"), SYMBOLS.index("8")
    assert found.confusion[0, letter, digit] == pytest.approx(0.1, abs=0.03)
    assert found.confusion[0, letter, letter] == pytest.approx(0.9, abs=0.03)


def test_every_round_makes_the_reads_likelier(written: list[Labelled]) -> None:
    some = written[:300]
    rates = started(2, 1, BELIEVED)
    likelihoods = []
    for _ in range(6):
        counts = expect(some, rates)
        likelihoods.append(counts.likelihood)
        rates = rates_of(counts, BELIEVED)
    rises = np.diff(likelihoods)
    assert (rises > -0.01 * abs(likelihoods[0])).all()
    assert likelihoods[-1] > likelihoods[0]


def test_every_symbol_and_read_is_booked_once(written: list[Labelled]) -> None:
    some = written[:200]
    counts = expect(some, started(2, 2, BELIEVED))
    assert counts.reads.sum() + counts.garbage == pytest.approx(len(some))
    cut = (counts.cut.sum(axis=1) * np.arange(11)).sum()
    assert counts.symbols.sum() + cut == pytest.approx(6 * counts.reads.sum())


def test_the_likelihood_of_the_fit_is_that_of_the_index(written: list[Labelled]) -> None:
    rates = started(3, 2, BELIEVED)
    channel = Channel("test", {Source.CAMERA: rates})
    for one in written[:20]:
        sight = Sight(channel, Source.CAMERA, ((1.0, one.read),))
        plate = Plate(one.truth.replace("-", ""))
        likelihood = float(likelihoods_of(sight, [plate])[0]) + sight.garbage
        assert expect([one], rates).likelihood == pytest.approx(np.log(likelihood))


def test_the_likelihood_of_the_fit_counts_what_may_have_been_retold() -> None:
    rates = started(2, 2, beliefs.priors(beliefs.looks(), beliefs.TYPED))
    channel = Channel("test", {Source.EYESIGHT: rates})
    for text in ("F-612-XR", "8spf113", "HD-N3-3R", "8-XKV-41"):
        one = Labelled("XR-612-F", read_of(text), "", "")
        sight = Sight.of(channel, one.read, Source.EYESIGHT)
        likelihood = float(likelihoods_of(sight, [Plate("XR612F")])[0]) + sight.garbage
        assert expect([one], rates).likelihood == pytest.approx(np.log(likelihood))


def test_the_fit_finds_how_often_groups_change_places(written: list[Labelled]) -> None:
    def with_groups_swapped(one: Labelled) -> Labelled:
        first, second, third = one.truth.split("-")
        told = f"{second}-{first}-{third}"
        return Labelled(one.truth, read_of(told), "", "")

    reads = [with_groups_swapped(one) if n < 60 else one for n, one in enumerate(written[:600])]
    believed = beliefs.priors(beliefs.looks(), beliefs.TYPED)
    counts = fit(reads, Group(1, retold=beliefs.TYPED))
    assert counts.retold[SWAPPED_GROUPS] == pytest.approx(60, abs=3)
    assert rates_of(counts, believed).retold[SWAPPED_GROUPS] == pytest.approx(60.5 / 700, abs=0.005)
    assert not fit(reads[60:160], Group(1)).retold.any()


def test_a_source_without_reads_retells_as_is_believed() -> None:
    channel = from_document(channel_document({name: read_counts(name) for name in GROUPS}))
    assert channel.sources[Source.RADIO].retold == pytest.approx(beliefs.SPOKEN)
    assert channel.sources[Source.MIRROR].retold == pytest.approx(beliefs.TYPED)
    assert not channel.sources[Source.CAMERA].retold.any()


def test_several_readers_blend_into_one_mixture() -> None:
    parts = [(0.7, started(2, 1, BELIEVED)), (0.3, started(1, 1, BELIEVED))]
    mixed = blended(parts)
    assert mixed.weight.sum() + mixed.garbage == pytest.approx(1)
    assert mixed.confusion.shape[0] == mixed.cut.shape[1] == 3


def test_reads_of_a_folder_are_grouped_by_class_of_reader(tmp_path: Path) -> None:
    head = "id,truth,read,reader,condition,severity,char_conf\n"
    (tmp_path / "rendered_ocr.csv").write_text(
        head
        + '1,BBB-11-B,BBB-11-B,rapidocr_ppocrv4,clean,0,"[0.9,0.9,0.9,0.8,0.9,0.9,0.8,0.9]"\n'
        + "2,BBB-11-B,8BB11B,gocr,clean,0,\n3,BBB-11-B,,gocr,dirt,4,\n",
        encoding="utf-8",
    )
    (tmp_path / "real_dutch_readers.csv").write_text(head, encoding="utf-8")
    (tmp_path / "human_sim.csv").write_text(
        head + "4,BBB-11-B,bbb 11 b,human_sim,exact_messy,0,\n"
        "5,BBB-11-B,bravo bravo bravo 1 1 bravo,human_sim,spelled,0,\n",
        encoding="utf-8",
    )
    found = grouped(tmp_path)
    assert {name: len(reads) for name, reads in found.items()} == {
        "camera-good": 1,
        "camera-weak": 1,
        "camera-homemade": 0,
        "people": 2,
        "memory": 1,
    }
    assert found["camera-good"][0].read.confidences == (0.9, 0.9, 0.9, 0.9, 0.9, 0.9)
    assert isinstance(fit(found["people"], Group(1)), Counts)


def test_a_document_becomes_the_channel_it_describes() -> None:
    document = json.loads(CHANNEL.read_text(encoding="utf-8"))
    channel = from_document(document)
    assert channel.version == document["version"]
    assert set(channel.sources) == set(Source)

"""A synthetic export is one that a registry is built of, with the densities of the table."""

import csv
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from benchmarks.synthetic_registry import Vehicles, draw, main, registry_of, write_export
from plate_match.grammar import LAYOUTS, plates_at
from plate_match.registry import Registry

FEW = draw(5_000)
MANY = draw(300_000)


def registered(drawn: Vehicles) -> list[int]:
    return sorted(drawn.codes[~drawn.exported].tolist())


def test_so_many_are_drawn_as_were_asked_for_and_none_twice() -> None:
    for drawn, count in ((FEW, 5_000), (MANY, 300_000), (draw(1), 1)):
        assert len(registered(drawn)) == count
        assert len(np.unique(drawn.codes)) == len(drawn.codes)
    assert 0.04 < MANY.exported.sum() / 300_000 < 0.07


def test_the_seed_decides() -> None:
    assert registered(draw(5_000)) == registered(FEW)
    assert registered(draw(5_000, seed=1)) != registered(FEW)


def test_layouts_have_their_share_of_the_table() -> None:
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    table: Counter[int] = Counter()
    for row in csv.DictReader(text.splitlines()):
        if row["sidecode"]:
            table[int(row["sidecode"])] += int(row["registered"])
    offsets = [layout.offset for layout in LAYOUTS]
    drawn = Counter(np.searchsorted(offsets, registered(MANY), side="right").tolist())
    for number, vehicles in table.items():
        share = vehicles / sum(table.values())
        if share > 0.05:
            assert drawn[number] / 300_000 == pytest.approx(share, rel=0.2)


def test_letter_series_are_there_as_a_whole_or_not_at_all() -> None:
    """Where one plate of a letter series is registered, a good part of them is."""
    plates = plates_at(np.array(registered(MANY)))
    series = ["".join("9" if one.isdigit() else one for one in plate) for plate in plates]
    filled = [count / 10 ** one.count("9") for one, count in Counter(series).items()]
    assert 0.2 < np.mean(filled) < 0.8


def test_the_export_gives_the_registry_that_is_made_without_it(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.csv"
    write_export(FEW, path)
    quick, built = registry_of(FEW), Registry.build([path.read_bytes()])
    assert (built.name, built.rows, built.exported) == (quick.name, quick.rows, quick.exported)
    assert built.vehicles == 5_000
    assert built.repeated == 0
    assert set(built.makes) == set(quick.makes) == set(built.colours)
    assert built.holds(plates_at(FEW.codes)).tolist() == (~FEW.exported).tolist()
    for ours, theirs in ((built.makes, quick.makes), (built.colours, quick.colours)):
        assert {kind: sum(counts.values()) for kind, counts in ours.items()} == {
            kind: sum(counts.values()) for kind, counts in theirs.items()
        }
    grey = built.colours["Personenauto"]["GRIJS"] / sum(built.colours["Personenauto"].values())
    assert grey == pytest.approx(0.33, abs=0.05)


def test_the_export_says_that_it_is_synthetic_and_has_dirty_rows(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.csv"
    write_export(FEW, path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["synthetisch"] for row in rows} == {"ja"}
    assert {row["export_indicator"] for row in rows} == {"Ja", "Nee"}
    makes = {row["merk"] for row in rows}
    for sign in (",", '"', "3*SYN*"):
        assert any(sign in make for make in makes)
    assert any(make != make.strip() for make in makes)
    assert "\n\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("what", [(), ("--registry",)])
def test_the_command_writes_a_file_and_says_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: Sequence[str]
) -> None:
    path = tmp_path / "synthetic"
    main(["--vehicles", "500", "--output", str(path), "--seed", "7", *what])
    assert "synthetic vehicles written to " in capsys.readouterr().err
    built = Registry.load(path) if what else Registry.build([path.read_bytes()])
    assert (built.vehicles, built.name) == (500, registry_of(draw(500, seed=7)).name)


@pytest.mark.parametrize("vehicles", ["0", "-1"])
def test_a_registry_of_nothing_is_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], vehicles: str
) -> None:
    with pytest.raises(SystemExit):
        main(["--vehicles", vehicles, "--output", str(tmp_path / "none")])
    assert "at least one vehicle is drawn" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())

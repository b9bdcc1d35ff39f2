"""A registry holds what an export names, and what it says of a read is the sum over its plates."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plate_match import channel, kernel
from plate_match.branches import Branches, total
from plate_match.channel import Read, Source
from plate_match.errors import DamagedFile, UnreadableExport
from plate_match.glance import Looks
from plate_match.grammar import CAPACITY, LAYOUTS, plates_at
from plate_match.looks import Cluster, Together
from plate_match.plate import Pattern, Plate
from plate_match.registry import Registry
from plate_match.sight import Sight
from tests.strategies import patterns, plates

HEADER = "kenteken,voertuigsoort,export_indicator\n"
SOURCES = st.sampled_from(Source)
LISTS = st.lists(plates(), min_size=1, max_size=30, unique=True)


def export_of(listed: Sequence[str]) -> bytes:
    return (HEADER + "".join(f"{plate},Personenauto,Nee\n" for plate in listed)).encode()


def registry_of(listed: Sequence[str]) -> Registry:
    return Registry.build([export_of(listed)])


def sight_of(pattern: Pattern, source: Source) -> Sight:
    return Sight.of(channel.load(), Read(pattern), source)


def exact(listed: Sequence[Plate], looks: Looks) -> float:
    """The sum, plate by plate."""
    lengths: dict[int, list[Plate]] = defaultdict(list)
    for plate in listed:
        lengths[len(plate)].append(plate)
    return sum(float(looks.above(looks.each(group)).sum()) for group in lengths.values())


def _registered() -> list[Plate]:
    """Plates of every layout, a letter series that is full, one half full, and foreign ones."""
    codes = [code for one in LAYOUTS for code in range(one.offset, CAPACITY, 1_000_003)]
    full = [f"GB{number:03d}K" for number in range(1000)]
    half = [f"KZ{number:02d}1{letter}" for number in range(100) for letter in "BFHKNRTX"]
    strange = ["1ABC234", "ABC", "ZZZZZZ", "GB123I", "AF0AB1", "12345"]
    return sorted({*plates_at(np.array(codes)), *map(Plate, (*full, *half, *strange))})


REGISTERED = _registered()
REGISTRY = registry_of(REGISTERED)


@settings(max_examples=8)
@given(LISTS, st.lists(plates(), max_size=10))
def test_a_registry_holds_what_the_export_names_and_nothing_else(
    listed: list[Plate], asked: list[Plate]
) -> None:
    registry = registry_of(listed)
    assert registry.vehicles == len(listed)
    both = [*listed, *asked]
    assert registry.holds(both).tolist() == [plate in listed for plate in both]


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
@given(pattern=patterns(), source=SOURCES, grain=st.sampled_from((0.0, 1e-4, 0.2, 9)))
def test_the_interval_holds_the_exact_sum(
    *, native: bool, pattern: Pattern, source: Source, grain: float
) -> None:
    looks = Looks.of(sight_of(pattern, source))
    with pytest.MonkeyPatch.context() as patched:
        if not native:
            patched.setattr(kernel, "native", None)
        summed = exact(REGISTERED, looks)
        found = REGISTRY.likelihood(looks, grain * summed)
    rounding = 1e-9 * summed
    assert found.low - rounding <= summed <= found.high + rounding
    assert found.low <= found.estimate <= found.high
    if not grain:
        assert found.low == pytest.approx(summed, rel=1e-9)
        assert found.high == pytest.approx(summed, rel=1e-9)


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
@given(pattern=patterns(), source=SOURCES, steps=st.sampled_from((1, 20, 300)))
def test_the_interval_holds_the_exact_sum_wherever_the_walk_is_cut_off(
    *, native: bool, pattern: Pattern, source: Source, steps: int
) -> None:
    looks = Looks.of(sight_of(pattern, source))
    with pytest.MonkeyPatch.context() as patched:
        if not native:
            patched.setattr(kernel, "native", None)
        found = total(REGISTRY.index, looks, 0.0, steps=steps)
    summed = exact(REGISTERED, looks)
    assert found.low - 1e-9 * summed <= summed <= found.high + 1e-9 * summed
    assert found.low <= found.estimate <= found.high


@settings(max_examples=10)
@given(
    seen=st.lists(st.tuples(patterns(), SOURCES), min_size=2, max_size=3),
    shared=st.floats(0, 1),
    grain=st.sampled_from((1e-3, 0.05, 3.0)),
)
def test_the_interval_of_several_looks_holds_the_exact_sum_too(
    seen: list[tuple[Pattern, Source]], shared: float, grain: float
) -> None:
    sights = tuple(sight_of(*one) for one in seen)
    clusters = (
        Cluster((0, 1), 1 - shared, (shared * 0.01, shared * 0.02)),
        *(Cluster((other,), 1.0, (0.0,)) for other in range(2, len(sights))),
    )
    looks = Looks(sights, Together((1e3,) * len(sights), clusters))
    summed = exact(REGISTERED, looks)
    found = Branches(REGISTRY.index.store).likelihood(looks, grain * summed)
    rounding = 1e-9 * summed + 1e-15 * looks.base * len(REGISTERED)
    assert found.low - rounding <= summed <= found.high + rounding
    assert found.low <= found.estimate <= found.high


def test_a_full_series_is_summed_without_going_to_its_plates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = [Plate(f"GB{n:03d}{end}") for n in range(1000) for end in "BDFGHJKLNPRSTVXZ"]
    monkeypatch.setattr(kernel, "native", None)
    grown = []
    before = Branches._grown

    def counted(*arguments: Any) -> Any:
        found = before(*arguments)
        grown.append(len(found[1]))
        return found

    monkeypatch.setattr(Branches, "_grown", counted)
    looks = Looks.of(sight_of(Pattern(tuple("GB12?K")), Source.EYESIGHT))
    found = registry_of(full).likelihood(looks, 0.0)
    assert found.low == pytest.approx(exact(full, looks), rel=1e-9)
    assert grown == [1, 1]


def test_what_is_left_out_is_estimated_by_the_share_listed_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = [Plate(f"GB{n:03d}{end}") for n in range(1000) for end in "BFHKNRTX"]
    monkeypatch.setattr(kernel, "native", None)
    looks = Looks.of(sight_of(Pattern(("G", "B", "?", "?", "?", "?")), Source.EYESIGHT))
    summed = exact(half, looks)
    found = registry_of(half).likelihood(looks, summed / 10)
    assert found.low < 0.1 * summed
    assert found.high > 1.5 * summed
    assert found.estimate == pytest.approx(summed, rel=0.05)


def test_the_name_is_that_of_the_plates() -> None:
    listed = ["GB123K", "8XKV41", "1ABC234"]
    names = [registry_of(one).name for one in (listed, [*reversed(listed), "GB123K"])]
    assert names[0] == names[1]
    others = [registry_of([*listed, one]).name for one in ("GB124K", "ABC")]
    assert len({names[0], *others}) == 3


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    export = (
        "kenteken,merk,voertuigsoort,eerste_kleur,export_indicator\n"
        "GB123K,SYN \u00c9\u00c9N,Personenauto,GRIJS,Nee\n1ABC234,SYN,Bus,N.v.t.,Nee\n"
        "GB124K,SYN,Bus,WIT,Ja\nGB123K,SYN \u00c9\u00c9N,Personenauto,GRIJS,Nee\n"
    )
    registry = Registry.build([export.encode()])
    path = tmp_path / "synthetic.registry"
    registry.save(path)
    loaded = Registry.load(path)
    assert (loaded.name, loaded.makes, loaded.colours) == (
        registry.name,
        {"Personenauto": {"SYN \u00c9\u00c9N": 2}, "Bus": {"SYN": 1}},
        {"Personenauto": {"GRIJS": 2}, "Bus": {"N.v.t.": 1}},
    )
    assert (loaded.vehicles, loaded.rows, loaded.exported, loaded.repeated) == (2, 4, 1, 1)
    asked = [Plate("GB123K"), Plate("1ABC234"), Plate("GB124K")]
    assert loaded.holds(asked).tolist() == [True, True, False]
    looks = Looks.of(sight_of(Pattern(tuple("GB123K")), Source.CAMERA))
    assert loaded.likelihood(looks, 0.0) == registry.likelihood(looks, 0.0)
    assert not loaded.index.store.bits.flags.writeable


def test_a_damaged_registry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.registry"
    registry = registry_of(["GB123K"])
    registry.save(path)
    whole = bytearray(path.read_bytes())
    whole[5_000_000] ^= 1
    path.write_bytes(whole)
    with pytest.raises(DamagedFile):
        Registry.load(path)
    registry.index.save(path)
    with pytest.raises(DamagedFile, match="index, not registry"):
        Registry.load(path)


@pytest.mark.parametrize("text", [HEADER, HEADER + "GB123K,Personenauto,Ja\n"])
def test_a_registry_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(UnreadableExport, match="no vehicle that is registered"):
        Registry.build([text.encode()])


def test_a_registry_of_plates_outside_the_layouts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [Plate("1ABC234"), Plate("ABC"), Plate("ZZZZZZ")]
    registry = registry_of(listed)
    looks = Looks.of(sight_of(Pattern(tuple("1ABC23")), Source.EYESIGHT))
    monkeypatch.setattr(kernel, "native", None)
    assert registry.likelihood(looks, 0.0).low == pytest.approx(exact(listed, looks), rel=1e-9)
    assert registry.holds(listed).all()
    assert not registry.holds([Plate("GB123K")]).any()
    assert np.isfinite(registry.likelihood(looks, 1.0).high)

"""The kernel says what numpy says of every read, and refuses what it cannot take."""

import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import channel, kernel
from plate_match.channel import Read, Source
from plate_match.glance import Looks
from plate_match.index import Asked, Index
from plate_match.keys import dashes_of, keys_of
from plate_match.lattice import Lattice, backward
from plate_match.normalize import parse
from plate_match.plate import Plate, symbols_of
from plate_match.population import load
from plate_match.scan import likelihoods_of
from plate_match.sight import Sight
from plate_match.store import lay_out
from tests.plate_match import twin
from tests.strategies import plates, reads

pytestmark = pytest.mark.skipif(not kernel.native, reason="this installation has no kernel")


def native() -> ModuleType:
    assert kernel.native
    return kernel.native


def sight(text: str, source: Source = Source.EYESIGHT) -> Sight:
    return Sight.of(channel.load(), Read(parse(text)), source)


@given(st.data(), st.sampled_from(Source))
def test_a_read_is_worth_the_same_to_the_kernel_to_numpy_and_to_the_twin(
    data: st.DataObject, source: Source
) -> None:
    plate = data.draw(plates())
    seen = Sight.of(channel.load(), data.draw(reads([plate])), source)
    expected = twin.total_of(seen, plate)
    assert likelihoods_of(seen, [plate])[0] == pytest.approx(expected, rel=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "native", None)
        assert likelihoods_of(seen, [plate])[0] == pytest.approx(expected, rel=1e-9)


@given(st.data(), st.sampled_from(Source))
def test_the_best_alignment_is_that_of_the_lattice(data: st.DataObject, source: Source) -> None:
    plate = data.draw(plates())
    seen = Sight.of(channel.load(), data.draw(reads([plate])), source)
    dashed = dashes_of([plate])
    shape = np.array([len(plate) | sum(bool(one) << 4 + i for i, one in enumerate(dashed))])
    for (weight, observed), read in zip(seen.observations, seen.native, strict=True):
        sums, best = np.empty(1), np.empty(1)
        native().likelihood(read, keys_of([plate]), shape.astype(np.uint16), sums, best)
        lattice = Lattice(observed, len(plate), np.maximum)
        emissions = [lattice.of_symbols(one, slot) for slot, one in enumerate(symbols_of([plate]))]
        found = observed.rates.weight[:, None] * backward(lattice, emissions, dashed)
        assert best[0] == pytest.approx(weight * float(found.max()), rel=1e-9)
        assert best[0] <= sums[0] * (1 + 1e-9)


@given(st.data(), st.sampled_from(Source))
def test_garbage_is_that_of_the_observation(data: st.DataObject, source: Source) -> None:
    read = data.draw(reads([data.draw(plates())]))
    tables = channel.load()
    found = kernel.garbage_of(tables.sources[source], read)
    assert found == pytest.approx(tables.observe(read, source).garbage, rel=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "native", None)
        assert kernel.garbage_of(tables.sources[source], read) == found


def test_the_name_says_which_search_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernel.name() == f"native-{native().PROCESSOR}"
    assert kernel.name() in {"native-plain", "native-avx2", "native-avx512"}
    monkeypatch.setattr(kernel, "native", None)
    assert kernel.name() == "numpy"


def test_without_a_kernel_there_is_nothing_to_hand_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "native", None)
    rates = channel.load().sources[Source.CAMERA]
    series = kernel.series_of(np.zeros((6, 1), np.intp), np.zeros((6, 1), bool), ["8"])
    assert kernel.read_of(rates, 1.0, Read(parse("8XKV41"))) is None
    assert series is kernel.index_of(lay_out(keys_of(["8XKV41"]))) is None
    keys, dashed = keys_of(["8XKV41"]), np.zeros((6, 1), dtype=bool)
    cases: tuple[Callable[[], object], ...] = (
        lambda: kernel.search(None, (), ()),
        lambda: kernel.likelihoods(None, keys, dashed),
        lambda: kernel.best_of(series, [], so_far=0.0),
        lambda: kernel.added_up(series, [], np.ones(1), so_far=0.0),
        lambda: kernel.drawn(series, keys, np.ones(1)),
    )
    for case in cases:
        with pytest.raises(RuntimeError, match="no native kernel"):
            case()


NUMBERS = np.float64(1).tobytes()
ALL = bytes(range(36))
NO_PARTS: Mapping[str, bytes] = {}


def rates(count: int = 1, bins: int = 1, *, parts: Mapping[str, bytes] = NO_PARTS) -> object:
    """Rates of so many components, but for these parts."""
    sizes = {
        "weight": count,
        "insert": 3 * count,
        "delete": 3 * count,
        "dash_delete": count,
        "transpose": count,
        "cut": 22 * count,
        "placed": 38 * 3 * count * 37,
        "inserted": 3 * count * 38,
        "confidence": 3 * count * bins,
    }
    whole = {name: np.full(size, 0.1).tobytes() for name, size in sizes.items()}
    return native().rates(*{**whole, **parts}.values(), 0.1)


def group(**other: object) -> tuple[object, ...]:
    """A group of keys of three symbols."""
    parts = {
        "length": 3,
        "draws": bytes(3),
        "tails": np.arange(4, dtype=np.int32).tobytes(),
        "dashed": bytes(3),
        "levels": b"",
        "begin": 0,
        "plates": 2,
    }
    return tuple((parts | other).values())


def index(
    groups: object = None, draws: object = None, keys: bytes | None = None, **bits: bytes
) -> object:
    """An index of two plates of three symbols."""
    return native().index(
        [ALL] if draws is None else draws,
        [group()] if groups is None else groups,
        keys_of(["8XK", "8XV"]).tobytes() if keys is None else keys,
        bits.get("bits", bytes(8)),
        bits.get("ranks", bytes(4)),
    )


def looks(**other: object) -> tuple[object, ...]:
    parts = {
        "floors": NUMBERS,
        "reads": [sight("8XKV41").native],
        "sizes": b"\x01",
        "independent": NUMBERS,
        "repeated": NUMBERS,
    }
    return tuple((parts | other).values())


def search(**other: Any) -> Any:
    parts = {
        "index": index(),
        "looks": looks(),
        "floor": 0.0,
        "least": 0.0,
        "limit": 2,
        "grain": 0.0,
        "steps": 99,
        "profile": b"",
        "ratios": b"",
        "most": 1.0,
        "mean": 1.0,
        "spans": b"",
        "at": 0.0,
    }
    return native().search(*(parts | other).values())


def series(**other: Any) -> object:
    parts = {"length": 2, "draws": [ALL, ALL[:5]], "draw": b"\0\1", "dashed": bytes(2)}
    return native().series(*(parts | other).values())


def likelihood(keys: bytes, shapes: bytes, *, size: int = 1) -> None:
    sums, bests = np.empty(size), np.empty(size)
    native().likelihood(sight("8XKV41").native[0], keys, shapes, sums, bests)


def draws(keys: bytes, *, weights: bytes = NUMBERS, size: int = 1) -> None:
    native().series_draws(series(), keys, weights, np.empty(size))


ODD_KEYS = (0, int(keys_of(["8X"])[0]), 2**64 - 1, 63 << 54, 37 << 54 | 1 << 48 | 1 << 42)
LEVELS = np.array([0, 0, 0, 0], dtype=np.int64)

MALFORMED: dict[str, Callable[[], object]] = {
    "no component": lambda: rates(0),
    "nine components": lambda: rates(9),
    "confidences of another number": lambda: rates(parts={"confidence": bytes(16)}),
    **{
        f"{part} of another length": lambda part=part: rates(parts={part: bytes(56)})  # type: ignore[misc]  # bound as it is made
        for part in ("insert", "delete", "dash_delete", "transpose", "cut", "placed", "inserted")
    },
    "a read of no rates": lambda: native().read(index(), 1.0, b""),
    "25 columns": lambda: native().read(rates(), 1.0, b"\1\0\0" * 25),
    "a symbol there is not": lambda: native().read(rates(), 1.0, b"\1\x26\0"),
    "a column that is cut off": lambda: native().read(rates(), 1.0, b"\2\0"),
    "a column that ends early": lambda: native().read(rates(), 1.0, b"\xff"),
    "a bin there is not": lambda: native().read(rates(), 1.0, b"\1\0\2"),
    "a draw of nothing": lambda: index(draws=[b"", ALL]),
    "a draw of 37": lambda: index(draws=[bytes(range(37)), ALL]),
    "a draw out of order": lambda: index(draws=[b"\2\1", ALL]),
    "a draw of no symbol": lambda: index(draws=[b"\x24", ALL]),
    "257 draws": lambda: index(draws=[ALL] * 257),
    "no draw": lambda: index(draws=[]),
    "no draw of all symbols": lambda: index(draws=[ALL, ALL[:4]]),
    "257 groups": lambda: index([group(plates=0)] * 257),
    "a group that is none": lambda: index([3]),
    "a group of no symbol": lambda: index([group(length=0)]),
    "a group of eleven": lambda: index([group(length=11)]),
    "a group of a billion": lambda: index([group(length=2**30)]),
    "a group of less than none": lambda: index([group(length=-7)]),
    "draws of another number": lambda: index([group(draws=bytes(4))]),
    "dashes of another number": lambda: index([group(dashed=bytes(4))]),
    "tails of another number": lambda: index([group(tails=bytes(12))]),
    "levels of another number": lambda: index([group(levels=bytes(8))]),
    "a draw there is not": lambda: index([group(draws=b"\0\0\1")]),
    "a tail below none": lambda: index([group(tails=b"\xff" * 16)]),
    "a tail beyond all": lambda: index([group(tails=np.full(4, 2**31 - 1, np.int32).tobytes())]),
    "plates below none": lambda: index([group(plates=-1)]),
    "more plates than keys": lambda: index([group(plates=3)]),
    "more plates than there could be": lambda: index([group(plates=2**62)]),
    "a beginning below none": lambda: index([group(begin=-1)]),
    "a beginning beyond all": lambda: index([group(begin=2**62)]),
    "keys cut off": lambda: index(keys=bytes(15)),
    "keys of other draws": lambda: index(draws=[ALL[:5], ALL]),
    "keys of nothing": lambda: index(keys=bytes(16)),
    "keys of no symbols": lambda: index(keys=b"\xff" * 16),
    "bits beyond all": lambda: index([group(levels=LEVELS.tobytes(), plates=1)]),
    "bits below none": lambda: index([group(levels=(LEVELS - 9).tobytes())], bits=bytes(99999)),
    "bits without ranks": lambda: index([group(levels=LEVELS.tobytes())], bits=bytes(99999)),
    "looks that are none": lambda: search(looks=[]),
    "no look": lambda: search(looks=looks(reads=[], floors=b"", sizes=b"", repeated=b"")),
    "65 looks": lambda: search(
        looks=looks(
            reads=[sight("8").native] * 65,
            floors=NUMBERS * 65,
            sizes=b"\x41",
            repeated=NUMBERS * 65,
        )
    ),
    "65 things retold": lambda: search(looks=looks(reads=[sight("8").native * 65])),
    "a look that is none": lambda: search(looks=looks(reads=[()])),
    "a read that is none": lambda: search(looks=looks(reads=[[index()]])),
    "a read of nothing": lambda: search(looks=looks(reads=[[None]])),
    "floors of another number": lambda: search(looks=looks(floors=bytes(16))),
    "repeats of another number": lambda: search(looks=looks(repeated=b"")),
    "clusters of another number": lambda: search(looks=looks(independent=bytes(16))),
    "a cluster of too many": lambda: search(looks=looks(sizes=b"\x02")),
    "a search in no index": lambda: search(index=rates()),
    "a limit below none": lambda: search(limit=-1),
    "a profile too few": lambda: search(profile=bytes(4), ratios=NUMBERS),
    "a ratio there is not": lambda: search(profile=b"\1\0\0\0" * 2, ratios=NUMBERS),
    "times too few": lambda: search(spans=bytes(16)),
    "plates of no length": lambda: likelihood(bytes(8), b"\0\0"),
    "plates of eleven": lambda: likelihood(keys_of(["8XKV41"]).tobytes(), b"\x0b\0"),
    "shapes of another number": lambda: likelihood(keys_of(["8XKV41"]).tobytes(), b"\6"),
    "sums of another number": lambda: likelihood(keys_of(["8XKV41"]).tobytes(), b"\6\0", size=2),
    "a read for a plate that is none": lambda: native().likelihood(
        rates(), bytes(8), bytes(2), np.empty(1), np.empty(1)
    ),
    **{
        f"a strange key {key:x}": lambda key=key: likelihood(np.uint64(key).tobytes(), b"\6\0")  # type: ignore[misc]  # bound as it is made
        for key in ODD_KEYS
    },
    "a series of no length": lambda: series(length=0),
    "a series below no length": lambda: series(length=-2),
    "a series of eleven": lambda: series(length=11, draw=bytes(11), dashed=bytes(11)),
    "a series cut off": lambda: series(length=3),
    "a series of other dashes": lambda: series(dashed=bytes(3)),
    "a series of a draw there is not": lambda: series(draw=b"\0\2"),
    "a series of strange draws": lambda: series(draws=[b"\1\1"]),
    "weights of another number": lambda: native().series_sum(series(), sight("8").native, b"", 0.0),
    "a series of a read that is none": lambda: native().series_best(series(), [series()], 0.0),
    "a sum over a read that is none": lambda: native().series_sum(
        series(), [series()], np.ones(2), 0.0
    ),
    "draws of other weights": lambda: draws(keys_of(["8X"]).tobytes(), weights=b""),
    "draws of another size": lambda: draws(keys_of(["8X"]).tobytes(), size=2),
    "draws of a plate too short": lambda: draws(keys_of(["8"]).tobytes()),
    "draws of no plate": lambda: draws(b"\xff" * 8),
}


@pytest.mark.parametrize("case", MALFORMED.values(), ids=MALFORMED)
def test_what_the_kernel_cannot_take_is_refused(case: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        case()


def test_what_the_kernel_can_take_is_taken() -> None:
    """The parts that the refused ones differ from by one thing."""
    places, values, keys = search()[:3]
    assert np.frombuffer(keys, np.uint64).tolist() == keys_of(["8XK", "8XV"]).tolist()
    assert len(places) == len(values) == 16
    assert search(profile=bytes(8), ratios=NUMBERS, spans=np.array([0.0, 9] * 2).tobytes())
    assert np.frombuffer(search(looks=looks(reads=[[]]))[1]).tolist() == [0.0, 0.0]
    draws(keys_of(["8X"]).tobytes())
    likelihood(keys_of(["8XKV41"]).tobytes(), b"\6\0")
    assert rates(8)
    assert index([], keys=b"")
    assert series(draw=b"", dashed=b"")


def test_things_of_another_type_are_refused() -> None:
    cases: tuple[Callable[[], object], ...] = (
        lambda: native().index(3, [], b"", b"", b""),
        lambda: native().index([3], [], b"", b"", b""),
        lambda: native().search(None, (), 0.0),
        lambda: native().read(rates(), "1", b""),
        lambda: native().likelihood(rates(), "8XKV41", b"", b"", b""),
        lambda: native().series(2, ("x",), b"", b""),
    )
    for case in cases:
        with pytest.raises((TypeError, ValueError)):
            case()


def test_the_kernel_holds_on_to_what_it_was_given() -> None:
    """Rates outlive their reads, an index the arrays it lies in; nothing leaks."""
    read = native().read(rates(), 1.0, b"\1\x08\0")
    keys = keys_of(["8XKV41"])
    for _ in range(40):
        native().read(rates(8, bins=12), 1.0, b"\1\x08\1\0\0" * 8)
    assert kernel.likelihoods(read, keys, dashes_of([Plate("8XKV41")]))[0] > 0
    before = sys.getrefcount(keys)
    held = native().index([ALL], [], keys, keys, keys)
    assert sys.getrefcount(keys) > before
    del held
    assert sys.getrefcount(keys) == before


@pytest.fixture(params=["plain", "avx2", "avx512"])
def processor(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param not in native().processors():
        pytest.skip("this machine cannot run it")
    native().use(request.param)
    yield request.param
    native().use(native().PROCESSOR)


@pytest.mark.usefixtures("processor")
@pytest.mark.parametrize("text", ["8XKV41", "8X-?V-41", "*KV4*", "0AA00", "12AB-34"])
def test_every_processor_finds_what_numpy_finds(text: str) -> None:
    listed = [Plate(one) for one in ("8XKV41", "8XKU41", "BXKV41", "12AB34", "1ABC234", "0AA00")]
    index, seen = Index.build(listed), Looks.of(sight(text, Source.MEMORY))
    found = index.search(seen, Asked(0.0))
    every = load().likelihood(seen.sights[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "native", None)
        scanned = index.search(seen, Asked(0.0))
        assert load().likelihood(seen.sights[0]) == pytest.approx(every, rel=1e-9)
    assert found.keys.tolist() == scanned.keys.tolist()
    assert found.likelihood == pytest.approx(scanned.likelihood, rel=1e-9)


def test_a_processor_that_is_not_there_is_not_taken() -> None:
    with pytest.raises(ValueError, match="processor"):
        native().use("z80")

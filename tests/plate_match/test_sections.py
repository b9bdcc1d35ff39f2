"""A file of arrays comes back as it was written, or not at all."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as drawn_numpy
from numpy.typing import NDArray

from plate_match import sections
from plate_match.errors import DamagedFile
from plate_match.sections import read, write

KINDS = st.sampled_from(("u1", "<u4", ">u4", "<i8", "<f8", ">f8", "S6", "?"))
ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=5),
    KINDS.flatmap(
        lambda kind: drawn_numpy.arrays(kind, drawn_numpy.array_shapes(min_dims=0, min_side=0))
    ),
    max_size=4,
)
HEADERS = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=9), st.none()), max_size=3
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "bits.synthetic"
    write(found, "bits", {"of": "tests"}, arrays={"bits": np.arange(200, dtype=np.uint8)})
    return found


@given(HEADERS, ARRAYS)
def test_what_is_written_is_read(header: Mapping[str, Any], arrays: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bits"
        write(path, "bits", header, arrays=arrays)
        assert [one.name for one in Path(folder).iterdir()] == ["bits"]
        found, back = read(path, "bits")
        assert found == header
        assert list(back) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(back[name], array, strict=False)
            assert back[name].shape == array.shape
            assert back[name].dtype == array.dtype.newbyteorder("<")


def test_arrays_are_mapped_aligned_and_cannot_be_changed(path: Path) -> None:
    write(path, "bits", {}, arrays={"a": np.arange(3), "b": np.arange(5.0), "c": np.arange(7)})
    _, arrays = read(path, "bits")
    for array in arrays.values():
        assert array.ctypes.data % 64 == 0
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    base: Any = arrays["a"]
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_any_flipped_bit_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (1, 128):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with pytest.raises(DamagedFile):
                read(path, "bits")


def test_a_file_that_was_cut_short_or_grew_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(DamagedFile):
            read(path, "bits")
    path.write_bytes(whole + b"\0")
    with pytest.raises(DamagedFile, match="checksum is another"):
        read(path, "bits")


def test_a_file_of_another_kind_is_told_apart(path: Path) -> None:
    with pytest.raises(DamagedFile, match="another thing: bits, not registry"):
        read(path, "registry")
    path.write_text("kenteken,voertuigsoort\n")
    with pytest.raises(DamagedFile, match=r"none of plate-match's"):
        read(path, "bits")


def test_a_file_of_a_newer_version_is_refused_by_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "VERSION", 7)
    write(path, "bits", {}, arrays={})
    monkeypatch.undo()
    with pytest.raises(DamagedFile, match="format version 7; this is for up to 1"):
        read(path, "bits")


def test_a_file_that_is_mapped_can_be_replaced(path: Path) -> None:
    _, before = read(path, "bits")
    write(path, "bits", {}, arrays={"bits": np.zeros(9, np.uint8)})
    assert before["bits"].tolist() == list(range(200))
    assert read(path, "bits")[1]["bits"].tolist() == [0] * 9


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(path: Path) -> None:
    whole = path.read_bytes()
    with pytest.raises(ValueError, match="Out of range float"):
        write(path, "bits", {"no": float("nan")}, arrays={})
    assert path.read_bytes() == whole
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_two_writers_do_not_mix(path: Path) -> None:
    begun = path.with_name(f".{path.name}.0")
    begun.write_text("of another writer")
    array: NDArray[np.int64] = np.arange(3)
    write(path, "bits", {}, arrays={"a": array})
    assert begun.read_text() == "of another writer"
    assert read(path, "bits")[1]["a"].tolist() == [0, 1, 2]

"""What was kept of entries comes back as it was. All plates are synthetic."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import taken_file
from plate_match.errors import DamagedFile
from plate_match.gathering import Gathering
from plate_match.hotlist import Entry
from plate_match.listing_file import OtherMaker
from plate_match.taken import Taken
from tests.plate_match.test_gathering import ENTRIES


def taken_of(listed: list[Entry]) -> Taken:
    gathering = Gathering()
    for place, entry in enumerate(listed):
        gathering.take(entry, place)
    return gathering.taken()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("taken") / "one"


@given(st.lists(ENTRIES, max_size=12))
def test_what_is_loaded_is_what_was_saved(path: Path, listed: list[Entry]) -> None:
    taken = taken_of(listed)
    taken_file.save(taken, path, maker="1")
    loaded = taken_file.load(path, maker="1")
    for field in fields(Taken):
        one, other = getattr(taken, field.name), getattr(loaded, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist()
        else:
            assert one == other


def test_what_another_version_made_or_what_is_damaged_is_refused(path: Path) -> None:
    taken_file.save(taken_of([]), path, maker="1")
    with pytest.raises(OtherMaker, match="made by version 1, this is 2"):
        taken_file.load(path, maker="2")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedFile):
        taken_file.load(path, maker="1")

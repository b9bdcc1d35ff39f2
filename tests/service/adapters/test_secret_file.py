import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.adapters.secret_file import load_secret
from service.errors import CannotStart


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    secret = load_secret(folder, "s")
    assert load_secret(folder, "s") == secret
    assert len(set(secret)) > 8
    assert (folder / "s").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["s"]


def test_all_who_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load_secret(tmp_path / "keys", "s"), range(32)))
    assert len(secrets) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["s"]


def test_a_secret_that_is_not_whole_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"short")
    with pytest.raises(CannotStart, match="not 32 bytes"):
        load_secret(tmp_path, "s")


def test_a_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(CannotStart, match="cannot be used"):
        load_secret(tmp_path / "keys", "s")


@pytest.mark.timeout(5)
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_in_its_place_is_told_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "secret")
    with pytest.raises(CannotStart, match=r"cannot be used: it is no file"):
        load_secret(tmp_path, "secret")

import os
import socket
from pathlib import Path

import pytest

from service.regular_file import read_regular


def test_what_a_file_holds_is_returned_and_no_more_of_a_long_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "file", most=100) == b"abcdef"
    assert read_regular(tmp_path / "link", most=3) == b"abc"


@pytest.mark.timeout(5)
def test_nothing_is_waited_for_that_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "socket"))
    for path in (*tmp_path.iterdir(), Path("/dev/zero")):
        with pytest.raises(OSError, match="it is no file") as caught:
            read_regular(path, most=1)
        assert caught.value.filename == str(path)


@pytest.mark.timeout(5)
def test_a_file_that_a_pipe_takes_the_place_of_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    real = os.open

    opened: list[int] = []

    def swapped(name: str, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        opened.append(real(name, flags))
        return opened[0]

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(OSError, match="it is no file"):
        read_regular(path, most=1)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])

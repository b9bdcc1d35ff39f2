from pathlib import Path

import pytest

from service.cli.outputs import places, written
from service.cli.terminal import WrongUse

NAMES = ("--output", "--rejects")


@pytest.mark.parametrize("where", ["/dev/null", "/dev/stdout", "/proc/self/x", "/tmp/../dev/new"])  # noqa: S108 - nothing is written
def test_devices_and_processes_are_no_place_for_a_file(where: str) -> None:
    with pytest.raises(WrongUse, match=r"^--output .*: lies under /dev or /proc"):
        places({"--output": Path(where)}, {})


def test_a_link_to_a_device_is_none_either(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    with pytest.raises(WrongUse, match="lies under /dev or /proc"):
        places({"--output": link}, {})


def test_a_name_that_only_begins_like_a_device_is_a_place() -> None:
    path = Path("/devices/hits.csv")
    assert places({"--output": path}, {}) == {"--output": path}


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    with pytest.raises(WrongUse) as refused:
        places(dict(zip(NAMES, (tmp_path / "ring", tmp_path), strict=True)), {})
    assert str(refused.value) == (
        f"--output {tmp_path}/ring: leads nowhere: its links go round in a circle; "
        f"--rejects {tmp_path}: is no regular file"
    )


def write_and_be_interrupted(place: Path) -> None:
    with written(place) as file:
        file.write("second")
        raise KeyboardInterrupt


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "hits.csv"
    with written(place) as file:
        file.write("first")
        assert not place.exists()
    assert place.read_text() == "first"
    with pytest.raises(KeyboardInterrupt):
        write_and_be_interrupted(place)
    assert place.read_text() == "first"
    assert list(tmp_path.iterdir()) == [place]


def test_where_no_file_can_be_made_that_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(WrongUse, match=r"x\.csv: cannot be written: No such file or directory"),
        written(tmp_path / "none" / "x.csv"),
    ):
        pass

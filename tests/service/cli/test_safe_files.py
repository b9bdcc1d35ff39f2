"""Files that are not safe, or of no use to who starts the service, stop the start by name."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from service.adapters.registry_file import load_registry
from service.cli.safety import require_safe
from service.errors import CannotStart
from service.lifespan import KEYS, SECRET
from service.settings import Settings
from tests.service.adapters.test_usable import BAD
from tests.service.cli.conftest import Call
from tests.service.feeds import DECLARED
from tests.service.folk import give, shut, somebody


def refused(data: Path, **settings: object) -> str:
    with pytest.raises(CannotStart) as caught:
        require_safe(Settings.load(data=data, **settings))
    return str(caught.value)


def made(call: Call, data: Path) -> Path:
    """A data folder with a database, a list and a secret, as the service makes them."""
    feed = data.with_name("feed.txt")
    feed.write_text("8XKV41\n")  # synthetic
    assert call("feed", "load", feed, "--feed", "syn", "--data", data).code == 0
    (data / KEYS).mkdir(mode=0o700)
    write(data / KEYS / SECRET, bytes(range(32)))
    return data


def socket_at(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(name)


def write(path: Path, content: bytes = b"", mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.fixture
def data(call: Call, tmp_path: Path) -> Path:
    return made(call, tmp_path / "data")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", [SECRET, "another"])
def test_what_is_no_file_among_the_secrets_is_named_and_not_waited_for(
    data: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = data / KEYS / name
    monkeypatch.chdir(data / KEYS)  # the name of a socket may not be long
    for make in (os.mkdir, os.mkfifo, socket_at):
        path.unlink(missing_ok=True)
        make(name)
        assert f"data: {path} is no file, and only secrets are kept there" in refused(data)
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_draft_of_a_secret_that_somebody_left_is_in_nobodys_way(data: Path) -> None:
    require_safe(Settings.load(data=data))
    write(data / KEYS / f"{SECRET}.17.0badcafe")
    require_safe(Settings.load(data=data))


@pytest.mark.parametrize("name", ["keys", "hotlist", "inbox", "refused", "metrics", "feeds"])
@pytest.mark.parametrize("kind", ["dangling", "loop", "file"])
def test_what_is_no_folder_in_the_data_folder_is_named(data: Path, name: str, kind: str) -> None:
    shutil.rmtree(data / name, ignore_errors=True)
    assert f"data: {BAD[kind][0](data / name)} " in refused(data)


def test_a_database_that_lies_elsewhere_than_it_seems_is_named(data: Path, tmp_path: Path) -> None:
    file = data / "plate-match.sqlite"
    file.rename(tmp_path / "elsewhere.sqlite")
    file.symlink_to(tmp_path / "elsewhere.sqlite")
    assert f"data: {file} is a link" in refused(data)


@pytest.mark.parametrize(
    "name",
    [
        "plate-match.sqlite",
        "credentials.version",
        "hotlist/follow-up.lock",
        "hotlist/VERSION",
        "inbox/lock",
        "inbox/east",
        f"{KEYS}/{SECRET}",
        "hotlist",
        "feeds/east.toml",
    ],
)
def test_what_somebody_else_left_in_the_data_folder_is_named(
    call: Call, place: Path, name: str
) -> None:
    data = made(call, place / "data")
    write(data / "credentials.version")
    for folder in ("feeds", "inbox", "inbox/east"):
        (data / folder).mkdir(mode=0o700)
    for file in ("feeds/east.toml", "inbox/lock", "hotlist/follow-up.lock"):
        write(data / file)
    path = next(p for p in (data / "hotlist").iterdir() if p.is_dir()) if "VER" in name else None
    path = path or data / name
    user = give(data, kept=lambda one: one == path)
    shut(path)
    with somebody():
        told = refused(data)
    assert f"data: {path} cannot be read" in told
    assert f"by user {user}, who runs this" in told


def test_of_many_files_some_are_named_and_how_many_more_there_are(call: Call, place: Path) -> None:
    data = made(call, place / "data")
    (data / "inbox").mkdir(mode=0o700)
    for number in range(20):
        shut(write(data / "inbox" / f"{number:02}"))
    give(data, kept=lambda one: one.parent.name == "inbox")
    with somebody():
        told = refused(data)
    assert f"{data / 'inbox' / '04'} cannot be read" in told
    assert f"data: 15 more in {data} cannot be used; chown -R it" in told


@pytest.mark.parametrize("pulled", [True, False])
def test_declarations_are_only_read_unless_a_feed_is_pulled(
    call: Call, place: Path, *, pulled: bool
) -> None:
    data = made(call, place / "data")
    (data / "feeds").mkdir()
    url = 'origin = "pull"\nurl = "https://feed.example/x.csv"\n' if pulled else ""
    write(data / "feeds" / "east.toml", (url + DECLARED).encode(), 0o644)
    (data / "feeds").chmod(0o555)
    give(data, kept=lambda one: "feeds" in one.parts)
    with somebody():
        if pulled:
            assert f"data: {data / 'feeds'} cannot be written" in refused(data)
        else:
            require_safe(Settings.load(data=data))


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "sqlite:///relative.sqlite",
        "sqlite:///:memory:",
        "sqlite:////tmp/x.sqlite?mode=memory&uri=true",
        "sqlite:///file:/tmp/x.sqlite?uri=true",
        "sqlite:////tmp/x#y.sqlite",
        "sqlite:////tmp/x%20y.sqlite",
        "sqlite:////tmp/x\x00.sqlite",
        "sqlite://user:hunter2@host/x.sqlite",
        "postgresql://user:hunter2@[/x",
    ],
)
def test_a_url_that_can_be_read_in_two_ways_is_no_url_of_a_database(data: Path, url: str) -> None:
    told = refused(data, database_url=url)
    assert "database_url: " in told
    assert "hunter2" not in told


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_a_database_elsewhere_is_looked_at_with_all_that_lies_beside_it(
    data: Path, tmp_path: Path, end: str
) -> None:
    file = tmp_path / "other.sqlite"
    url = f"sqlite:///{file}"
    for one in ("", "-wal", "-shm", "-journal"):
        write(tmp_path / f"other.sqlite{one}")
    require_safe(Settings.load(data=data, database_url=url))
    beside = tmp_path / f"other.sqlite{end}"
    beside.chmod(0o644)
    assert f"database_url: {beside} is open to others" in refused(data, database_url=url)
    beside.unlink()
    beside.symlink_to(data / "plate-match.sqlite")
    assert f"database_url: {beside} is a link" in refused(data, database_url=url)
    beside.unlink()
    beside.mkdir()
    assert f"database_url: {beside} is no file" in refused(data, database_url=url)


def test_the_folder_of_a_database_elsewhere_is_there_and_nobody_else_puts_files_in_it(
    data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    url = f"sqlite:///{folder}/x.sqlite"
    assert f"database_url: {folder} is not there; make it" in refused(data, database_url=url)
    folder.mkdir()
    folder.chmod(0o1777)
    assert f"database_url: {folder} is open to others" in refused(data, database_url=url)
    folder.chmod(0o755)
    require_safe(Settings.load(data=data, database_url=url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@db/x",
        "postgresql://u:hun#ter2@db/x",
        "postgresql://u:hunter2@[db/x",
        "postgresql:///x?password=hunter2",
    ],
)
def test_settings_with_a_password_of_any_writing_are_not_for_others_to_read(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    file = write(tmp_path / "plate-match.toml", f'database_url = "{url}"\n'.encode(), 0o644)
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(file))
    told = refused(data)
    assert f"PLATE_MATCH_CONFIG: {file} is open to others; chmod 600" in told
    assert "ter2" not in told


@pytest.mark.parametrize("kind", BAD)
def test_a_witness_that_is_no_folder_stops_the_start(data: Path, tmp_path: Path, kind: str) -> None:
    witness = BAD[kind][0](tmp_path / "witness")
    assert f"witness: {witness} " in refused(data, witness=witness)


def test_a_witness_that_is_not_mounted_stops_the_start(data: Path, tmp_path: Path) -> None:
    witness = tmp_path / "mnt" / "witness"
    assert f"witness: {witness} is not there; make it, mount it" in refused(data, witness=witness)


@pytest.mark.parametrize("address", ["https://witness.example/heads", "s3://heads"])
def test_an_address_is_no_witness(data: Path, address: str) -> None:
    assert "witness: an address is no witness; name a folder" in refused(data, witness=address)


def test_a_witness_around_the_data_folder_is_none(data: Path) -> None:
    assert "witness: the data folder is in " in refused(data, witness=data.parent)


def test_a_witness_that_cannot_be_added_to_stops_the_start(call: Call, place: Path) -> None:
    data, witness = made(call, place / "data"), place / "witness"
    witness.mkdir()
    witness.chmod(0o555)
    with somebody() as user:
        told = refused(data, witness=witness)
    assert f"witness: {witness} cannot be written by user {user}" in told


def test_a_witness_that_can_only_be_added_to_is_one(data: Path, tmp_path: Path) -> None:
    (tmp_path / "witness").mkdir(mode=0o300)
    require_safe(Settings.load(data=data, witness=tmp_path / "witness"))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["credentials.version", "hotlist/follow-up.lock", "inbox/lock"])
def test_a_pipe_in_place_of_a_file_is_named_and_not_waited_for(data: Path, name: str) -> None:
    (data / "inbox").mkdir(mode=0o700)
    (data / name).unlink(missing_ok=True)
    os.mkfifo(data / name)
    assert f"data: {data / name} is no file; move it away" in refused(data)


@pytest.mark.timeout(20)
def test_a_registry_that_is_none_is_named_with_all_else(data: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, why in (
        ("gone", "cannot be read: No such file"),
        ("pipe", "is no file"),
        ("data", "is no file"),
    ):
        told = refused(data, registry=tmp_path / name, witness=tmp_path / "none")
        assert f"registry: {tmp_path / name} {why}" in told
        assert "witness: " in told
    with pytest.raises(CannotStart, match="cannot be read: it is no file"):
        load_registry(tmp_path / "pipe")


def test_a_folder_that_anybody_may_replace_is_named(data: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    (tmp_path / "link").symlink_to(data)
    url = f"sqlite:///{data}/x.sqlite"
    for folder in (data, tmp_path / "link"):
        told = refused(folder, database_url=url)
        why = f"{folder} is in {tmp_path}, where anybody may put another in its place"
        assert f"data: {why}; chmod o-w {tmp_path}" in told
        assert f"database_url: {data} is in {tmp_path}" in told
    tmp_path.chmod(0o1777)
    require_safe(Settings.load(data=data))

"""What is not safe stops the start, by name; what the service makes itself is safe."""

import os
from pathlib import Path

import pytest

from service.cli.safety import require_safe
from service.errors import CannotStart
from service.lifespan import KEYS
from service.settings import Settings
from tests.service.cli.conftest import Call

FOREIGN = 54321


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as the service makes it, with a secret."""
    keys = tmp_path / "data" / KEYS
    for folder in (keys.parent, keys):
        folder.mkdir(mode=0o700)
    write(keys / "idempotency", bytes(range(32)))
    return keys.parent


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(data: Path, **settings: object) -> str:
    with pytest.raises(CannotStart) as caught:
        require_safe(Settings.load(data=data, **settings))
    return str(caught.value)


def test_what_the_service_makes_itself_is_safe(call: Call, tmp_path: Path, data: Path) -> None:
    require_safe(Settings.load(data=data))
    require_safe(Settings.load(data=tmp_path / "none yet"))
    umask = os.umask(0)
    try:
        made = tmp_path / "deep" / "made"
        issue = ("credential", "issue", "--role", "guard", "--organisation", "Synthetic")
        assert call(*issue, "--data", made).code == 0
        feed = tmp_path / "feed.txt"
        feed.write_text("8XKV41\n")  # synthetic
        assert call("feed", "load", feed, "--feed", "syn", "--data", tmp_path / "other").code == 0
    finally:
        os.umask(umask)
    for folder in (made, made.parent, tmp_path / "other"):
        assert folder.stat().st_mode & 0o777 == 0o700
    require_safe(Settings.load(data=made))
    require_safe(Settings.load(data=tmp_path / "other"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104 - refused
def test_beyond_loopback_the_proxies_have_to_be_named(data: Path, host: str) -> None:
    told = refused(data, host=host)
    assert f"host: {host} is not loopback" in told
    assert "trusted_proxies" in told
    require_safe(Settings.load(data=data, host=host, trusted_proxies="192.0.2.7, 2001:db8::/64"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_none(data: Path, host: str) -> None:
    require_safe(Settings.load(data=data, host=host))


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "64.0.0.0/2"])
def test_a_network_of_everybody_is_no_list_of_proxies(data: Path, network: str) -> None:
    assert f"trusted_proxies: {network}" in refused(data, trusted_proxies=network)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (".", 0o750),
        (".", 0o702),
        (KEYS, 0o710),
        (f"{KEYS}/idempotency", 0o640),
        ("hotlist", 0o755),
        ("inbox", 0o705),
        ("plate-match.sqlite", 0o644),
        ("feeds", 0o775),
        ("feeds/east.toml", 0o666),
    ],
)
def test_what_others_may_reach_is_named_with_what_to_do(data: Path, name: str, mode: int) -> None:
    (data / "feeds").mkdir(mode=0o700)
    path = data / name
    if not path.exists():
        path.mkdir() if name in {"hotlist", "inbox"} else path.touch()
    path.chmod(mode)
    told = refused(data)
    assert f"{path} is open to others; chmod " in told
    assert f"not {mode:o}" in told
    path.chmod(int(told.partition("chmod ")[2].split()[0], 8))
    require_safe(Settings.load(data=data))


def test_others_may_pass_to_where_they_drop_files_and_read_declarations(data: Path) -> None:
    (data / "feeds").mkdir(mode=0o700)
    write(data / "feeds" / "east.toml", b"", 0o644)
    (data / "drop").mkdir()
    data.chmod(0o711)
    require_safe(Settings.load(data=data))


def test_a_folder_of_somebody_else_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: FOREIGN)
    if os.getuid() == 0:  # what root owns is in order for everybody
        os.chown(data, FOREIGN + 1, -1)
    assert f"data: {data} belongs to somebody else" in refused(data)


@pytest.mark.parametrize("secret", [bytes(32), b"a" * 32, b"short", b"", b"ab" * 16])
def test_a_secret_that_can_be_guessed_is_named_and_not_shown(data: Path, secret: bytes) -> None:
    path = write(data / KEYS / "idempotency", secret)
    told = refused(data)
    assert f"the secret {path} can be guessed" in told
    assert secret.decode() not in told or not secret


def test_a_secret_that_lies_elsewhere_is_named(tmp_path: Path, data: Path) -> None:
    path = data / KEYS / "idempotency"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert f"the secret {path} is a link" in refused(data)


def test_a_witness_in_the_data_folder_is_none(tmp_path: Path, data: Path) -> None:
    assert "witness: " in refused(data, witness=data / "witness")
    (tmp_path / "link").symlink_to(data)
    assert "witness: " in refused(data, witness=tmp_path / "link")
    (tmp_path / "witness").mkdir()
    require_safe(Settings.load(data=data, witness=tmp_path / "witness"))


def test_a_database_elsewhere_is_looked_at_too(tmp_path: Path, data: Path) -> None:
    file = write(tmp_path / "other.sqlite", b"", 0o644)
    assert f"database_url: {file} is open to others" in refused(
        data, database_url=f"sqlite:///{file}"
    )
    file.chmod(0o600)
    require_safe(Settings.load(data=data, database_url=f"sqlite:///{file}"))


def test_settings_that_others_may_write_or_a_password_they_may_read_are_named(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "plate-match.toml", b"port = 1\n", 0o644)
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(file))
    require_safe(Settings.load(data=data))
    file.chmod(0o664)
    assert f"PLATE_MATCH_CONFIG: {file} is open to others" in refused(data)
    write(file, b'database_url = "postgresql://u:hunter2@db/x"\n', 0o644)
    told = refused(data)
    assert f"PLATE_MATCH_CONFIG: {file} is open to others" in told
    assert "hunter2" not in told
    file.chmod(0o600)
    assert "PLATE_MATCH_CONFIG" not in refused(data)  # which only this database is in the way of


def test_a_mode_in_which_the_log_shows_what_was_sent_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    assert "PYTHONASYNCIODEBUG" in refused(data)


def test_more_connections_than_files_may_be_open_are_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (1024, 4096))
    require_safe(Settings.load(data=data))
    assert "connections: 1000 are more than 1024 open files" in refused(data, connections=1000)


def test_every_unsafe_setting_is_told_at_once_and_nothing_is_started(
    call: Call, data: Path
) -> None:
    data.chmod(0o755)
    write(data / KEYS / "idempotency", bytes(32))
    told = call("serve", "--host", "192.0.2.1", "--port", 0, "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "plate-match: not safe to start: " in told.err
    for part in ("host: ", "data: ", "can be guessed"):
        assert part in told.err
    assert not (data / "plate-match.sqlite").exists()

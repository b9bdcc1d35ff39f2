import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.errors import CannotStart
from service.settings import Settings


def test_without_anything_set_the_data_lie_in_a_folder_beside() -> None:
    settings = Settings.load()
    assert settings.data == Path("data")
    assert settings.database_url is None


def test_the_environment_wins_over_the_file_and_an_argument_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "plate-match.toml"
    file.write_text('port = 1\nhost = "::1"\ndata = "from-file"\n', encoding="utf-8")
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(file))
    monkeypatch.setenv("PLATE_MATCH_PORT", "2")
    monkeypatch.setenv("PLATE_MATCH_DATA", "from-environment")
    settings = Settings.load(data=Path("from-argument"))
    assert (settings.host, settings.port, settings.data) == ("::1", 2, Path("from-argument"))


def test_every_unknown_name_and_bad_value_is_in_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "plate-match.toml"
    file.write_text('haven = 3\nhost = "::1"\n[database]\nurl = "x"\n', encoding="utf-8")
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(file))
    monkeypatch.setenv("PLATE_MATCH_PROT", "2")
    monkeypatch.setenv("plate_match_daat", "2")
    monkeypatch.setenv("PLATE_MATCH_PORT", "99999")
    with pytest.raises(CannotStart) as caught:
        Settings.load()
    for name in ("haven", "database", "PLATE_MATCH_PROT", "PLATE_MATCH_DAAT", "port"):
        assert name in str(caught.value)


def test_an_unknown_name_alone_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATE_MATCH_PROT", "2")
    with pytest.raises(CannotStart, match="PLATE_MATCH_PROT: unknown"):
        Settings.load()


def test_a_bad_value_is_not_repeated_since_it_may_be_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLATE_MATCH_PORT", "secret")
    with pytest.raises(CannotStart) as caught:
        Settings.load()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"port =", b"\xff"])
def test_a_file_that_is_missing_or_broken_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "plate-match.toml"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(file))
    with pytest.raises(CannotStart, match="PLATE_MATCH_CONFIG"):
        Settings.load()


def test_settings_do_not_change_after_the_start() -> None:
    settings = Settings.load()
    with pytest.raises(ValidationError):
        setattr(settings, "port", 1)  # noqa: B010 - the plain form is refused by mypy already


@pytest.mark.parametrize(
    "address",
    [
        "https://issuer.example",
        "https://issuer.example:8443/realms/x/",
        "http://127.0.0.1:9000",
        "http://[::1]:9000/x",
        "http://localhost:1",
    ],
)
def test_an_issuer_of_tokens_has_a_safe_address_and_an_audience(address: str) -> None:
    settings = Settings.load(oidc_issuer=address, oidc_audience="plate-match")
    assert settings.oidc_issuer == address
    for half in ({"oidc_issuer": address}, {"oidc_audience": "plate-match"}):
        with pytest.raises(CannotStart, match="oidc_issuer and oidc_audience belong together"):
            Settings.load(**half)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "issuer.example",
        "http://issuer.example",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://128.0.0.1",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@issuer.example",
        "https://issuer.example?x=1",
        "https://issuer.example/#x",
        "https://issuer.example:port",
        "https://issuer\n.example",
        "https://[::1",
    ],
)
def test_an_issuer_of_an_unsafe_address_stops_the_start(address: str) -> None:
    with pytest.raises(CannotStart, match="oidc_issuer: ") as caught:
        Settings.load(oidc_issuer=address, oidc_audience="plate-match")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "bad",
    [
        {"oidc_audience": ""},
        {"oidc_leeway_seconds": 301},
        {"oidc_leeway_seconds": -1},
        {"oidc_person_claim": ""},
    ],
)
def test_what_is_expected_of_tokens_has_bounds(bad: dict[str, object]) -> None:
    given = {"oidc_issuer": "https://issuer.example", "oidc_audience": "plate-match", **bad}
    with pytest.raises(CannotStart, match=next(iter(bad))):
        Settings.load(**given)


SILLY: tuple[object, ...] = (
    "",
    " ",
    "-1",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "9" * 400,
    "٣",
    "TrUe!",
    "0x10",
    "8000 x",
    "\x00",
    [],
    {},
    -(10**400),
    10**400,
    float("nan"),
    float("inf"),
)
NUMBERS = sorted(
    name for name, field in Settings.model_fields.items() if field.annotation in {int, float}
)


@pytest.mark.parametrize("name", [*NUMBERS, "registered_only", "ready_when_stale"])
def test_a_number_or_a_switch_takes_nothing_else(name: str) -> None:
    values = SILLY if name in NUMBERS else (*SILLY, "2", 2)
    for value in values:
        with pytest.raises(CannotStart, match=f"settings: {name}: "):
            Settings.load(**{name: value})


@pytest.mark.parametrize("name", NUMBERS)
def test_true_is_no_number(name: str) -> None:
    for value in (True, False):
        with pytest.raises(CannotStart, match=f"{name}: is true or false, where something else"):
            Settings.load(**{name: value})


TEXTS = sorted(set(Settings.model_fields) - set(NUMBERS) - {"registered_only", "ready_when_stale"})


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", ["", " ", "\n", "x\x00y", " /x", "/x\u200b", True, {}])
def test_a_text_says_something_that_can_be_seen(name: str, value: object) -> None:
    given = {"oidc_issuer": "https://issuer.example", "oidc_audience": "x"}
    other = given if name.startswith("oidc_") else {}
    with pytest.raises(CannotStart, match=f"settings: {name}: "):
        Settings.load(**{**other, name: value})


@pytest.mark.parametrize("name", ["data", "registry", "witness"])
def test_a_place_that_only_a_shell_understands_is_refused(name: str) -> None:
    with pytest.raises(CannotStart, match=f"{name}: begins with ~, which only a shell knows"):
        Settings.load(**{name: "~/plates"})


def test_a_part_of_the_proxies_that_is_empty_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATE_MATCH_TRUSTED_PROXIES", "10.0.0.1,,::1,")
    with pytest.raises(CannotStart) as caught:
        Settings.load()
    told = "settings: trusted_proxies: part 2 of 4 is empty, part 4 of 4 is empty"
    assert str(caught.value) == told


def test_a_host_with_brackets_is_taken_as_it_is_in_a_url() -> None:
    assert Settings.load(host="[::1]").host == "::1"
    issuer = "https://[2001:db8::1]:8443/realms/x"
    assert Settings.load(oidc_issuer=issuer, oidc_audience="x").oidc_issuer == issuer


@pytest.mark.parametrize(
    "address", [" https://issuer.example", "HTTPS://issuer.example", "https://a\\b", "https://a b"]
)
def test_an_issuer_is_written_in_one_way_only(address: str) -> None:
    with pytest.raises(CannotStart, match="oidc_issuer: "):
        Settings.load(oidc_issuer=address, oidc_audience="x")


def test_every_fault_of_environment_and_file_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(tmp_path / "hunter2"))
    monkeypatch.setenv("PLATE_MATCH_PORT", "x")
    monkeypatch.setenv("PLATE_MATCH_OIDC_AUDIENCE", "x")
    monkeypatch.setenv("PLATE_MATCH_PROT", "1")
    with pytest.raises(CannotStart) as caught:
        Settings.load(host="")
    told = str(caught.value)
    for part in (
        "PLATE_MATCH_PROT: unknown",
        "PLATE_MATCH_CONFIG: cannot be read: No such file or directory",
        "port: ",
        "host: ",
        "oidc_issuer and oidc_audience belong together",
    ):
        assert told.count(part) == 1
    assert "hunter2" not in told


@pytest.mark.timeout(10)
def test_a_file_of_settings_is_a_file_of_any_editor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbfport = 7\r\n")
    monkeypatch.setenv("PLATE_MATCH_CONFIG", str(tmp_path / "bom.toml"))
    assert Settings.load().port == 7
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "deep").write_text("a=" + "[" * 100_000, encoding="utf-8")
    (tmp_path / "long").write_text("#" * (1 << 21), encoding="utf-8")
    for name, why in (
        ("pipe", "it is no file"),
        ("", "it is no file"),
        ("deep", "nested too deep"),
        ("long", "is longer than"),
    ):
        monkeypatch.setenv("PLATE_MATCH_CONFIG", str(tmp_path / name))
        with pytest.raises(CannotStart, match=f"PLATE_MATCH_CONFIG: .*{why}"):
            Settings.load()


def test_a_name_that_is_set_twice_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATE_MATCH_PORT", "1")
    monkeypatch.setenv("plate_match_port", "2")
    with pytest.raises(CannotStart, match="PLATE_MATCH_PORT: set twice, in capitals and in small"):
        Settings.load()

import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import get_args

import pytest

from plate_match.channel import Source
from service.cli import main
from service.cli.commands.credential import RoleName
from service.cli.commands.options import SourceName
from service.records import Role
from tests.service.cli.conftest import Call

COMMANDS = (
    (),
    ("demo",),
    ("serve",),
    ("lookup",),
    ("match",),
    ("evaluate",),
    ("registry",),
    ("registry", "build"),
    ("feed",),
    ("feed", "check"),
    ("feed", "load"),
    ("feed", "status"),
    ("credential",),
    ("credential", "issue"),
    ("credential", "revoke"),
    ("credential", "list"),
    ("audit",),
    ("audit", "verify"),
)

BLIND = """
import sys
class Blind:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blind())
from service.cli import main
main()
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("audit", "export", "--by", "A\udcff", "--reason", "b"), "--by"),
        (("audit", "export", "--by", "A", "--reason=\udcff"), "--reason"),
        (("audit", "export", "--by", "A", "--reason", "b", "--person", "\udce9"), "--person"),
        (("audit", "review", "--month", "2026-10", "--word", "\udce9"), "--word"),
        (("subject", "\udcff", "--by", "A", "--reason", "b"), "argument 2"),
        (("credential", "revoke", "\udcff"), "argument 3"),
    ],
)
def test_bytes_that_are_no_text_are_refused_in_one_line(
    call: Call, words: tuple[str, ...], named: str
) -> None:
    told = call(*words)
    assert (told.code, told.out, told.err) == (2, "", f"plate-match: {named}: is no UTF-8 text\n")


def test_standard_input_that_is_no_text_is_refused_in_one_line(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--by", "A", "--reason", "b", "--data", tmp_path)
    (tmp_path / "auditor.key").write_text("pm_synthetic")
    key = ("--key-file", tmp_path / "auditor.key")
    for words, named in (
        (("subject", "-", *asked), "PLATE"),
        (("audit", "export", "--plate", "-", *key, *asked), "--plate"),
        (("audit", "export", "--key-file", "-", *asked), "--key-file -"),
    ):
        for errors in ("strict", "surrogateescape"):
            stdin = TextIOWrapper(BytesIO(b"8XKV41\xff\n"), encoding="utf-8", errors=errors)
            monkeypatch.setattr("sys.stdin", stdin)
            told = call(*words)
            assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
            assert told.err.startswith(f"plate-match: {named}: ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(call: Call, command: tuple[str, ...]) -> None:
    told = call(*command, "--help")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"Usage: {' '.join(('plate-match', *command))} ")


def test_the_names_of_options_are_those_of_the_library() -> None:
    assert get_args(SourceName) == tuple(Source)
    assert get_args(RoleName) == tuple(Role)


def test_the_version_names_program_model_and_kernel(call: Call) -> None:
    told = call("--version")
    assert told.code == 0
    assert told.out.startswith("plate-match ")
    assert ", model channel-" in told.out
    assert "+series-" in told.out
    assert ", kernel " in told.out


@pytest.mark.parametrize("arguments", [("fly",), ("--wings",), ("lookup",), ("feed", "eat")])
def test_wrong_use_is_told_on_stderr_with_exit_code_2(
    call: Call, arguments: tuple[str, ...]
) -> None:
    told = call(*arguments)
    assert (told.code, told.out) == (2, "")
    assert "Usage: plate-match" in told.err


def test_an_error_that_nobody_expected_keeps_its_trace(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.version.version", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call("--version")


@pytest.mark.parametrize("missing", ["typer", "sqlalchemy"])
def test_without_the_extra_it_says_in_one_line_what_to_install(missing: str) -> None:
    told = python(BLIND.format(missing=missing), "credential", "list")
    assert (told.returncode, told.stdout) == (2, "")
    assert (
        told.stderr == "plate-match: the command line needs more: pip install "
        "'plate-match[service]'\n"
    )


def test_a_module_of_our_own_that_is_missing_is_no_matter_of_the_extra() -> None:
    told = python(BLIND.format(missing="plate_match"), "--version")
    assert told.returncode == 1
    assert "Traceback" in told.stderr


def test_the_command_ends_with_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["plate-match", "fly"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def test_an_extra_that_is_missing_ends_in_this_process_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "service.cli.app", None)
    with pytest.raises(ModuleNotFoundError):
        main()
    monkeypatch.setattr("service.cli.EXTRA", {"service"})
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "pip install" in capsys.readouterr().err


def test_a_demo_leaves_a_folder_that_holds_something_else_alone(call: Call, tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    told = call("demo", "--data", tmp_path, "--port", 0)
    assert (told.code, told.out) == (2, "")
    assert "is not empty and holds no demo" in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_python_m_service_is_the_same_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "service", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: " in told.stdout


def test_help_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys\nfrom service.cli.app import run\nassert run() == 0\n"
        "print([name for name in ('numpy', 'plate_match', 'rich.table') if name in sys.modules])"
    )
    assert python(code, "--help").stdout.endswith("\n[]\n")

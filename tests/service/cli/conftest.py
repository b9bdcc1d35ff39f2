"""The command line as it is called: real arguments in, exit code and both streams out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.cli import terminal
from service.cli.app import run


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    # How far a command is, which a busy machine is told, is no part of what is asserted.
    monkeypatch.setattr(terminal, "PATIENCE", 600.0)

    def calling(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["plate-match", *map(str, arguments)])
        capsys.readouterr()
        code = run()
        streams = capsys.readouterr()
        return Outcome(code, streams.out, streams.err)

    return calling


@pytest.fixture
def hotlist(tmp_path: Path) -> Path:
    """A synthetic hotlist of three plates."""
    path = tmp_path / "hotlist.txt"
    path.write_text("8-XKV-41\n12-AB-34\nGH-123-K\n")
    return path

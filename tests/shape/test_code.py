"""Rules of shape that no linter knows: short functions, short modules, inert imports."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for package in ("plate_match", "service", "benchmarks")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCES
    if path.parts[-1] != "__main__.py" and path.parts[-2:] != ("migrations", "env.py")
]
INERT = """
import importlib, sys
def refuse(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes and "__pycache__" not in str(arguments[0]):
        raise RuntimeError(f"wrote {arguments[0]}")
    if event in {"socket.connect", "socket.bind", "subprocess.Popen", "sqlite3.connect"}:
        raise RuntimeError(event)
import threading
sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
assert threading.active_count() == 1, "an import started a thread"
"""


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count lines without the docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    long = [node.name for node in functions(path) if lines_of(node) > LONGEST_FUNCTION]
    assert long == []


def test_importing_a_module_does_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", INERT, *MODULES],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr

"""The library is pure, its public names are on purpose, and its examples are true."""

import ast
import doctest
import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import plate_match

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(plate_match.__path__, "plate_match.")
)
QUIET = {
    "array",
    "bisect",
    "codecs",
    "collections",
    "concurrent",
    "contextlib",
    "csv",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "importlib",
    "io",
    "itertools",
    "json",
    "math",
    "operator",
    "pathlib",
    "re",
    "threading",
    "types",
    "typing",
    "unicodedata",
}
"""Parts of the standard library that read no clock, no environment and no network."""


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


def test_the_library_imports_nothing_that_is_not_quiet() -> None:
    allowed = QUIET | {"numpy", "rapidfuzz", "plate_match"}
    for path in (ROOT / "plate_match").rglob("*.py"):
        assert imported(path) <= allowed, path.name


def test_public_names_are_sorted_and_there() -> None:
    assert sorted(plate_match.__all__) == plate_match.__all__
    assert all(hasattr(plate_match, name) for name in plate_match.__all__)


@pytest.mark.parametrize("name", ["plate_match", *MODULES])
def test_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_library_raises_errors_of_its_own_kind() -> None:
    errors = importlib.import_module("plate_match.errors")
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    assert all(issubclass(kind, errors.PlateMatchError) for kind in kinds)
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in kinds)


def test_modules_are_found() -> None:
    assert "plate_match.matcher" in MODULES
    assert sys.version_info >= (3, 11)

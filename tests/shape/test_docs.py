"""What the documents say is true."""

import re
from pathlib import Path
from typing import Any

from plate_match.hotlist import Category
from plate_match.policy import COSTS
from plate_match.population import load
from service.api.edge import ANSWER_SECONDS, LARGEST_BODY
from service.limits import Limits
from service.protocol import LARGEST_HEAD, LONGEST_URL, MOST_HEADERS
from service.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_the_example_of_the_readme_runs_and_says_what_stands_beside_it() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(compile(code[1], "README", "exec"), names)  # noqa: S102 - our own example
    assert names["plate"] == "8XKV41"
    assert names["hit"].plate == "8XKV41"
    shown = names["format_plate"](names["plate"]), names["sidecode"](names["plate"]).number
    assert shown == ("8-XKV-41", 8)


def test_every_setting_stands_in_the_readme() -> None:
    listed = set(re.findall(r"PLATE_MATCH_([A-Z_]+)", README)) - {"CONFIG"}
    assert listed == {name.upper() for name in Settings.model_fields}


def test_the_readme_shows_the_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


def test_the_costs_of_the_model_page_are_those_of_the_policy() -> None:
    rows = re.findall(
        r"^\| ([a-z, -]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", MODEL, re.MULTILINE
    )
    told = {
        Category(name): tuple(map(float, numbers))
        for names, *numbers in rows
        for name in names.split(", ")
    }
    assert told == {
        category: (costs.missed, costs.wrong_alert, costs.wrong_show)
        for category, costs in COSTS.items()
    }


def test_the_population_of_the_model_page_is_that_of_the_table() -> None:
    dutch = float(re.search(r"([\d.]+) million\s+Dutch", MODEL)[1])  # type: ignore[index]  # there
    assert abs(dutch * 1e6 / load().vehicles - (1 - 0.043)) < 0.001


def test_each_word_of_the_glossary_is_explained_once() -> None:
    words = re.findall(r"\*\*([a-z-]+)\*\*", GLOSSARY)
    assert len(words) == len(set(words)) > 40


def test_every_test_that_the_page_of_threats_names_is_there() -> None:
    threats = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/]*test_[a-z_]+\.py)`", threats))
    missing = [
        name
        for name in named
        if not any((ROOT / place / name).exists() for place in ("tests", "tests/service"))
    ]
    assert missing == []
    assert len(named) > 20


def test_the_limits_of_the_page_are_those_of_the_server() -> None:
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    limits = Limits()
    for told in (
        f"| URL | {LONGEST_URL >> 10} KiB |",
        f"| {LARGEST_HEAD >> 10} KiB in {MOST_HEADERS} headers |",
        f"| headers | {limits.head_seconds} seconds",
        f"| body | {LARGEST_BODY >> 20} MiB;",
        f"| body | {limits.body_seconds} seconds, and one more for each KiB",
        f"| answer | {ANSWER_SECONDS:.0f} seconds to be made",
        f"| answer | {limits.stuck_seconds} seconds to be read",
        f"| {limits.idle_seconds} seconds |",
        f"| connections | {Settings().connections} in each process",
    ):
        assert told in page
    assert (limits.least_rate, limits.connections) == (1024, Settings().connections)

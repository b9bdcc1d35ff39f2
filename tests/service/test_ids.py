import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from service import ids

ROOT = Path(__file__).parents[2]
NOW = 1_795_000_000_000_000
DRAWING = f"import os; from service import ids; print(os.getpid(), ids.new_id({NOW}))"


def test_processes_whose_numbers_differ_draw_different_ids_in_one_moment() -> None:
    """Each process counts from zero: only its number keeps it apart from the others."""
    command = [sys.executable, "-c", DRAWING]
    drawing = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(3)]
    drawn = [one.communicate()[0].split() for one in drawing]
    numbers = {int(number) % 64 for number, _ in drawn}
    assert len({id_ for _, id_ in drawn}) == len(numbers)


def test_ids_of_one_moment_differ_and_grow() -> None:
    drawn = [ids.new_id(NOW) for _ in range(100)]
    assert len(set(drawn)) == 100
    assert min(ids.new_id(NOW + 1000) for _ in range(100)) > max(drawn)


@given(st.integers(0, 2**63 - 1))
def test_an_id_comes_back_from_its_text(id_: int) -> None:
    text = ids.to_text(id_)
    assert len(text) == 13
    assert ids.from_text(text) == id_

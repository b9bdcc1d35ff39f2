from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.folk import open_place


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may get to, which those of the tests are not."""
    with open_place() as made:
        yield made

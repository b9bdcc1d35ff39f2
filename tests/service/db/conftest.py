import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.adapters.db import Database, open_database
from tests.service.db.synthetic import Maker, issue


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new database on a real file."""
    opened = open_database(data=tmp_path)
    yield opened
    asyncio.run(opened.close())


@pytest.fixture
def maker(database: Database) -> Maker:
    """Makes recordings the database accepts."""
    return Maker(issue(database))

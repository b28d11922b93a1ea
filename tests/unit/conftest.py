"""A fresh store and its clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import SqliteStore
from tests.store_world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    yield opened
    opened.close()

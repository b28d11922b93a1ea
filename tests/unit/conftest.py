"""A fresh store and its clock; a shop's repository and its signing key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import SqliteStore
from remediation import LocalForge
from tests.remediation_world import NOW, PATH, TEMPLATE
from tests.store_world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def forge(tmp_path: Path, key: Path) -> LocalForge:
    return LocalForge.create(
        tmp_path / "shop.git",
        files={PATH: TEMPLATE, "other.yaml": b"x: 1\n"},
        url="http://forge.test/shop",
        signing_key=key,
        repository="shop",
        clock=lambda: NOW,
    )

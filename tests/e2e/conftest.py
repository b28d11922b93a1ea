"""A bot over a fresh store, with one finding that stands in the channel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import bot_world
from tests.bot_world import Bot, finding_card, posted, remember
from tests.slack_recorder import Recorder


@pytest.fixture
def bot(tmp_path: Path, slack: Recorder) -> Iterator[Bot]:
    with bot_world.bot(tmp_path, slack) as made:
        remember(made.store, finding_card())
        posted(made.store)
        yield made

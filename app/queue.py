"""Huey wakes the worker; what is to be done stands in our own tables.

SqliteHuey deletes a task before it runs it, so a task carries nothing: it says "look", and a lost
one costs a minute until the periodic look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_THREADS = 4
_POLL_MAX_S = 0.5


def _nothing() -> None:
    """Do nothing: the process that only wakes never runs a task."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Two wake-up calls: one for jobs, one for messages on their way out."""

    huey: Any
    look: Any
    deliver: Any

    def wake(self) -> None:
        """Tell the worker that there is something to do."""
        self.look()
        self.deliver()

    def look_at(self, when: datetime) -> None:
        """Tell the worker to look at a later time, given as aware UTC."""
        self.look.schedule(eta=when.replace(tzinfo=None))
        self.deliver.schedule(eta=when.replace(tzinfo=None))

    def run(self) -> None:
        """Run the tasks in this process until it is told to stop."""
        from huey.consumer_options import ConsumerConfig

        config = ConsumerConfig(workers=_THREADS, max_delay=_POLL_MAX_S, scheduler_interval=1)
        config.validate()
        self.huey.create_consumer(**config.values).run()


def open_queue(
    home: Path, *, look: Callable[[], None] = _nothing, deliver: Callable[[], None] = _nothing
) -> Queue:
    """Open the wake-up queue of a home; the worker passes what its tasks do."""
    from huey import SqliteHuey, crontab

    huey = SqliteHuey("plumbline", filename=str(home / "wake.db"), results=False, utc=True)
    each_minute = crontab(minute="*")
    look_task = huey.task(name="look")(lambda: look())
    deliver_task = huey.task(name="deliver")(lambda: deliver())
    huey.periodic_task(each_minute, name="look_each_minute")(lambda: look())
    huey.periodic_task(each_minute, name="deliver_each_minute")(lambda: deliver())
    return Queue(huey, look_task, deliver_task)

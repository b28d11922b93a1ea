"""Huey wakes the worker; what is to be done stands in our own tables.

SqliteHuey deletes a task before it runs it, so a task carries nothing: it says "look", and a lost
one costs a minute until the periodic look.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

THREADS = 4
_POLL_MAX_S = 0.5
_EACH_MINUTE = timedelta(minutes=1)


def _nothing() -> None:
    """Do nothing: the process that only wakes never runs a task."""


_SOON = timedelta(seconds=1)


class Turnstile:
    """Lets so many threads at a time do some work, and loses no call of those it turns away.

    Who is turned away leaves word; whoever was inside looks for it after leaving. Without that, a
    message queued while the last deliverer was on its way out would wait for the next minute.
    """

    def __init__(self, work: Callable[[], object], *, places: int) -> None:
        self._work = work
        self._places = threading.BoundedSemaphore(places)
        self._asked = threading.Event()

    def __call__(self) -> None:
        """Do the work now, or leave it to those who are at it."""
        self._asked.set()
        while self._asked.is_set() and self._places.acquire(blocking=False):
            try:
                self._asked.clear()
                self._work()
            finally:
                self._places.release()


class Alarm:
    """Rings once for what is due next; asking for a time that is covered sets nothing more."""

    def __init__(self, look_at: Callable[[datetime], None]) -> None:
        self._look_at = look_at
        self._lock = threading.Lock()
        self._at: datetime | None = None

    def set(self, due: datetime | None, *, now: datetime) -> None:
        """Have the worker look when something is due, unless the look of each minute finds it."""
        if due is None or due >= now + _EACH_MINUTE:
            return
        # What is overdue was not there, or held up by its twin, when the last look passed.
        due = max(due, now + _SOON)
        with self._lock:
            if self._at is None or not now < self._at <= due:
                self._at = due
                self._look_at(due)


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

        config = ConsumerConfig(workers=THREADS, max_delay=_POLL_MAX_S, scheduler_interval=1)
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

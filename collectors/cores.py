"""Keeps the threads of a scan on one processor core."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STAT = Path("/proc/thread-self/stat")
_PROCESSOR = 36  # of the fields behind the command's name, see proc_pid_stat(5)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Hold this thread, and those it starts meanwhile, on the core that it is running on.

    One interpreter runs one thread at a time: threads that wait for answers on several cores wake
    each other across them for every call, which costs time and gains none. Where the system has no
    such thing, or refuses it, nothing is held.
    """
    before = _hold()
    try:
        yield
    finally:
        if before and sys.platform == "linux":
            os.sched_setaffinity(0, before)


def _hold() -> set[int]:
    """Hold this thread; return the cores it could use before, none where it is not held."""
    if sys.platform != "linux":
        return set()
    try:
        before = os.sched_getaffinity(0)
        core = int(_STAT.read_text("ascii").rpartition(")")[2].split()[_PROCESSOR])
        os.sched_setaffinity(0, {core})
    except OSError:  # no /proc, or a sandbox that forbids it
        return set()
    return before

"""Lets bulk work run without Python's search for garbage."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pausing = 0


@contextmanager
def collection_paused() -> Iterator[None]:
    """Do not look for unreachable cycles until the block is left.

    Work that only builds up what it returns makes the collector walk over everything built so far,
    again and again, and find nothing. Reference counts free the rest as always. Blocks may be nested
    and run in several threads: the last to leave switches the collector on again, unless it was off
    when the first came.
    """
    global _pausing  # noqa: PLW0603 - the collector is the process's, so is the count
    with _lock:
        if _pausing == 0 and not gc.isenabled():
            held = False
        else:
            held, _pausing = True, _pausing + 1
            gc.disable()
    try:
        yield
    finally:
        if held:
            with _lock:
                _pausing -= 1
                if _pausing == 0:
                    gc.enable()

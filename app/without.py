"""Import a library without the optional ones that it would load on sight.

sqlite-utils loads pandas and numpy where they are installed, to accept their scalar types; structlog
loads rich, to colour tracebacks. We use none of it in a process that must be ready at once, and the
three cost the bot more than a second of its start (docs/performance.md).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ABSENT: Any = None


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Make importing these libraries raise ImportError inside the block, unless loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = _ABSENT
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]

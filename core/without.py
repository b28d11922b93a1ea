"""Import a library without the optional ones that it would load on sight.

sqlite-utils loads pandas and numpy where they are installed, to accept their scalar types; structlog
loads rich, to colour tracebacks; LightGBM loads pandas and scikit-learn, to accept their frames. We
use none of it, and it costs seconds at the start and 100 MiB (docs/performance.md).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import get_ident


@dataclass(frozen=True, slots=True)
class _Absent:
    """Finds no library of these names in one thread: another may be importing them in earnest."""

    names: frozenset[str]
    thread: int

    def find_spec(self, name: str, *_: object) -> None:
        if name in self.names and get_ident() == self.thread:
            raise ModuleNotFoundError(f"{name} is left out here", name=name)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Make importing these libraries raise ImportError inside the block, unless loaded already."""
    absent = _Absent(frozenset(names), get_ident())
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)

"""sqlite-utils, without pandas and numpy."""

from core.without import without

with without("pandas", "numpy"):
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

__all__ = ["Database", "Migrations"]

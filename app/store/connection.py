"""One SQLite connection a thread, in WAL mode, with immediate transactions."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.store.library import Database
from app.store.schema import migrations

_BUSY_TIMEOUT_S = 30.0


class Connections:
    """Opens the database file once per thread and applies the migrations first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        db = self.db
        db.conn.execute("PRAGMA journal_mode = WAL")
        with self.transaction():
            migrations.apply(db)

    @property
    def db(self) -> Database:
        """This thread's database."""
        if not hasattr(self._local, "db"):
            conn = sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
            conn.row_factory = sqlite3.Row
            # a commit may be signed over the audit head: a power cut must not take that record back
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute("PRAGMA foreign_keys = ON")
            self._local.db = Database(conn)
        return self._local.db  # type: ignore[no-any-return]  # threading.local is untyped

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Take the write lock first, so that what is read stays true until the commit."""
        db = self.db
        if db.conn.in_transaction:
            yield db
            return
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:  # an interrupt must give the write lock back too; it is raised on
            db.conn.execute("ROLLBACK")
            raise
        db.conn.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._local, "db"):
            self._local.db.close()
            del self._local.db

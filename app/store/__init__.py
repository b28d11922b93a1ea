"""Durable state in SQLite behind the Store port."""

from app.store.sqlite import SqliteStore

__all__ = ["SqliteStore"]

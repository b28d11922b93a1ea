"""Times as text that sorts as the times do."""

from datetime import UTC, datetime


def stamp(when: datetime) -> str:
    """Return an aware time as UTC ISO 8601 with microseconds, comparable as text."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")

"""What is known besides a snapshot and its findings, as it stood when they are scored."""

from dataclasses import dataclass

from core.types import Changes
from explain.threat.kev import Catalogue


@dataclass(frozen=True, slots=True)
class Knowledge:
    """CISA's catalogue and what earlier scans saw change; None where nobody looked it up."""

    exploited: Catalogue | None = None
    changes: Changes | None = None


NOTHING = Knowledge()

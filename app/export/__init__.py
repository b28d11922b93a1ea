"""Findings in other systems' formats: OCSF, AWS Security Finding Format, SARIF."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.export import asff, ocsf, sarif
from core.types import Card

_FORMATS = {"ocsf": ocsf.document, "asff": asff.document, "sarif": sarif.document}


def document(name: str, cards: Sequence[Card], *, at: datetime) -> Any:
    """Return the findings as one JSON-ready document in the named format."""
    return _FORMATS[name](cards, at=at)

"""Read what an estate's tags say: owner, environment, sensitivity."""

import re
from collections.abc import Mapping, Sequence

from core.environment import ENVIRONMENTS
from core.types import Estate, Resource

__all__ = ["ENVIRONMENTS", "SENSITIVITIES", "level", "value"]

# Impact classes after FIPS 199 (2004-02-01): what its loss would do, least first.
SENSITIVITIES: Mapping[str, float] = {
    **dict.fromkeys(("public", "none", "open"), 0.0),
    **dict.fromkeys(("internal", "private", "low", "standard"), 1.0),
    **dict.fromkeys(("confidential", "sensitive", "business", "moderate", "medium"), 2.0),
    **dict.fromkeys(
        ("pii", "phi", "pci", "personal", "restricted", "secret", "regulated", "health", "high",
         "financial", "cardholder", "customer", "gdpr", "hipaa", "critical"),
        3.0,
    ),
}  # fmt: skip


def value(resource: Resource, keys: Sequence[str], estate: Estate) -> str | None:
    """Return the value of the first of these tags, in any case and with or without the prefix."""
    present = {k.lower(): v for k, v in resource.tags.items()}
    for key in keys:
        for spelling in (f"{estate.tag_prefix}{key}".lower(), key.lower()):
            if present.get(spelling):
                return str(present[spelling])
    return None


def level(text: str | None, words: Mapping[str, float]) -> float | None:
    """Return the highest level named in a tag's value, None where none is."""
    parts = re.split(r"[^a-z]+", (text or "").lower())
    found = [words[part] for part in parts if part in words]
    return max(found) if found else None

"""Why a fix was declined: what nobody could edit right counts apart from what we cannot edit yet."""

from core.errors import FactMissing, FixError, Generated
from remediation.blueprint import BLUEPRINTS

CALLERS = "possible callers"
UNKNOWN = "value unknown"
GENERATED = "generated"
OTHER = "other"
APART = (CALLERS, UNKNOWN, GENERATED)
"""Kinds of declines that are right; the share of findings fixed leaves them out."""


def kind_of(check_id: str, error: FixError) -> str:
    """Return the kind of a decline, from what the blueprint and the error say of themselves."""
    if isinstance(error, Generated):
        return GENERATED
    if isinstance(error, FactMissing):
        return UNKNOWN
    return CALLERS if BLUEPRINTS[check_id].asks_who_calls else OTHER

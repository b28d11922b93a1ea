"""How risky a finding is, and why: declared features, a monotone model, exact contributions."""

from explain.risk import assess
from explain.words import arithmetic, attackers, doubt, reasons, standing, would_lower

__all__ = ["arithmetic", "assess", "attackers", "doubt", "reasons", "standing", "would_lower"]

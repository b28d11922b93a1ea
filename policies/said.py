"""What a policy says of a resource, before it is a finding."""

from dataclasses import dataclass

from core.types import Resource
from policies.model import Policy, Violation


@dataclass(frozen=True, slots=True)
class Said:
    """What one policy says of one resource. Without violations it could not be decided."""

    policy: Policy
    resource: Resource
    violations: tuple[Violation, ...]
    not_known: tuple[str, ...] = ()

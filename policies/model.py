"""The vocabulary of this package: a policy, the modules it is made of, a set of policies."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from core.compliance import Baseline
from core.types import Severity

RELATED = "related."
"""What the path of a `reads` entry begins with when it names another resource."""

ITSELF = "!"
"""What a `reads` path ends in when only the value itself counts, not what it holds."""


OWN_PACKAGES = "plumbline."
"""What the packages of shipped modules begin with; no user's may."""


class RegoVersion(StrEnum):
    """The dialect a file is written in."""

    V0 = "v0"
    V1 = "v1"


class Language(StrEnum):
    """What a policy is written in."""

    REGO = "rego"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Module:
    """One Rego file. `path` is what error messages name; a `library` holds no policy."""

    path: str
    text: str
    version: RegoVersion
    package: str
    library: bool = False


@dataclass(frozen=True, slots=True)
class GuardFile:
    """One .guard file. `rules` are those that a report names, not those that take parameters.

    `types` are the resource types that it judges one by one; none means it may look at all of a
    template.

    `exact` False says that some query asks for any match: what fails there fails together.
    `asks_unknown` says that a rule asks for unknown values by name, and so decides about them itself.
    """

    path: str
    text: str
    rules: tuple[str, ...]
    exact: bool
    asks_unknown: bool = False
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """One check: its metadata, and the rules of one Rego package, or the Guard rule, that decide it.

    `resource_types` empty means every type. `reads` lists the property paths (lists are walked
    through; a last `!` means the value, not what it holds) and `related.<Type>[.path]` that the verdict depends on; a foreign policy declares
    none, and is then shown every related resource. `interpreted` keeps it off the virtual machine.
    The `package` of a Guard policy is its rule. `suppressed_by` holds the ids by which a template's
    Metadata can switch it off: its own, and those of all that declare its control.
    """

    check_id: str
    control: str
    title: str
    severity: Severity
    resource_types: tuple[str, ...]
    reads: tuple[str, ...]
    description: str
    remediation: str
    package: str
    rules: tuple[str, ...]
    path: str
    commit: str
    references: tuple[str, ...] = ()
    compliance: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    docs: tuple[str, ...] = ()
    hygiene: bool = False
    foreign: bool = False
    interpreted: bool = True
    language: Language = Language.REGO
    version: RegoVersion = RegoVersion.V1
    cases: str = ""
    suppressed_by: frozenset[str] = frozenset()

    def applies_to(self, resource_type: str) -> bool:
        """Whether this policy says anything about a resource type."""
        return not self.resource_types or resource_type in self.resource_types

    @property
    def related_types(self) -> frozenset[str]:
        """The types of related resources that the policy declares to read."""
        return frozenset(
            path.removeprefix(RELATED).split(".")[0]
            for path in self.reads
            if path.startswith(RELATED)
        )


@dataclass(frozen=True)
class PolicySet:
    """Policies and all files they need. `notes` says what a user should know of the loading."""

    policies: tuple[Policy, ...]
    modules: tuple[Module, ...]
    commit: str
    guard_files: tuple[GuardFile, ...] = ()
    notes: tuple[str, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    # What each thread remembers of answers (policies.hearing).
    _memories: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @cached_property
    def by_id(self) -> Mapping[str, Policy]:
        """The policies by check id."""
        return {policy.check_id: policy for policy in self.policies}

    def written_in(self, language: Language) -> tuple[Policy, ...]:
        """List the policies in one language."""
        return tuple(policy for policy in self.policies if policy.language is language)

    def for_type(self, resource_type: str) -> tuple[Policy, ...]:
        """List the Rego policies that say something about a resource type."""
        found = self._by_type.get(resource_type)
        if found is None:
            rego = self.written_in(Language.REGO)
            found = tuple(policy for policy in rego if policy.applies_to(resource_type))
            self._by_type[resource_type] = found
        return found

    @cached_property
    def _by_type(self) -> dict[str, tuple[Policy, ...]]:
        return {}


@dataclass(frozen=True, slots=True)
class Violation:
    """One entry of a policy's `deny`: what is wrong, where, and the facts that show it."""

    message: str
    path: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """A policy that could not be evaluated on one resource. `reason` is a Gap's reason."""

    reason: str
    detail: str


Outcome = tuple[Violation, ...] | Fault


def related_types(policies: Sequence[Policy]) -> frozenset[str] | None:
    """Return which related types these policies read, None when one of them does not say."""
    if any(policy.foreign for policy in policies):
        return None
    return frozenset().union(*(policy.related_types for policy in policies))

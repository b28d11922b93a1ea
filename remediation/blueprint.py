"""What a blueprint is, and the registry of them by check id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from core.gate import Tier

if TYPE_CHECKING:
    from remediation.draft import Target
    from remediation.terraform import TerraformTarget


FREE = "adds nothing"
"""The cost of a fix that changes no bill."""
DEFAULT = "default"
"""The name of a check's first blueprint, the one that goes first where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How the finding of one check is put right in a template.

    `apply` edits the draft or raises `core.errors.Declined` with the reason. `asks_who_calls` says
    that callers may be cut off and somebody must answer for them first. `alternative` names one of
    several good ways to put the same check right.
    """

    check_id: str
    summary: str
    tier: Tier
    apply: Callable[["Target"], None]
    asks_who_calls: bool = False
    may_break: tuple[str, ...] = ()
    cost: str = ""
    alternative: str = DEFAULT


BLUEPRINTS: dict[str, Blueprint] = {}
ALTERNATIVES: dict[str, tuple[Blueprint, ...]] = {}
"""Other ways to put a check right in CloudFormation and SAM, by check id, in their fixed order."""
TERRAFORM: dict[str, Callable[["TerraformTarget"], None]] = {}
"""How the same fix is written in Terraform, by check id."""
ADVICE: dict[str, str] = {}
ASKED_THEN: dict[str, frozenset[str]] = {}
"""By check id: hygiene checks that first apply to a resource once its fix is made."""


def blueprint(  # noqa: PLR0913 - what a blueprint says of itself, keywords all
    *check_ids: str,
    summary: str,
    tier: Tier,
    asks_who_calls: bool = False,
    may_break: tuple[str, ...] = (),
    cost: str = FREE,
    alternative: str = DEFAULT,
) -> Callable[[Callable[["Target"], None]], Callable[["Target"], None]]:
    """Register a function as the blueprint of these checks, or as a named alternative to it."""

    def register(apply: Callable[["Target"], None]) -> Callable[["Target"], None]:
        for check_id in check_ids:
            _add(
                Blueprint(
                    check_id, summary, tier, apply, asks_who_calls, may_break, cost, alternative
                )
            )
        return apply

    return register


def _add(item: Blueprint) -> None:
    others = ALTERNATIVES.get(item.check_id, ())
    if item.alternative == DEFAULT:
        if item.check_id in BLUEPRINTS:
            raise ValueError(f"{item.check_id} has two blueprints")
        BLUEPRINTS[item.check_id] = item
        return
    if item.alternative in {other.alternative for other in others}:
        raise ValueError(f"{item.check_id} has two alternatives named {item.alternative}")
    ALTERNATIVES[item.check_id] = (*others, item)


def ways(check_id: str) -> tuple[Blueprint, ...]:
    """Return every blueprint of a check in the fixed order: the default, then its alternatives."""
    return (BLUEPRINTS[check_id], *ALTERNATIVES.get(check_id, ()))


def in_terraform(
    *check_ids: str,
) -> Callable[[Callable[["TerraformTarget"], None]], Callable[["TerraformTarget"], None]]:
    """Register a function as what the blueprint of these checks does in Terraform."""

    def register(apply: Callable[["TerraformTarget"], None]) -> Callable[["TerraformTarget"], None]:
        for check_id in check_ids:
            if check_id in TERRAFORM:
                raise ValueError(f"{check_id} has two blueprints for Terraform")
            TERRAFORM[check_id] = apply
        return apply

    return register


def advise(check_id: str, reason: str) -> None:
    """Register why no edit of a template can put a check right, and what a person should do."""
    ADVICE[check_id] = reason


def asks_then(*check_ids: str, then: tuple[str, ...]) -> None:
    """Register which hygiene checks a resource is asked for only after the fix of these checks.

    A trail of one Region need raise no alarm; once it records every Region, it is the one to do so.
    The plan names what is then open, and holds.
    """
    for check_id in check_ids:
        ASKED_THEN[check_id] = frozenset(then)


def load() -> Mapping[str, Blueprint]:
    """Import every blueprint file and return the registry by check id."""
    package = import_module("remediation.blueprints")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    _share()
    return BLUEPRINTS


def _share() -> None:
    """Give checks that one function puts right in templates the same one in Terraform."""
    known = {BLUEPRINTS[check].apply: apply for check, apply in TERRAFORM.items()}
    for check_id, item in BLUEPRINTS.items():
        if item.apply in known:
            TERRAFORM.setdefault(check_id, known[item.apply])

"""Record what is live in the template that declares it: the commit that ends a drift."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import AlreadyDeclared, Declined
from core.types import Finding, Proof
from remediation import words
from remediation.draft import Draft
from templates import Template
from templates.difference import same

_FINGERPRINT = "secret:"


def record(draft: Draft, finding: Finding, address: str) -> str:
    """Edit a template to say what the finding saw live; return a summary.

    Raises: Declined where a value comes from elsewhere, or is one that is not kept.
    """
    if address not in draft.declared:
        raise Declined(f"The template no longer declares {words.one_line(address)}")
    before = draft.data
    for each in _differences(finding):
        path, live = tuple(each["path"]), each["live"]
        _require_own(draft, address, path, each["declared"])
        if _holds_secret(live):
            raise Declined(
                f"{'.'.join(path)} is live with a value that is not kept, so it cannot be written"
            )
        if live is None:
            draft.remove(address, path)
        else:
            draft.set(address, path, live)
    if draft.data == before:
        raise AlreadyDeclared("The template already says what is live")
    changed = ", ".join(".".join(each["path"]) for each in _differences(finding))
    return f"Record what is live: {words.one_line(changed, limit=120)}"


def recorded(template: Template, finding: Finding, address: str) -> Proof:
    """Prove that the template, read again, declares what is live."""
    declared = next(
        (
            each.properties
            for each in template.resources
            if each.type == finding.resource_type and each.source and each.source.address == address
        ),
        {},
    )
    left = [
        ".".join(each["path"])
        for each in _differences(finding)
        if same(_at(declared, each["path"]), each["live"], {}) is not True
    ]
    detail = f"still other than live: {', '.join(left)}" if left else "declared as it is live"
    return Proof("finding gone", not left, detail)


def _differences(finding: Finding) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = finding.evidence.facts["differences"]
    return found


def _require_own(draft: Draft, address: str, path: Sequence[str], declared: Any) -> None:
    """Refuse a property that the declaration does not state itself, in these words and place."""
    value: Any = draft.properties(address)
    name = ".".join(path)
    for number, part in enumerate(path):
        if not isinstance(value, Mapping) or part not in value:
            is_new = declared is None and number == len(path) - 1 and isinstance(value, Mapping)
            if is_new and number:
                return
            raise Declined(f"{name} is not stated by {address} itself: it comes from elsewhere")
        value = value[part]
        if isinstance(value, Mapping) and len(value) == 1:
            intrinsic = next(iter(value))
            if intrinsic == "Ref" or str(intrinsic).startswith("Fn::"):
                raise Declined(
                    f"{name} of {address} is computed ({intrinsic}); change what it comes from"
                )


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(each) for each in value.values())
    if isinstance(value, list):
        return any(_holds_secret(each) for each in value)
    return isinstance(value, str) and value.startswith(_FINGERPRINT)


def _at(properties: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = properties
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value

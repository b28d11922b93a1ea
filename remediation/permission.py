"""Give the role behind a function or state machine what a fix needs, and nothing more."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation.draft import Path, Target, appended, dig, ref_id

Statement = Mapping[str, Any]
_SAM_ROLE_OWNERS = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})
_ROLE_PROPERTY = {
    "AWS::Lambda::Function": "Role",
    "AWS::Serverless::Function": "Role",
    "AWS::StepFunctions::StateMachine": "RoleArn",
    "AWS::Serverless::StateMachine": "Role",
}


def policy_document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy document in the key order people write."""
    return {"Version": "2012-10-17", "Statement": [dict(s) for s in statements]}


def allow(actions: Sequence[str], resource: Any) -> dict[str, Any]:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def grant(target: Target, statements: Sequence[Statement], *, name: str, owner: str = "") -> None:
    """Add statements to the role of a function or state machine, where the template keeps it.

    Raises: Declined when the role is declared elsewhere, as the fix would not work without them.
    """
    owner = owner or target.id
    declared = target.draft.declared[owner]
    role = role_of(target, owner)
    if role is None and declared.type in _SAM_ROLE_OWNERS:
        _grant_sam(target, owner, statements)
        return
    grant_role(target, role, statements, name=name, owner=owner)


def grant_role(
    target: Target, role: Any, statements: Sequence[Statement], *, name: str, owner: str
) -> None:
    """Add statements to the role that a raw value refers to, unless it has them already.

    Raises: Declined when it is declared elsewhere.
    """
    role_id = ref_id(role)
    known = target.draft.declared.get(role_id or "")
    if role_id is None or known is None or known.type != "AWS::IAM::Role":
        needed = ", ".join(a for s in statements for a in s["Action"])
        raise Declined(f"The role of {owner} is not declared in this template; it needs {needed}")
    target.draft.tiers.add(Tier.IDENTITY)
    document = policy_document(statements)
    present = dig(known.properties, ("Policies",))
    inlines = [p for p in present if isinstance(p, Mapping)] if isinstance(present, list) else []
    if any(inline.get("PolicyDocument") == document for inline in inlines):
        return
    inline = {"PolicyName": _free_name(name, inlines), "PolicyDocument": document}
    path, value = appended(known.properties, ("Policies",), inline, role_id)
    target.draft.set(role_id, path, value)


def _free_name(name: str, inlines: Sequence[Mapping[str, Any]]) -> str:
    """Return a name that no other inline policy has: of two with one name IAM keeps the last."""
    taken = [inline.get("PolicyName") for inline in inlines]  # some are computed, and no text
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate


def role_of(target: Target, owner: str) -> Any:
    """Return the raw role value of a resource, from SAM's Globals where only they state it."""
    declared = target.draft.declared[owner]
    key = _ROLE_PROPERTY[declared.type]
    own = declared.properties.get(key)
    if own is None and declared.type == "AWS::Serverless::Function":
        return dig(target.globals("Function"), (key,))
    return own


def _grant_sam(target: Target, owner: str, statements: Sequence[Statement]) -> None:
    """SAM makes the role from `Policies`: a name, a document, a template or a list of them."""
    target.draft.tiers.add(Tier.IDENTITY)
    present = target.draft.properties(owner).get("Policies")
    document = policy_document(statements)
    path: Path = ("Policies",)
    if present is None:
        target.draft.set(owner, path, [document])
    elif isinstance(present, list):
        target.draft.set(
            owner, (*path, len(present)) if present else path, document if present else [document]
        )
    elif isinstance(present, str):
        target.draft.set(owner, path, [present, document])
    elif isinstance(dig(present, ("Statement",)), list):
        for statement in statements:
            count = len(target.draft.properties(owner)["Policies"]["Statement"])
            target.draft.set(owner, ("Policies", "Statement", count), dict(statement))
    else:
        raise Declined(f"The policies of {owner} are written in a way that cannot be added to")

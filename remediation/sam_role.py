"""A role that SAM makes, declared as it is, so that it can say what SAM has no word for."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.identity import declared_uid
from remediation.draft import SAM, Path, Target, dig, get_att, without
from templates import sam

_ROLE = "AWS::IAM::Role"
# What shapes the role that SAM makes, and says nothing of a role that is named.
_SHAPING = ("Policies", "PermissionsBoundary", "RolePath")
_OWNERS = frozenset({"AWS::Serverless::StateMachine"})
_MADE_BY_SAM = ":createdBy"


def write_out(target: Target) -> Target:
    """Declare the role that a SAM resource is given, under the logical id that SAM gives it.

    CloudFormation sees the same role: its policies are written out as SAM writes them, which is
    compared. Returns the role as what is to be put right. Raises: Declined.
    """
    if not target.type.startswith(SAM):
        raise Declined(f"The role that {target.id} comes to is not declared in this template")
    name, body = _made(target)
    place = _place(target, name)
    role = target.draft.add(name, body, after=target.id)
    target.draft.set(target.id, place, get_att(role))
    if place == ("Role",):
        for each in _SHAPING:
            target.draft.remove(target.id, (each,))
    written = target.draft.template.resource(role)
    if written is None or _told(written.properties) != _told(target.resource.properties):
        raise Declined(f"The role that SAM makes for {target.id} cannot be written out as it is")
    target.notes.append(
        f"The role that SAM makes for {target.id} is declared as {role}, with the same permissions: "
        "from now on they are added there"
    )
    return target.other(role)


def _made(target: Target) -> tuple[str, dict[str, Any]]:
    """Return the role's logical id and declaration as SAM makes them, references as they are."""
    template = target.draft.template
    # Defaults would stand in for the parameters otherwise, and be frozen into the policies.
    translated = sam.translate({**target.draft.raw, "Parameters": {}}, {}).template["Resources"]
    for name, body in translated.items():
        uid = declared_uid(template.repository, template.file, name)
        if body.get("Type") == _ROLE and uid == target.resource.uid:
            rest = without(body, "Type", "Properties", "Metadata")
            return name, {"Type": _ROLE, **rest, "Properties": _inline(_told(body["Properties"]))}
    raise Declined(f"SAM makes the role of {target.id} in a way that cannot be written out")


def _told(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a role's properties say, without SAM's mark: a role of one's own has none.

    Policies are called by their number, as the role is their name already.
    """
    tags = properties.get("Tags") or ()
    own = [t for t in tags if not str(dig(t, ("Key",))).endswith(_MADE_BY_SAM)]
    policies = [
        {**policy, **({"PolicyName": f"Policy{number}"} if "PolicyName" in policy else {})}
        for number, policy in enumerate(properties.get("Policies") or (), start=1)
    ]
    told = {**properties, "Policies": policies, "Tags": own}
    return {k: v for k, v in told.items() if v != []}


def _inline(value: Any) -> Any:
    """Write references into the text of a Sub, as people do, where SAM gives them names first."""
    if isinstance(value, list):
        return [_inline(each) for each in value]
    if not isinstance(value, dict):
        return value
    parts = value.get("Fn::Sub")
    if not isinstance(parts, list):
        return {k: _inline(v) for k, v in value.items()}
    text, names = parts
    for name, meant in names.items():
        if not (reference := _reference(meant)):
            return value
        text = text.replace(f"${{{name}}}", f"${{{reference}}}")
    return {"Fn::Sub": text}


def _reference(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1:
        if isinstance(value.get("Ref"), str):
            return str(value["Ref"])
        if isinstance(value.get("Fn::GetAtt"), list):
            return ".".join(map(str, value["Fn::GetAtt"]))
    return ""


def _place(target: Target, role: str) -> Path:
    """Return the property that names the role: the resource's own or that of its event."""
    if role == f"{target.id}Role" and target.type in _OWNERS:
        return ("Role",)
    events = target.get("Events")
    for name, event in events.items() if isinstance(events, Mapping) else ():
        if role == f"{target.id}{name}Role" and dig(event, ("Type",)) == "ScheduleV2":
            return ("Events", name, "Properties", "RoleArn")
    raise Declined(f"SAM makes the role {role}, and nothing names another one for it")

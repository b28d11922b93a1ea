"""Say the exact change to make where no template declares the resource.

The blueprint runs on a small template that declares just such a resource; what it adds there is
what a person would add to theirs.
"""

from core import identity
from core.errors import Declined, NoBlueprint
from core.types import Estate, Evidence, Finding, Severity, SourceSpan
from remediation import words
from remediation.blueprint import ADVICE, load
from remediation.draft import Draft, Target
from templates import edit, read

_FILE = "template.yaml"
_NEEDS_ROLE = {"AWS::Lambda::Function": "Role", "AWS::StepFunctions::StateMachine": "RoleArn"}


def suggest(
    check_id: str,
    resource_type: str,
    *,
    name: str = "",
    owner: str = "",
    estate: Estate | None = None,
) -> str:
    """Return the sentence and, where a blueprint can tell, the lines to add, as a diff.

    Raises: NoBlueprint.
    """
    blueprint = load().get(check_id)
    if blueprint is None:
        if check_id in ADVICE:
            return ADVICE[check_id]
        raise NoBlueprint(f"No blueprint exists for {words.one_line(check_id, limit=60)}")
    logical_id = "".join(filter(str.isalnum, words.one_line(name)))[:60] or "Resource"
    logical_id = logical_id if logical_id[0].isalpha() else f"R{logical_id}"
    before = _example(logical_id, resource_type)
    draft = Draft(before, read=lambda data: read(data, file=_FILE, secret_key=b"example"))
    resource = draft.template.resources[-1]
    finding = Finding(
        uid=identity.finding_uid(check_id, resource.uid),
        check_id=check_id,
        control="",
        title=blueprint.summary,
        severity=Severity.INFO,
        resource_uid=resource.uid,
        resource_type=resource_type,
        resource_name=name,
        evidence=Evidence(""),
        owner=owner or None,
        source=SourceSpan(_FILE, 1, 1, logical_id),
    )
    target = Target(
        draft, logical_id=logical_id, finding=finding, resource=resource, estate=estate or Estate()
    )
    try:
        blueprint.apply(target)
    except Declined as refusal:
        return f"{blueprint.summary}. {refusal}"
    return f"{blueprint.summary}:\n{edit.diff(_FILE, before, draft.data)}"


def _example(logical_id: str, resource_type: str) -> bytes:
    if not all(part.isalnum() for part in resource_type.split("::")):
        raise Declined("That is not a resource type")
    role = _NEEDS_ROLE.get(resource_type)
    lines = ["Resources:"]
    if role:
        lines += ["  Role:", "    Type: AWS::IAM::Role", "    Properties:", "      Path: /"]
    lines += [f"  {logical_id}:", f"    Type: {resource_type}"]
    if role:
        lines += ["    Properties:", f"      {role}: !GetAtt Role.Arn"]
    return ("\n".join(lines) + "\n").encode()

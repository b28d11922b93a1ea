"""Say the exact change to make where no template declares the resource.

The blueprint runs on a small template that declares the resource as it is; what it changes there is
what a person would change.
"""

from collections.abc import Mapping
from dataclasses import replace

import yaml

from core.errors import Declined, NoBlueprint, UnreadableTemplate
from core.types import Estate, Finding, Properties, is_unknown
from remediation import words
from remediation.blueprint import ADVICE, Blueprint, load
from remediation.draft import Draft, Target
from templates import Template, edit, read

_FILE = "template.yaml"
_CONTEXT = 20
"""Lines around a change: all of what is shown, but for a property of many parts."""
_NEEDS_ROLE = {"AWS::Lambda::Function": "Role", "AWS::StepFunctions::StateMachine": "RoleArn"}


def suggest(finding: Finding, *, properties: Properties, estate: Estate) -> str:
    """Return the change as a sentence, and on the lines after it, where there is one, as a diff.

    `properties` are those of the live resource; of these the diff shows the ones that change.
    Raises: NoBlueprint.
    """
    blueprint = load().get(finding.check_id)
    if blueprint is None:
        if finding.check_id in ADVICE:
            return f"{ADVICE[finding.check_id]}."
        raise NoBlueprint(f"No blueprint exists for {words.one_line(finding.check_id, limit=60)}")
    example = _Example(blueprint, finding, estate)
    known = {key: value for key, value in properties.items() if not _holds_unknown(value)}
    try:
        before, after = example.changed(known)
        touched = example.touched(known, after)
        before, after = example.changed({k: v for k, v in known.items() if k in touched})
    except Declined as refusal:
        return f"{blueprint.summary}. {str(refusal).rstrip('.')}."
    except UnreadableTemplate:  # a live value that no template can hold
        return f"{blueprint.summary}."
    breaks = f" May break: {'; '.join(blueprint.may_break)}." if blueprint.may_break else ""
    lines = _diff(before, after)
    code = f" As a template would declare it:\n{lines}" if lines else ""
    return f"{blueprint.summary}.{breaks}{code}"


def outcome(finding: Finding, *, properties: Properties, estate: Estate) -> Properties | None:
    """Return a live resource's properties as the fix of a finding would leave them.

    None where no blueprint says how, or where it declines. What is not known stays as it is.
    """
    blueprint = load().get(finding.check_id)
    if blueprint is None:
        return None
    example = _Example(blueprint, finding, estate)
    known = {key: value for key, value in properties.items() if not _holds_unknown(value)}
    try:
        _, after = example.changed(known)
        return {**properties, **example.stated(known, after)}
    except (Declined, UnreadableTemplate):
        return None


class _Example:
    """A template with one resource, for a blueprint to edit."""

    def __init__(self, blueprint: Blueprint, finding: Finding, estate: Estate) -> None:
        self._blueprint = blueprint
        self._finding = finding
        self._type = finding.resource_type
        self._estate = estate
        self._id = _logical_id(finding.resource_name)

    def changed(self, properties: Properties) -> tuple[bytes, bytes]:
        """Return the template before and after the blueprint. Raises: Declined."""
        before = self._template(properties)
        draft = Draft(before, read=_read)
        resource = next(r for r in draft.template.resources if r.type == self._type)
        target = Target(
            draft,
            logical_id=self._id,
            finding=replace(self._finding, resource_uid=resource.uid, source=resource.source),
            resource=resource,
            estate=self._estate,
        )
        self._blueprint.apply(target)
        return before, draft.data

    def touched(self, properties: Properties, after: bytes) -> set[str]:
        """Return the names of the properties that an edited template states otherwise."""
        edited = _read(after).declared[self._id].properties
        return {key for key, value in properties.items() if edited.get(key) != value}

    def stated(self, properties: Properties, after: bytes) -> Properties:
        """Return the properties that an edited template states otherwise; None for one taken away."""
        template = _read(after)
        edited, read_back = template.declared[self._id].properties, template.resource(self._id)
        values = read_back.properties if read_back else {}
        names = {*self.touched(properties, after), *(edited.keys() - properties.keys())}
        return {name: values.get(name) for name in names - {_NEEDS_ROLE.get(self._type)}}

    def _template(self, properties: Properties) -> bytes:
        if not all(part.isalnum() for part in self._type.split("::")):
            raise Declined("That is not a resource type")
        role = _NEEDS_ROLE.get(self._type)
        lines = ["Resources:"]
        if role:
            lines += ["  Role:", "    Type: AWS::IAM::Role", "    Properties:", "      Path: /"]
        lines += [f"  {self._id}:", f"    Type: {self._type}"]
        stated = {key: value for key, value in properties.items() if key != role}
        if role or stated:
            lines += ["    Properties:"]
        if role:
            lines += [f"      {role}: !GetAtt Role.Arn"]
        text = yaml.safe_dump(stated, sort_keys=False, width=10_000) if stated else ""
        lines += [f"      {line}" for line in text.splitlines()]
        return ("\n".join(lines) + "\n").encode()


def _read(data: bytes) -> Template:
    return read(data, file=_FILE, secret_key=b"example")


def _logical_id(name: str) -> str:
    plain = "".join(c for c in words.one_line(name) if c.isascii() and c.isalnum())[:60]
    return plain if plain[:1].isalpha() else f"R{plain}" if plain else "Resource"


def _holds_unknown(value: object) -> bool:
    if is_unknown(value):
        return True
    if isinstance(value, Mapping):
        return any(map(_holds_unknown, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_unknown, value))


def _diff(before: bytes, after: bytes) -> str:
    """Return the template with what changes marked; the file that a diff would name is not there."""
    return "".join(edit.diff(_FILE, before, after, context=_CONTEXT).splitlines(True)[3:])

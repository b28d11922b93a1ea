"""Read a CloudFormation or SAM template into resources that know where they are declared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from core.errors import UnreadableTemplate
from core.identity import declared_uid
from core.types import Resource
from templates import sam
from templates.document import Document, read_document
from templates.loops import unrolled
from templates.naming import aliases_of, name_of, tags_of, url_suffix
from templates.outline import Declared, as_map, declared_in, sections
from templates.resolve import REMOVED, Scope, parameter_values, resolve
from templates.value import plain
from templates.veil import veiled

_DOCUMENTS = frozenset(
    {
        "AssumeRolePolicyDocument",
        "KeyPolicy",
        "Policy",
        "PolicyDocument",
        "PolicyText",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "RepositoryPolicyText",
        "ResourcePolicy",
    }
)
_TOO_DEEP = "The template is nested or refers to itself too deeply."


@dataclass(frozen=True, slots=True)
class Template:
    """A template: what it declares, and what that comes to once translated and resolved.

    `conditional` says, by logical id, on which undecided condition a resource's existence hangs.
    `notes` tells what could not be read as it stands.
    """

    file: str
    repository: str
    kind: Literal["cloudformation", "sam"]
    document: Document
    resources: tuple[Resource, ...]
    declared: Mapping[str, Declared]
    conditional: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return self.document.content

    @property
    def groups(self) -> tuple[tuple[Resource, ...], ...]:
        """All resources: they may know of each other."""
        return (self.resources,)

    @property
    def unknown_parameters(self) -> Mapping[str, str]:
        """A value for each parameter that stands for not knowing it: a reference to itself."""
        value = plain(self.document.root)
        section = value.get("Parameters") if isinstance(value, Mapping) else None
        return {str(n): f"${{{n}}}" for n in section} if isinstance(section, Mapping) else {}

    @property
    def outputs(self) -> frozenset[str]:
        """The names of the template's outputs."""
        value = plain(self.document.root)
        section = value.get("Outputs") if isinstance(value, Mapping) else None
        return frozenset(section) if isinstance(section, Mapping) else frozenset()

    def resource(self, logical_id: str) -> Resource | None:
        """Return the resource with this logical id after translation."""
        uid = declared_uid(self.repository, self.file, logical_id)
        return next((r for r in self.resources if r.uid == uid), None)


def read(  # noqa: PLR0913 - one call says what is read and where it stands
    data: bytes,
    *,
    file: str,
    repository: str = "",
    secret_key: bytes,
    parameters: Mapping[str, str] | None = None,
    region: str = "",
    account: str = "",
) -> Template:
    """Read a CloudFormation or SAM template, YAML or JSON.

    Values given in `parameters` win over defaults; `region` and `account` resolve the pseudo
    parameters, which otherwise stay `${AWS::Region}`. Raises: UnreadableTemplate.
    """
    reading = _Reading(data, file, repository, secret_key, region, account)
    return reading.template(parameters) if parameters else _as_it_stands(reading)


@dataclass(frozen=True, slots=True)
class _Reading:
    data: bytes
    file: str
    repository: str
    secret_key: bytes
    region: str
    account: str

    def template(self, given: Mapping[str, str]) -> Template:
        document = read_document(self.data)
        try:
            return self._made_of(document, given)
        except RecursionError as error:
            raise UnreadableTemplate(_TOO_DEEP) from error

    def _made_of(self, document: Document, given: Mapping[str, str]) -> Template:
        raw = sections(plain(document.root))
        declared = declared_in(document, self.file, raw)
        values = parameter_values(raw["Parameters"], given, secret_key=self.secret_key)
        pseudo = self._pseudo()
        scope = _scope(raw, values, pseudo, frozenset(raw["Resources"]))
        raw["Resources"], origin = unrolled(raw["Resources"], scope)
        kind: Literal["cloudformation", "sam"] = "sam" if sam.is_sam(raw) else "cloudformation"
        notes = tuple(
            f"{key} runs over a list that is not known; its resources are not read"
            for key in declared
            if key.startswith("Fn::ForEach::") and key not in origin.values()
        )
        generated, sources = raw["Resources"], origin
        if kind == "sam":
            known = {k: v for k, v in values.items() if isinstance(v, str | int | float)}
            translation = sam.translate(raw, known, region=self.region)
            generated = translation.template["Resources"]
            raw["Conditions"] = as_map(translation.template.get("Conditions"))
            sources = {i: origin.get(d, d) for i, d in translation.declared_by.items()}
            notes += translation.notes
        scope = _scope(raw, values, pseudo, frozenset(generated) | frozenset(raw["Resources"]))
        resources, conditional = self._resources(generated, sources, declared, scope)
        return Template(
            self.file, self.repository, kind, document, resources, declared, conditional, notes
        )

    def _pseudo(self) -> dict[str, str]:
        known = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::URLSuffix": url_suffix(self.region),
        }
        return {name: value for name, value in known.items() if value}

    def _resources(
        self,
        generated: Mapping[str, Any],
        sources: Mapping[str, str],
        declared: Mapping[str, Declared],
        scope: Scope,
    ) -> tuple[tuple[Resource, ...], dict[str, str]]:
        resources: list[Resource] = []
        conditional: dict[str, str] = {}
        for logical_id, body in generated.items():
            kind = body.get("Type") if isinstance(body, Mapping) else None
            source = declared.get(sources.get(logical_id, logical_id))
            if not isinstance(kind, str) or source is None:
                continue
            condition = body.get("Condition")
            if isinstance(condition, str):
                holds = scope.condition(condition)
                if holds is False:
                    continue
                if holds is None:
                    conditional[logical_id] = condition
            resources.append(self._resource(logical_id, kind, body, source, scope))
        return tuple(resources), conditional

    def _resource(
        self, logical_id: str, kind: str, body: Mapping[str, Any], source: Declared, scope: Scope
    ) -> Resource:
        resolved = resolve(as_map(body.get("Properties")), scope)
        metadata = resolve(source.metadata, scope)
        properties = _documents_parsed(resolved) if isinstance(resolved, dict) else {}
        return Resource(
            uid=declared_uid(self.repository, self.file, logical_id),
            type=kind,
            name=name_of(kind, logical_id, properties),
            properties=veiled(kind, properties, self.secret_key),
            account=self.account,
            region=self.region,
            tags=tags_of(properties),
            aliases=aliases_of(kind, logical_id, properties, scope.pseudo),
            source=source.span,
            metadata=veiled("", metadata, self.secret_key) if isinstance(metadata, dict) else {},
        )


# The fixes of one file are all planned on one content, and a plan's outcome is the next one's start.
@lru_cache(maxsize=4)
def _as_it_stands(reading: _Reading) -> Template:
    return reading.template({})


def _scope(
    raw: Mapping[str, Any],
    values: Mapping[str, Any],
    pseudo: Mapping[str, str],
    resources: frozenset[str],
) -> Scope:
    return Scope(
        parameters=values,
        mappings=raw["Mappings"],
        conditions=raw["Conditions"],
        resources=resources,
        pseudo=pseudo,
    )


def _documents_parsed(value: Any, name: str = "") -> Any:
    """Parse policy documents given as JSON text, and make every Statement a list."""
    if isinstance(value, str) and name in _DOCUMENTS and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, Mapping):
        parsed = {k: _documents_parsed(v, k) for k, v in value.items() if v is not REMOVED}
        if isinstance(parsed.get("Statement"), dict) and name in _DOCUMENTS:
            parsed["Statement"] = [parsed["Statement"]]
        return parsed
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_documents_parsed(item) for item in value]
    return value

"""Translate SAM to CloudFormation, keeping which declaration each generated resource comes from.

The translator wants a packaged template and reads SAM's policy templates anew each time: local
paths are replaced by a placeholder first, and the policy templates are read once (30 of its 34 ms a
template). What it refuses is expanded plainly by `light`, so that one odd resource does not hide
the others.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.types import unknown
from templates import light

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"
SAM_TYPE = "AWS::Serverless::"
_APPLICATION = "AWS::Serverless::Application"
_MARK = "plumbline:declared"
_BUCKET = "plumbline-not-packaged"
_PLACEHOLDER = f"s3://{_BUCKET}/local"
_PLACEHOLDER_URL = f"https://{_BUCKET}.s3.amazonaws.com/local"
_PLACEHOLDER_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/plumbline-not-packaged:local"
_LOCAL = ("CodeUri", "ContentUri", "DefinitionUri", "SchemaUri")
_TRANSLATOR_REGION = "us-east-1"  # only chooses the partition where no region is given
_ROUNDS = 4
# CloudFormation takes 500 resources in a template, and each event of a function comes to at least
# one (quotas page, 2026-11-24). The translator's time grows with the square of the events of an API:
# 400 take 13 s, 2,000 take minutes.
_MOST_DECLARED = 500


@dataclass(frozen=True, slots=True)
class Translation:
    """A CloudFormation template, the declaration of each of its resources, and what went wrong."""

    template: Mapping[str, Any]
    declared_by: Mapping[str, str]
    notes: tuple[str, ...] = ()


def is_sam(template: Mapping[str, Any]) -> bool:
    """Whether a template needs SAM's transform."""
    transform = template.get("Transform")
    names = transform if isinstance(transform, list) else [transform]
    if SAM_TRANSFORM in [n for n in names if isinstance(n, str)]:
        return True
    return any(_type(r).startswith(SAM_TYPE) for r in template["Resources"].values())


def translate(
    template: Mapping[str, Any], parameters: Mapping[str, Any], *, region: str = ""
) -> Translation:
    """Return the CloudFormation template that a SAM template stands for."""
    packaged = _packaged(template)
    resources = packaged["Resources"]
    aside = {i for i, r in resources.items() if _from_repository(r)}
    notes: list[str] = []
    translated: dict[str, Any] | None = None
    is_small = _size(resources) <= _MOST_DECLARED
    if not is_small:
        notes.append(f"SAM is read plainly: over {_MOST_DECLARED} resources, so not deployable")
    for _ in range(_ROUNDS if is_small else 0):
        attempt = {**packaged, "Resources": {i: r for i, r in resources.items() if i not in aside}}
        translated, refused, note = _attempt(attempt, parameters, region)
        notes += [note] if note else []
        if translated is not None or not refused:
            break
        aside |= refused
    if translated is None:
        aside |= {i for i, r in resources.items() if _type(r).startswith(SAM_TYPE)}
        translated = {
            **packaged,
            "Resources": {i: r for i, r in resources.items() if i not in aside},
        }
    whole = translated.setdefault("Resources", {})
    for logical_id in sorted(aside & set(resources)):
        whole.update(light.expand(logical_id, resources[logical_id], packaged.get("Globals")))
    declared_by = _declared_by(whole, template["Resources"])
    return Translation(_unpackaged(translated), declared_by, tuple(notes))


def _copied(value: Any) -> Any:
    """Copy plain maps and lists; `copy.deepcopy` takes five times as long to do it."""
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    return [_copied(v) for v in value] if isinstance(value, list) else value


def _size(resources: Mapping[str, Any]) -> int:
    """Count resources and the events declared on them."""
    declared = (resource.get("Properties") for resource in resources.values())
    events = (each.get("Events") for each in declared if isinstance(each, Mapping))
    return len(resources) + sum(len(each) for each in events if isinstance(each, Mapping))


def _type(resource: Any) -> str:
    kind = resource.get("Type") if isinstance(resource, Mapping) else None
    return kind if isinstance(kind, str) else ""


def _from_repository(resource: Any) -> bool:
    """Whether this nests an application of the public repository, which would need a call to AWS."""
    properties = resource.get("Properties") if isinstance(resource, Mapping) else None
    return _type(resource) == _APPLICATION and not (
        isinstance(properties, Mapping) and isinstance(properties.get("Location"), str)
    )


def _packaged(template: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a template as `sam package` would leave it, each resource marked with its logical id."""
    packaged: dict[str, Any] = _copied(template)
    packaged["Resources"] = {
        i: r for i, r in packaged["Resources"].items() if isinstance(r, dict) and _type(r)
    }
    for section in _maps(packaged.get("Globals")):
        _place_local(section)
    for logical_id, resource in packaged["Resources"].items():
        resource["Metadata"] = {_MARK: logical_id}
        if not _type(resource).startswith(SAM_TYPE):
            continue
        if not isinstance(resource.get("Properties"), dict):
            resource["Properties"] = {}
        _place_local(resource["Properties"])
        _place_code(_type(resource), resource["Properties"], packaged.get("Globals"))
    return packaged


def _maps(value: Any) -> list[dict[str, Any]]:
    return [v for v in value.values() if isinstance(v, dict)] if isinstance(value, dict) else []


def _place_local(properties: dict[str, Any]) -> None:
    for key in _LOCAL:
        value = properties.get(key)
        if isinstance(value, str) and not value.startswith("s3://"):
            properties[key] = _PLACEHOLDER
    if isinstance(properties.get("Location"), str) and "://" not in properties["Location"]:
        properties["Location"] = _PLACEHOLDER_URL
    if isinstance(properties.get("ImageUri"), str) and ".dkr.ecr." not in properties["ImageUri"]:
        properties["ImageUri"] = _PLACEHOLDER_IMAGE


def _place_code(kind: str, properties: dict[str, Any], shared: Any) -> None:
    if kind != "AWS::Serverless::Function":
        return
    common = shared.get("Function") if isinstance(shared, dict) else None
    effective = {**(common if isinstance(common, dict) else {}), **properties}
    if effective.get("PackageType") == "Image":
        if "ImageUri" not in effective:
            properties["ImageUri"] = _PLACEHOLDER_IMAGE
    elif not {"InlineCode", "CodeUri", "ImageUri"} & set(effective):
        properties["CodeUri"] = _PLACEHOLDER


class _Session:
    """Stands in for a boto3 session: the translator asks it for nothing but a region."""

    def __init__(self, region: str) -> None:
        self.region_name = region or _TRANSLATOR_REGION


@lru_cache(maxsize=1)
def _translator_class() -> Any:
    """Import the translator (about a second) and make it read its policy templates once."""
    from samtranslator.translator import translator

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it warns of its own metrics
    plugin = translator.make_policy_template_for_function_plugin()
    translator.make_policy_template_for_function_plugin = lambda: plugin
    return translator.Translator


def _attempt(
    template: dict[str, Any], parameters: Mapping[str, Any], region: str
) -> tuple[dict[str, Any] | None, set[str], str]:
    """Return the translation, or which resources it fails on (none named: all), with the reason."""
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser

    if not template["Resources"]:
        return {**template, "Resources": {}}, set(), ""
    translator = _translator_class()({}, Parser(), boto_session=_Session(region))
    try:
        translated: dict[str, Any] = translator.translate(
            _copied(template),
            dict(parameters),
            passthrough_metadata=True,
            get_managed_policy_map=dict,
        )
    except InvalidDocumentException as error:
        return None, _refused(error, template["Resources"]), _reason(error)
    except Exception as error:  # noqa: BLE001 - the translator raises anything on malformed input; noted, and read plainly
        return None, set(), f"SAM cannot be translated ({type(error).__name__}); read plainly"
    return translated, set(), ""


def _refused(error: Any, resources: Mapping[str, Any]) -> set[str]:
    named = {getattr(cause, "_logical_id", None) for cause in error.causes}
    named |= {getattr(cause, "_event_id", None) for cause in error.causes}
    return {name for name in named if isinstance(name, str) and name in resources}


def _reason(error: Any) -> str:
    causes = "; ".join(str(getattr(cause, "message", cause)) for cause in error.causes)
    return f"SAM refuses part of the template, which is read plainly: {causes}"[:500]


def _declared_by(generated: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, str]:
    """Say for each generated resource which declaration it comes from.

    An implicit API has no declaration: the first function with an event for it stands in.
    """
    sources: dict[str, str] = {}
    stand_ins = _StandIns(declared)
    for logical_id, resource in generated.items():
        metadata = resource.get("Metadata") if isinstance(resource, dict) else None
        # All that one declaration generates share its metadata: the mark is read, never taken.
        marked = metadata.get(_MARK) if isinstance(metadata, dict) else None
        if logical_id in declared:
            sources[logical_id] = logical_id
        elif isinstance(marked, str):
            sources[logical_id] = marked
        else:
            sources[logical_id] = stand_ins.of(logical_id)
    return sources


_IMPLICIT = {"ServerlessRestApi": "Api", "ServerlessHttpApi": "HttpApi"}


class _StandIns:
    """Finds the declaration that stands in for what carries no mark; each look is cheap."""

    def __init__(self, declared: Mapping[str, Any]) -> None:
        self._declared = declared
        self._lengths = sorted({len(logical_id) for logical_id in declared}, reverse=True)
        self._first_with: dict[str, str] = {}
        for logical_id, resource in declared.items():
            properties = resource.get("Properties") if isinstance(resource, Mapping) else None
            events = properties.get("Events") if isinstance(properties, Mapping) else None
            for event in events.values() if isinstance(events, Mapping) else ():
                self._first_with.setdefault(_type(event), logical_id)

    def of(self, logical_id: str) -> str:
        kind = next((e for prefix, e in _IMPLICIT.items() if logical_id.startswith(prefix)), "")
        if kind in self._first_with:
            return self._first_with[kind]
        prefixes = (logical_id[:length] for length in self._lengths)
        return next((p for p in prefixes if p in self._declared), next(iter(self._declared), ""))


def _unpackaged(value: Any) -> Any:
    """Say "not known before packaging" wherever a placeholder ended up."""
    if isinstance(value, dict):
        if value.get("S3Bucket") == _BUCKET or value.get("Bucket") == _BUCKET:
            return unknown("a local file, packaged at deployment")
        return {k: _unpackaged(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_unpackaged(v) for v in value]
    if isinstance(value, str) and _BUCKET in value:
        return unknown("a local file, packaged at deployment")
    return value

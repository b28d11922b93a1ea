"""A stack's template as it is deployed: long-form intrinsics, SAM already translated."""

import copy
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from core.errors import UnreadableTemplate

SAM = "AWS::Serverless-2016-10-31"
_CODE_LOCATIONS = ("CodeUri", "ContentUri", "DefinitionUri", "Location")
# The sandbox builds and uploads nothing, so local code is declared to lie in this bucket.
PLACEHOLDER_CODE = "s3://sandbox-code-not-built/"


@dataclass(frozen=True, slots=True)
class StackFile:
    """A template ready to deploy. `is_sam` says that its resources went through the translator."""

    resources: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Mapping[str, Any]]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]
    is_sam: bool


class _Loader(yaml.CSafeLoader):
    """Reads CloudFormation's short tags; a date without quotes stays the text it was."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for letter, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


def parse(data: bytes, *, file: str) -> dict[str, Any]:
    """Parse YAML or JSON into long-form intrinsics. Raises: UnreadableTemplate."""
    try:
        found = yaml.load(data, Loader=_Loader)  # noqa: S506 - derived from the safe loader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableTemplate(f"{file} cannot be parsed: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("Resources"), dict):
        raise UnreadableTemplate(f"{file} declares no resources.")
    return found


def read(data: bytes, *, file: str, region: str) -> StackFile:
    """Read a template and translate SAM. Raises: UnreadableTemplate."""
    body = parse(data, file=file)
    transforms = body.get("Transform") or ()
    is_sam = SAM in ((transforms,) if isinstance(transforms, str) else tuple(map(str, transforms)))
    if is_sam:
        body = _translate(body, file=file, region=region)
    return StackFile(
        resources={k: v for k, v in body["Resources"].items() if isinstance(v, Mapping)},
        parameters=body.get("Parameters") or {},
        mappings=body.get("Mappings") or {},
        conditions=body.get("Conditions") or {},
        outputs=body.get("Outputs") or {},
        is_sam=is_sam,
    )


def _translate(body: dict[str, Any], *, file: str, region: str) -> dict[str, Any]:
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it warns about its own metrics
    parameters = {
        name: str(found["Default"])
        for name, found in (body.get("Parameters") or {}).items()
        if isinstance(found, Mapping) and "Default" in found
    }
    try:
        with _region_in_environment(region):
            return dict(transform(_with_placeholder_code(body), parameters, _NoPolicies()))
    except InvalidDocumentException as error:
        causes = "; ".join(str(cause.message) for cause in error.causes)
        raise UnreadableTemplate(f"{file} is not a valid SAM template: {causes}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The translator trusts the shape of what it reads.
        raise UnreadableTemplate(f"{file} cannot be translated from SAM: {error!r}") from error


class _NoPolicies:
    """The translator's own table of managed policies is enough; nothing is asked of AWS."""

    def load(self) -> dict[str, str]:
        return {}


_ENVIRONMENT_LOCK = threading.Lock()


@contextmanager
def _region_in_environment(region: str) -> Iterator[None]:
    # The translator asks a default boto3 session for the region and takes no argument for it.
    with _ENVIRONMENT_LOCK:
        before = os.environ.get("AWS_DEFAULT_REGION")
        os.environ["AWS_DEFAULT_REGION"] = region
        try:
            yield
        finally:
            if before is None:
                del os.environ["AWS_DEFAULT_REGION"]
            else:
                os.environ["AWS_DEFAULT_REGION"] = before


def _with_placeholder_code(body: dict[str, Any]) -> dict[str, Any]:
    """Point local code at a bucket, as `sam package` would; the translator refuses local paths."""
    body = copy.deepcopy(body)
    function_globals = (body.get("Globals") or {}).get("Function") or {}
    if isinstance(function_globals.get("CodeUri"), str):
        function_globals["CodeUri"] = _placeholder(function_globals["CodeUri"])
    for resource in body["Resources"].values():
        if not isinstance(resource, dict):
            continue
        properties = resource.get("Properties") or {}
        serverless = str(resource.get("Type", "")).startswith("AWS::Serverless::")
        for name in _CODE_LOCATIONS if serverless and isinstance(properties, dict) else ():
            if isinstance(properties.get(name), str):
                properties[name] = _placeholder(properties[name])
        if resource.get("Type") == "AWS::Serverless::Function":
            _give_code(resource, inherited=function_globals)
    return body


def _give_code(resource: dict[str, Any], *, inherited: Mapping[str, Any]) -> None:
    properties = resource.setdefault("Properties", {})
    package = properties.get("PackageType", inherited.get("PackageType"))
    if package == "Image":
        properties.setdefault(
            "ImageUri", f"{'0' * 12}.dkr.ecr.eu-west-1.amazonaws.com/not-built:latest"
        )
    elif not {"CodeUri", "InlineCode", "ImageUri"} & (properties.keys() | inherited.keys()):
        properties["CodeUri"] = PLACEHOLDER_CODE + "function.zip"


def _placeholder(location: str) -> str:
    if location.startswith("s3://"):
        return location
    return PLACEHOLDER_CODE + (location.strip("./") or "function.zip")

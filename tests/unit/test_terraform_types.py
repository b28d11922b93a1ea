"""The tables hold against CloudFormation's own schemas, and each type is declared once."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cfnlint.schema._exceptions import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from templates.terraform.mapping import Kind, Nested, Part, Rows
from templates.terraform.types import KINDS, PARTS

OURS = {
    "AWS::IAM::AccountPasswordPolicy",
    "AWS::IAM::PolicyDocument",
    "AWS::S3::AccountPublicAccessBlock",
    "AWS::S3::Object",
    "AWS::SageMaker::FlowDefinition",
}
"""Types that CloudFormation does not have."""

LIVE = {
    "AWS::ApiGateway::Deployment": {"Lifecycle.CreateBeforeDestroy"},
    "AWS::ApiGateway::RestApi": {"Lifecycle.CreateBeforeDestroy"},
    "AWS::S3::Bucket": {"AccessControlGrants", "VersioningConfiguration.MFADelete"},
    "AWS::SSM::Parameter": {"KeyId"},
}
"""Properties that a live resource or Terraform has and CloudFormation cannot set."""

ALL_KINDS = [kind for kinds in KINDS.values() for kind in kinds]
SPAWNED = [spawn.kind for kind in ALL_KINDS for spawn in kind.also]


def _schema(resource_type: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        "us-east-1", resource_type
    ).schema
    return schema


def _node(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rpartition("/")[2]]
    return node


def _below(
    node: Mapping[str, Any], path: str, schema: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return what a schema says of a property, None where it does not know it."""
    for step in path.split("."):
        node = _node(node, schema)
        node = _node(node["items"], schema) if "items" in node else node
        choices = [node, *node.get("oneOf", []), *node.get("anyOf", [])]
        found = next(
            (c["properties"][step] for c in choices if step in c.get("properties", {})), None
        )
        if found is None:
            return {} if "properties" not in node else None
        node = found
    return _node(node, schema)


def _strangers(
    rows: Rows, node: Mapping[str, Any], schema: Mapping[str, Any], at: str = ""
) -> Iterator[str]:
    for path, row in rows.items():
        found = _below(node, path, schema)
        if found is None:
            yield f"{at}{path}"
        elif isinstance(row, Nested):
            if row.repeated and found and "items" not in found:
                yield f"{at}{path} is no list"
            inner = _node(found.get("items", found), schema)
            yield from _strangers(row.rows, inner, schema, f"{at}{path}.")


@pytest.mark.parametrize("kind", [*ALL_KINDS, *SPAWNED], ids=lambda kind: f"{kind.terraform}")
def test_every_property_of_a_kind_is_cloudformations(kind: Kind) -> None:
    if kind.type in OURS:
        with pytest.raises(ResourceNotFoundError):
            _schema(kind.type)
        return
    schema = _schema(kind.type)

    assert set(_strangers(kind.rows, schema, schema)) <= LIVE.get(kind.type, set())


@pytest.mark.parametrize(
    "part", [p for parts in PARTS.values() for p in parts], ids=lambda part: part.terraform
)
def test_every_property_of_a_part_is_its_parents(part: Part) -> None:
    parent = KINDS[part.of][0].type
    schema = _schema(parent)

    assert set(_strangers(part.rows, schema, schema)) <= LIVE.get(parent, set())


def test_what_a_kind_belongs_to_is_a_type_that_is_read() -> None:
    read = {kind.type for kind in (*ALL_KINDS, *SPAWNED)}

    assert {parent for kind in ALL_KINDS for parent in kind.belongs.values()} <= read
    assert all(name in kind.rows for kind in ALL_KINDS for name in kind.belongs)


def test_a_type_is_declared_once() -> None:
    kinds = Counter((kind.terraform, kind.type) for kind in ALL_KINDS)

    assert [twice for twice, count in kinds.items() if count > 1] == []
    assert not set(KINDS) & set(PARTS)

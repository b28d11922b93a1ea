"""Which Terraform types are read, and what each is in CloudFormation's names.

One file a service. A new type is one `Kind` (a resource of its own) or `Part` (properties of
another resource) in its service's `TYPES`. Source of the attributes and of the provider's defaults:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs; of the properties:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from templates.terraform.mapping import Kind, Part
from templates.terraform.types import (
    apigateway,
    apigatewayv2,
    compute,
    copies,
    data,
    dynamodb,
    edge,
    iam,
    lambda_,
    messaging,
    network,
    orchestration,
    s3,
    security,
    streams,
    watching,
)

_TYPES: tuple[Kind | Part, ...] = (
    *s3.TYPES,
    *lambda_.TYPES,
    *iam.TYPES,
    *apigateway.TYPES,
    *apigatewayv2.TYPES,
    *dynamodb.TYPES,
    *messaging.TYPES,
    *security.TYPES,
    *watching.TYPES,
    *orchestration.TYPES,
    *edge.TYPES,
    *streams.TYPES,
    *network.TYPES,
    *compute.TYPES,
    *copies.TYPES,
    *data.TYPES,
)

_Entry = TypeVar("_Entry", Kind, Part)


def _by_name(entries: Iterable[_Entry]) -> Mapping[str, tuple[_Entry, ...]]:
    found: dict[str, list[_Entry]] = {}
    for entry in entries:
        found.setdefault(entry.terraform, []).append(entry)
    return MappingProxyType({name: tuple(each) for name, each in found.items()})


KINDS = _by_name([entry for entry in _TYPES if isinstance(entry, Kind)])
"""Resources of their own, by Terraform type; `data.` before a data source's."""

PARTS = _by_name([entry for entry in _TYPES if isinstance(entry, Part)])
"""Properties of other resources, by Terraform type."""

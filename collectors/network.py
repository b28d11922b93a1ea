"""The VPC parts that functions sit in: VPC, subnets, security groups, endpoints.

A VPC without a function is not this product's concern and is not read.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.document import pick, policy, tag_map
from collectors.reader import Reader
from collectors.registry import collector
from collectors.wire import CallFailed
from core.types import Resource

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
ENDPOINT = "AWS::EC2::VPCEndpoint"

_DEFAULT_GROUP = "default"  # EC2 gives every VPC one of this name and lets nobody take it
_DESCRIBED = {
    SUBNET: ("DescribeSubnets", "Subnets"),
    VPC: ("DescribeVpcs", "Vpcs"),
    SECURITY_GROUP: ("DescribeSecurityGroups", "SecurityGroups"),
    ENDPOINT: ("DescribeVpcEndpoints", "VpcEndpoints"),
}
_FILTER_VALUES = 200  # the most values one filter takes (EC2 API reference, 2026-11-22)


@collector(
    yields=(VPC, SUBNET, SECURITY_GROUP, ENDPOINT),
    calls=(
        "lambda:ListFunctions",
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEndpoints",
    ),
)
def vpc_parts(aws: Reader) -> Iterator[Resource]:
    """The VPCs in which functions sit, with subnets, security groups and endpoints."""
    try:
        functions = aws.listing("lambda:ListFunctions", "Functions")
    except CallFailed as error:
        for kind in (VPC, SUBNET, SECURITY_GROUP, ENDPOINT):
            aws.gap(error, of=kind)
        return
    subnets, groups = _where(functions)
    if not subnets:
        return
    found = _described(aws, SUBNET, {"subnet-id": subnets})
    vpcs = sorted({subnet["VpcId"] for subnet in found})
    yield from (_resource(aws, SUBNET, item, item["SubnetId"], _subnet(item)) for item in found)
    for item in _described(aws, VPC, {"vpc-id": vpcs}):
        yield _resource(aws, VPC, item, item["VpcId"], _vpc(item))
    for item in _groups(aws, groups, vpcs):
        yield _resource(aws, SECURITY_GROUP, item, item["GroupId"], _group(item))
    for item in _described(aws, ENDPOINT, {"vpc-id": vpcs}):
        yield _resource(aws, ENDPOINT, item, item["VpcEndpointId"], _endpoint(item))


def _groups(aws: Reader, ids: Sequence[str], vpcs: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the groups of functions, and their VPCs' default ones, which what has none gets."""
    default = {"Name": "group-name", "Values": [_DEFAULT_GROUP]}
    found = [
        *_described(aws, SECURITY_GROUP, {"group-id": ids}),
        *_described(aws, SECURITY_GROUP, {"vpc-id": vpcs}, also=(default,)),
    ]
    return list({item["GroupId"]: item for item in found}.values())


def _where(functions: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the subnets and security groups that functions name."""
    places = [function.get("VpcConfig") or {} for function in functions]
    return (
        sorted({each for place in places for each in place.get("SubnetIds") or ()}),
        sorted({each for place in places for each in place.get("SecurityGroupIds") or ()}),
    )


def _described(
    aws: Reader,
    kind: str,
    within: Mapping[str, Sequence[str]],
    *,
    also: Sequence[Mapping[str, Any]] = (),
) -> list[Mapping[str, Any]]:
    ((name, values),) = within.items()
    operation, key = _DESCRIBED[kind]
    return [
        item
        for start in range(0, len(values), _FILTER_VALUES)
        for item in aws.listed(
            f"ec2:{operation}",
            key,
            of=kind,
            Filters=[
                {"Name": name, "Values": list(values[start : start + _FILTER_VALUES])},
                *also,
            ],
        )
    ]


def _resource(
    aws: Reader,
    kind: str,
    item: Mapping[str, Any],
    identifier: str,
    properties: Mapping[str, Any],
) -> Resource:
    tags = tag_map(item.get("Tags"))
    return aws.resource(
        kind,
        uid=aws.arn("ec2", f"{_NOUNS[kind]}/{identifier}"),
        name=tags.get("Name") or item.get("GroupName") or identifier,
        aliases=(identifier,),
        tags=tags,
        properties=properties,
    )


_NOUNS = {
    VPC: "vpc", SUBNET: "subnet", SECURITY_GROUP: "security-group", ENDPOINT: "vpc-endpoint",
}  # fmt: skip


def _vpc(vpc: Mapping[str, Any]) -> dict[str, Any]:
    return pick(vpc, "CidrBlock", "InstanceTenancy", "IsDefault")


def _subnet(subnet: Mapping[str, Any]) -> dict[str, Any]:
    return pick(subnet, "VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch")


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **pick(group, "GroupName", "VpcId"),
        "GroupDescription": group.get("Description"),
        "SecurityGroupIngress": _rules(group.get("IpPermissions"), "Source"),
        "SecurityGroupEgress": _rules(group.get("IpPermissionsEgress"), "Destination"),
    }


def _rules(permissions: Sequence[Mapping[str, Any]] | None, side: str) -> list[dict[str, Any]]:
    """Return one rule a peer, as CloudFormation writes them."""
    rules = []
    for permission in permissions or ():
        common = pick(permission, "IpProtocol", "FromPort", "ToPort")
        peers = (
            ("IpRanges", "CidrIp", "CidrIp"),
            ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
            ("UserIdGroupPairs", "GroupId", f"{side}SecurityGroupId"),
            ("PrefixListIds", "PrefixListId", f"{side}PrefixListId"),
        )
        for member, key, name in peers:
            for peer in permission.get(member) or ():
                if peer.get(key):
                    rule = {**common, name: peer[key], **pick(peer, "Description")}
                    rules.append(rule)
    return rules


def _endpoint(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **pick(endpoint, "ServiceName", "VpcId", "VpcEndpointType", "PrivateDnsEnabled"),
        "PolicyDocument": policy(endpoint.get("PolicyDocument")),
        "SubnetIds": endpoint.get("SubnetIds") or None,
        "RouteTableIds": endpoint.get("RouteTableIds") or None,
        "SecurityGroupIds": [group["GroupId"] for group in endpoint.get("Groups") or ()] or None,
    }

"""The network around functions: security groups, VPCs, endpoints, and EFS."""

from collections.abc import Mapping
from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    Rows,
    Take,
    build,
    constant,
    document,
    fallback,
    first,
    look,
    one,
    tags,
)

SECURITY_GROUP = "aws_security_group"

_PORTS: Rows = {
    "IpProtocol": first("protocol", "ip_protocol"),
    "FromPort": "from_port",
    "ToPort": "to_port",
    "Description": "description",
}


def _rules(block: str, *, inwards: bool) -> Take:
    """Take rules as CloudFormation writes them: one for each address range, group or list."""

    def take(attributes: Attributes) -> Any:
        found = look(attributes, block)
        if found is ABSENT or is_unknown(found):
            return found
        written = found if isinstance(found, list) else [found]
        rules = [rule for each in written for rule in _spread(each, inwards=inwards)]
        return rules or ABSENT

    return take


def _spread(rule: Any, *, inwards: bool) -> list[Any]:
    if not isinstance(rule, Mapping) or is_unknown(rule):
        return [rule]
    side = "Source" if inwards else "Destination"
    kinds = (
        ("CidrIp", "cidr_blocks"),
        ("CidrIpv6", "ipv6_cidr_blocks"),
        (f"{side}PrefixListId", "prefix_list_ids"),
        (f"{side}SecurityGroupId", "security_groups"),
        ("CidrIp", "cidr_ipv4"),
        ("CidrIpv6", "cidr_ipv6"),
        (f"{side}PrefixListId", "prefix_list_id"),
        (f"{side}SecurityGroupId", "referenced_security_group_id"),
        (f"{side}SecurityGroupId", "source_security_group_id"),
    )
    ports = build(_PORTS, rule)
    return [
        {**ports, name: item}
        for name, attribute in kinds
        if (value := look(rule, attribute)) is not ABSENT
        for item in (value if isinstance(value, list) else [value])
    ]


def _own_rule(*, inwards: bool) -> Take:
    def take(attributes: Attributes) -> Any:
        kind = look(attributes, "type")
        if is_unknown(kind):
            return [kind]
        if kind not in (ABSENT, "ingress" if inwards else "egress"):
            return ABSENT
        return _spread(attributes, inwards=inwards) or ABSENT

    return take


_GROUPS: tuple[Kind | Part, ...] = (
    Kind(
        SECURITY_GROUP,
        "AWS::EC2::SecurityGroup",
        {
            "GroupName": "name",
            "GroupDescription": fallback("description", "Managed by Terraform"),
            "VpcId": "vpc_id",
            "SecurityGroupIngress": _rules("ingress", inwards=True),
            "SecurityGroupEgress": _rules("egress", inwards=False),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_default_security_group",
        "AWS::EC2::SecurityGroup",
        {
            "GroupName": constant("default"),
            "GroupDescription": constant("default VPC security group"),
            "VpcId": "vpc_id",
            "SecurityGroupIngress": _rules("ingress", inwards=True),
            "SecurityGroupEgress": _rules("egress", inwards=False),
            "Tags": tags,
        },
    ),
    Part(
        "aws_security_group_rule",
        SECURITY_GROUP,
        {"security_group_id": "id"},
        {"SecurityGroupIngress": _own_rule(inwards=True)},
    ),
    Part(
        "aws_security_group_rule",
        SECURITY_GROUP,
        {"security_group_id": "id"},
        {"SecurityGroupEgress": _own_rule(inwards=False)},
    ),
    Part(
        "aws_vpc_security_group_ingress_rule",
        SECURITY_GROUP,
        {"security_group_id": "id"},
        {"SecurityGroupIngress": _own_rule(inwards=True)},
    ),
    Part(
        "aws_vpc_security_group_egress_rule",
        SECURITY_GROUP,
        {"security_group_id": "id"},
        {"SecurityGroupEgress": _own_rule(inwards=False)},
    ),
)


def _flow_log_of(attributes: Attributes) -> Any:
    return first("vpc_id", "subnet_id", "eni_id", "transit_gateway_id")(attributes)


def _flow_log_type(attributes: Attributes) -> Any:
    kinds = {"vpc_id": "VPC", "subnet_id": "Subnet", "eni_id": "NetworkInterface"}
    return next((kind for name, kind in kinds.items() if name in attributes), ABSENT)


_VPC: tuple[Kind, ...] = (
    Kind(
        "aws_vpc",
        "AWS::EC2::VPC",
        {
            "CidrBlock": "cidr_block",
            "EnableDnsHostnames": fallback("enable_dns_hostnames", default=False),
            "EnableDnsSupport": fallback("enable_dns_support", default=True),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_subnet",
        "AWS::EC2::Subnet",
        {
            "VpcId": "vpc_id",
            "CidrBlock": "cidr_block",
            "AvailabilityZone": "availability_zone",
            "MapPublicIpOnLaunch": fallback("map_public_ip_on_launch", default=False),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_vpc_endpoint",
        "AWS::EC2::VPCEndpoint",
        {
            "VpcId": "vpc_id",
            "ServiceName": "service_name",
            "VpcEndpointType": fallback("vpc_endpoint_type", "Gateway"),
            "PolicyDocument": document("policy"),
            "PrivateDnsEnabled": "private_dns_enabled",
            "RouteTableIds": "route_table_ids",
            "SecurityGroupIds": "security_group_ids",
            "SubnetIds": "subnet_ids",
            "Tags": tags,
        },
    ),
    Kind(
        "aws_flow_log",
        "AWS::EC2::FlowLog",
        {
            "ResourceId": _flow_log_of,
            "ResourceType": _flow_log_type,
            "TrafficType": "traffic_type",
            "LogDestinationType": fallback("log_destination_type", "cloud-watch-logs"),
            "LogDestination": "log_destination",
            "LogGroupName": "log_group_name",
            "DeliverLogsPermissionArn": "iam_role_arn",
            "Tags": tags,
        },
    ),
)

FILE_SYSTEM = "aws_efs_file_system"

_EFS: tuple[Kind | Part, ...] = (
    Kind(
        FILE_SYSTEM,
        "AWS::EFS::FileSystem",
        {
            "Encrypted": fallback("encrypted", default=False),
            "KmsKeyId": "kms_key_id",
            "PerformanceMode": "performance_mode",
            "ThroughputMode": "throughput_mode",
            "FileSystemTags": tags,
        },
    ),
    Part(
        "aws_efs_file_system_policy",
        FILE_SYSTEM,
        {"file_system_id": "id"},
        {"FileSystemPolicy": document("policy")},
    ),
    Part(
        "aws_efs_backup_policy",
        FILE_SYSTEM,
        {"file_system_id": "id"},
        {"BackupPolicy": one("backup_policy", {"Status": "status"})},
    ),
    Kind(
        "aws_efs_access_point",
        "AWS::EFS::AccessPoint",
        {
            "FileSystemId": "file_system_id",
            "PosixUser": one("posix_user", {"Uid": "uid", "Gid": "gid"}),
            "RootDirectory": one("root_directory", {"Path": "path"}),
            "AccessPointTags": tags,
        },
    ),
)

TYPES: tuple[Kind | Part, ...] = (*_GROUPS, *_VPC, *_EFS)

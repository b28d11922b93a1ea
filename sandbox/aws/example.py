"""Example values for the parameters that a template leaves to whoever deploys it."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.aws.server import ACCOUNT, Aws

_TEXT = "example"


def example_parameters(
    template: Mapping[str, Any], aws: Aws, *, text: str = _TEXT
) -> dict[str, str]:
    """Return a value for every parameter without a default, by its type and constraints.

    `text` is the value where nothing says more; give each stack its own, since names must differ.
    """
    found = {}
    for name, declared in (template.get("Parameters") or {}).items():
        if isinstance(declared, Mapping) and declared.get("Default") is None:
            found[str(name)] = _value(str(name), declared, aws, text)
    return found


def _value(name: str, declared: Mapping[str, Any], aws: Aws, text: str) -> str:
    allowed = declared.get("AllowedValues")
    if allowed:
        return str(allowed[0])
    kind = str(declared.get("Type", "String"))
    for fragment, make in _BY_TYPE.items():
        if fragment in kind:
            return make(aws)
    if kind == "Number":
        return str(declared.get("MinValue", 1))
    for fragment, make in _BY_NAME.items():
        if fragment in name.lower():
            return make(aws)
    return text.ljust(int(declared.get("MinLength", 0)), "x")


def _vpc(aws: Aws) -> str:
    return str(aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


def _subnet(aws: Aws) -> str:
    return str(aws.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"])


def _group(aws: Aws) -> str:
    groups = aws.client("ec2").describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [_vpc(aws)]}]
    )
    return str(groups["SecurityGroups"][0]["GroupId"])


_BY_TYPE: Mapping[str, Callable[[Aws], str]] = {
    "AWS::EC2::VPC::Id": _vpc,
    "AWS::EC2::Subnet::Id": _subnet,
    "AWS::EC2::SecurityGroup::Id": _group,
    "AWS::EC2::AvailabilityZone::Name": lambda aws: f"{aws.region}a",
    "AWS::EC2::KeyPair::KeyName": lambda _: _TEXT,
    "AWS::SSM::Parameter::Value": lambda _: _TEXT,
}
_BY_NAME: Mapping[str, Callable[[Aws], str]] = {
    "subnet": _subnet,
    "vpc": _vpc,
    "securitygroup": _group,
    "email": lambda _: "someone@example.com",
    "rolearn": lambda _: f"arn:aws:iam::{ACCOUNT}:role/{_TEXT}",
    "account": lambda _: ACCOUNT,
    "url": lambda _: "https://example.com",
    "endpoint": lambda _: "https://example.com",
    "cidr": lambda _: "10.0.0.0/16",
}

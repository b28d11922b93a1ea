"""AWS::EC2::*: the parts of a VPC that functions sit in."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import Call, Handler, record_only, register


def _tagged(call: Call, kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": call.tag_list()}]


def _create_vpc(call: Call) -> str:
    declared = {k: v for k, v in call.properties.items() if k in {"CidrBlock", "InstanceTenancy"}}
    tags = _tagged(call, "vpc")
    fixed = {"TagSpecifications": tags} if tags else {}
    call.physical_id = call.api("ec2", "create_vpc", declared, **fixed)["Vpc"]["VpcId"]
    _vpc_switches(call)
    return call.physical_id


def _vpc_switches(call: Call) -> None:
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if call.get(name) is not None:
            value = str(call.get(name)).lower() == "true"
            call.api(
                "ec2", "modify_vpc_attribute", VpcId=call.physical_id, **{name: {"Value": value}}
            )


def _read_vpc(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("ec2", "describe_vpcs", VpcIds=[call.physical_id])["Vpcs"][0]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if call.get(name) is not None:
            attribute = name[0].lower() + name[1:]
            held = call.api(
                "ec2", "describe_vpc_attribute", VpcId=call.physical_id, Attribute=attribute
            )
            found[name] = held[name]["Value"]
    return dict(found)


register(
    Handler(
        type="AWS::EC2::VPC",
        create=_create_vpc,
        read=_read_vpc,
        update=_vpc_switches,
        delete=lambda call: call.api("ec2", "delete_vpc", VpcId=call.physical_id),
        attributes=lambda call: {
            "VpcId": call.physical_id,
            "CidrBlock": call.get("CidrBlock"),
            "DefaultSecurityGroup": call.api(
                "ec2",
                "describe_security_groups",
                Filters=[
                    {"Name": "vpc-id", "Values": [call.physical_id]},
                    {"Name": "group-name", "Values": ["default"]},
                ],
            )["SecurityGroups"][0]["GroupId"],
        },
        immutable=frozenset({"CidrBlock", "InstanceTenancy", "Tags"}),
    )
)


def _create_subnet(call: Call) -> str:
    tags = _tagged(call, "subnet")
    fixed = {"TagSpecifications": tags} if tags else {}
    declared = {k: v for k, v in call.properties.items() if k != "Tags"}
    call.physical_id = call.api("ec2", "create_subnet", declared, **fixed)["Subnet"]["SubnetId"]
    public = call.get("MapPublicIpOnLaunch")
    if public is not None:
        call.api(
            "ec2",
            "modify_subnet_attribute",
            SubnetId=call.physical_id,
            MapPublicIpOnLaunch={"Value": str(public).lower() == "true"},
        )
    return call.physical_id


register(
    Handler(
        type="AWS::EC2::Subnet",
        create=_create_subnet,
        read=lambda call: call.api("ec2", "describe_subnets", SubnetIds=[call.physical_id])[
            "Subnets"
        ][0],
        delete=lambda call: call.api("ec2", "delete_subnet", SubnetId=call.physical_id),
        attributes=lambda call: {
            "SubnetId": call.physical_id,
            "AvailabilityZone": call.get("AvailabilityZone", f"{call.aws.region}a"),
            "CidrBlock": call.get("CidrBlock"),
            "VpcId": call.get("VpcId"),
        },
        part_of=("VpcId",),
    )
)


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"IpProtocol": str(rule.get("IpProtocol", "-1"))}
    if "FromPort" in rule:
        found["FromPort"] = int(rule["FromPort"])
        found["ToPort"] = int(rule.get("ToPort", rule["FromPort"]))
    described = {"Description": rule["Description"]} if rule.get("Description") else {}
    if rule.get("CidrIp"):
        found["IpRanges"] = [{"CidrIp": rule["CidrIp"], **described}]
    if rule.get("CidrIpv6"):
        found["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **described}]
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    if group:
        found["UserIdGroupPairs"] = [{"GroupId": group, **described}]
    prefix = rule.get("SourcePrefixListId") or rule.get("DestinationPrefixListId")
    if prefix:
        found["PrefixListIds"] = [{"PrefixListId": prefix}]
    return found


def _create_group(call: Call) -> str:
    tags = _tagged(call, "security-group")
    fixed = {"TagSpecifications": tags} if tags else {}
    vpc = {"VpcId": call.get("VpcId")} if call.get("VpcId") else {}
    call.physical_id = call.api(
        "ec2",
        "create_security_group",
        GroupName=call.name("GroupName", limit=255),
        Description=str(call.get("GroupDescription", "")),
        **vpc,
        **fixed,
    )["GroupId"]
    if call.get("SecurityGroupEgress") and vpc:
        call.api(
            "ec2",
            "revoke_security_group_egress",
            GroupId=call.physical_id,
            IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        )
    _authorize(call, call.get("SecurityGroupIngress"), "ingress")
    _authorize(call, call.get("SecurityGroupEgress"), "egress")
    return call.physical_id


def _rules(value: Any) -> list[Mapping[str, Any]]:
    return list(value) if isinstance(value, list) else [value] if value else []


def _authorize(call: Call, rules: Any, direction: str, verb: str = "authorize") -> None:
    for rule in _rules(rules):
        call.api(
            "ec2",
            f"{verb}_security_group_{direction}",
            GroupId=call.physical_id,
            IpPermissions=[_permission(rule)],
        )


def _update_group(call: Call) -> None:
    for name, direction in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
        if call.changed(name):
            _authorize(call, call.previous.get(name), direction, "revoke")
            _authorize(call, call.get(name), direction)


def _read_group(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(
        "ec2", "describe_security_groups", GroupIds=[call.physical_id]
    )["SecurityGroups"][0]
    return found | {
        "GroupDescription": found["Description"],
        "SecurityGroupIngress": _held(call.get("SecurityGroupIngress"), found["IpPermissions"]),
        "SecurityGroupEgress": _held(call.get("SecurityGroupEgress"), found["IpPermissionsEgress"]),
    }


def _held(declared: Any, permissions: list[dict[str, Any]]) -> list[Any]:
    """Give back the declared rules that the group really has."""
    return [
        rule for rule in _rules(declared) if any(_covers(p, _permission(rule)) for p in permissions)
    ]


def _covers(observed: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    same_ports = all(
        observed.get(name) == wanted.get(name, observed.get(name))
        for name in ("IpProtocol", "FromPort", "ToPort")
    )
    return same_ports and all(
        any(
            item.items() <= {**held, **_same_description(item)}.items()
            for held in observed.get(name, ())
        )
        for name in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds")
        for item in wanted.get(name, ())
    )


def _same_description(item: Mapping[str, Any]) -> dict[str, Any]:
    # moto keeps one description where two rules meet in one permission
    return {"Description": item["Description"]} if "Description" in item else {}


register(
    Handler(
        type="AWS::EC2::SecurityGroup",
        create=_create_group,
        read=_read_group,
        update=_update_group,
        delete=lambda call: call.api("ec2", "delete_security_group", GroupId=call.physical_id),
        attributes=lambda call: {
            "GroupId": call.physical_id,
            "Id": call.physical_id,
            "VpcId": call.get("VpcId"),
        },
        immutable=frozenset({"GroupName", "GroupDescription", "VpcId", "Tags"}),
    )
)


def _single_rule(direction: str) -> None:
    noun = f"AWS::EC2::SecurityGroup{direction.title()}"

    def create(call: Call) -> str:
        made = call.name()
        call.physical_id = str(call.get("GroupId"))
        _authorize(call, [call.properties], direction)
        return made

    def read(call: Call) -> Mapping[str, Any]:
        group = call.api("ec2", "describe_security_groups", GroupIds=[call.get("GroupId")])
        name = "IpPermissions" if direction == "ingress" else "IpPermissionsEgress"
        held = _held([call.properties], group["SecurityGroups"][0][name])
        return dict(held[0]) if held else {}

    def delete(call: Call) -> None:
        call.physical_id = str(call.get("GroupId"))
        _authorize(call, [call.properties], direction, "revoke")

    register(Handler(type=noun, create=create, read=read, delete=delete, part_of=("GroupId",)))


_single_rule("ingress")
_single_rule("egress")


def _create_endpoint(call: Call) -> str:
    declared = {k: v for k, v in call.properties.items() if k not in {"Tags", "PolicyDocument"}}
    tags = _tagged(call, "vpc-endpoint")
    fixed: dict[str, Any] = {"TagSpecifications": tags} if tags else {}
    if call.get("PolicyDocument"):
        fixed["PolicyDocument"] = shape.text(call.get("PolicyDocument"))
    found: dict[str, Any] = call.api("ec2", "create_vpc_endpoint", declared, **fixed)
    return str(found["VpcEndpoint"]["VpcEndpointId"])


def _read_endpoint(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(
        "ec2", "describe_vpc_endpoints", VpcEndpointIds=[call.physical_id]
    )["VpcEndpoints"][0]
    groups = [g["GroupId"] if isinstance(g, Mapping) else g for g in found.get("Groups") or ()]
    return found | {"SecurityGroupIds": groups}


register(
    Handler(
        type="AWS::EC2::VPCEndpoint",
        create=_create_endpoint,
        read=_read_endpoint,
        delete=lambda call: call.api(
            "ec2", "delete_vpc_endpoints", VpcEndpointIds=[call.physical_id]
        ),
        attributes=lambda call: {"Id": call.physical_id},
        part_of=("VpcId",),
        not_verifiable={"PrivateDnsEnabled": "moto answers with its own default"},
    )
)


def _create_table(call: Call) -> str:
    tags = _tagged(call, "route-table")
    fixed = {"TagSpecifications": tags} if tags else {}
    found: dict[str, Any] = call.api("ec2", "create_route_table", VpcId=call.get("VpcId"), **fixed)
    return str(found["RouteTable"]["RouteTableId"])


register(
    Handler(
        type="AWS::EC2::RouteTable",
        create=_create_table,
        read=lambda call: call.api(
            "ec2", "describe_route_tables", RouteTableIds=[call.physical_id]
        )["RouteTables"][0],
        delete=lambda call: call.api("ec2", "delete_route_table", RouteTableId=call.physical_id),
        attributes=lambda call: {"RouteTableId": call.physical_id},
        part_of=("VpcId",),
    )
)


def _read_route(call: Call) -> Mapping[str, Any]:
    table: dict[str, Any] = call.api(
        "ec2", "describe_route_tables", RouteTableIds=[call.get("RouteTableId")]
    )
    block = call.get("DestinationCidrBlock") or call.get("DestinationIpv6CidrBlock")
    routes: list[dict[str, Any]] = table["RouteTables"][0]["Routes"]
    for route in routes:
        if block in (route.get("DestinationCidrBlock"), route.get("DestinationIpv6CidrBlock")):
            return route | {"RouteTableId": call.get("RouteTableId")}
    return {}


def _route_key(call: Call) -> dict[str, Any]:
    names = ("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock")
    return {n: call.get(n) for n in names if call.get(n)}


def _create_route(call: Call) -> str:
    call.api("ec2", "create_route", call.properties)
    return call.name()


register(
    Handler(
        type="AWS::EC2::Route",
        create=_create_route,
        read=_read_route,
        delete=lambda call: call.api("ec2", "delete_route", **_route_key(call)),
        part_of=("RouteTableId",),
    )
)
register(
    Handler(
        type="AWS::EC2::SubnetRouteTableAssociation",
        create=lambda call: str(
            call.api("ec2", "associate_route_table", call.properties)["AssociationId"]
        ),
        read=lambda call: next(
            (
                a
                for a in call.api(
                    "ec2", "describe_route_tables", RouteTableIds=[call.get("RouteTableId")]
                )["RouteTables"][0]["Associations"]
                if a.get("SubnetId") == call.get("SubnetId")
            ),
            {},
        ),
        delete=lambda call: call.api(
            "ec2", "disassociate_route_table", AssociationId=call.physical_id
        ),
        part_of=("RouteTableId", "SubnetId"),
    )
)


def _create_gateway(call: Call) -> str:
    tags = _tagged(call, "internet-gateway")
    fixed = {"TagSpecifications": tags} if tags else {}
    found: dict[str, Any] = call.api("ec2", "create_internet_gateway", **fixed)
    return str(found["InternetGateway"]["InternetGatewayId"])


register(
    Handler(
        type="AWS::EC2::InternetGateway",
        create=_create_gateway,
        read=lambda call: call.api(
            "ec2", "describe_internet_gateways", InternetGatewayIds=[call.physical_id]
        )["InternetGateways"][0],
        delete=lambda call: call.api(
            "ec2", "delete_internet_gateway", InternetGatewayId=call.physical_id
        ),
        attributes=lambda call: {"InternetGatewayId": call.physical_id},
    )
)


def _attach_gateway(call: Call) -> str:
    call.api(
        "ec2",
        "attach_internet_gateway",
        InternetGatewayId=call.get("InternetGatewayId"),
        VpcId=call.get("VpcId"),
    )
    return call.name()


def _read_attachment(call: Call) -> Mapping[str, Any]:
    gateway = call.get("InternetGatewayId")
    found: dict[str, Any] = call.api(
        "ec2", "describe_internet_gateways", InternetGatewayIds=[gateway]
    )
    attached = [a["VpcId"] for a in found["InternetGateways"][0]["Attachments"]]
    return {"InternetGatewayId": gateway, "VpcId": attached[0] if attached else None}


register(
    Handler(
        type="AWS::EC2::VPCGatewayAttachment",
        create=_attach_gateway,
        read=_read_attachment,
        delete=lambda call: call.api(
            "ec2",
            "detach_internet_gateway",
            InternetGatewayId=call.get("InternetGatewayId"),
            VpcId=call.get("VpcId"),
        ),
        part_of=("VpcId", "InternetGatewayId"),
    )
)


def _create_address(call: Call) -> str:
    found: dict[str, Any] = call.api("ec2", "allocate_address", Domain="vpc")
    return f"{found['PublicIp']}|{found['AllocationId']}"


register(
    Handler(
        type="AWS::EC2::EIP",
        create=_create_address,
        read=lambda call: call.api(
            "ec2", "describe_addresses", AllocationIds=[call.physical_id.split("|")[1]]
        )["Addresses"][0],
        delete=lambda call: call.api(
            "ec2", "release_address", AllocationId=call.physical_id.split("|")[1]
        ),
        attributes=lambda call: {
            "AllocationId": call.physical_id.split("|")[1],
            "PublicIp": call.physical_id.split("|")[0],
        },
        not_verifiable={"Tags": "the deployer does not tag addresses"},
    )
)


def _create_nat(call: Call) -> str:
    tags = _tagged(call, "natgateway")
    fixed = {"TagSpecifications": tags} if tags else {}
    declared = {k: v for k, v in call.properties.items() if k != "Tags"}
    found: dict[str, Any] = call.api("ec2", "create_nat_gateway", declared, **fixed)
    return str(found["NatGateway"]["NatGatewayId"])


register(
    Handler(
        type="AWS::EC2::NatGateway",
        create=_create_nat,
        read=lambda call: (
            (
                found := call.api("ec2", "describe_nat_gateways", NatGatewayIds=[call.physical_id])[
                    "NatGateways"
                ][0]
            )
            | {"AllocationId": found["NatGatewayAddresses"][0].get("AllocationId")}
        ),
        delete=lambda call: call.api("ec2", "delete_nat_gateway", NatGatewayId=call.physical_id),
        attributes=lambda call: {"NatGatewayId": call.physical_id},
        part_of=("SubnetId",),
    )
)
record_only("AWS::EC2::InstanceConnectEndpoint", "moto has no instance connect endpoints")

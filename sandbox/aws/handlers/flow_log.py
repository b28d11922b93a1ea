"""AWS::EC2::FlowLog: what a network says of its traffic."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.handler import Call, Handler, NotApplied, register

_KINDS = {"vpc": "VPC", "subnet": "Subnet", "eni": "NetworkInterface"}


def _create(call: Call) -> str:
    declared = {k: v for k, v in call.properties.items() if k not in {"Tags", "ResourceId"}}
    found = call.api("ec2", "create_flow_logs", declared, ResourceIds=[call.get("ResourceId")])
    for failed in found.get("Unsuccessful") or ():
        raise NotApplied(str(failed["Error"]["Message"]))
    return str(found["FlowLogIds"][0])


def _read(call: Call) -> Mapping[str, Any]:
    found = call.api("ec2", "describe_flow_logs", FlowLogIds=[call.physical_id])["FlowLogs"][0]
    # EC2 tells the kind of what is logged by its id alone.
    return {**found, "ResourceType": _KINDS[str(found["ResourceId"]).partition("-")[0]]}


register(
    Handler(
        type="AWS::EC2::FlowLog",
        create=_create,
        read=_read,
        delete=lambda call: call.api("ec2", "delete_flow_logs", FlowLogIds=[call.physical_id]),
        attributes=lambda call: {"Id": call.physical_id},
        part_of=("ResourceId",),
    )
)

"""CloudFormation stacks and what they created: the evidence that ties resources to code."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import pick, tag_map
from collectors.reader import Reader
from collectors.registry import collector
from core.types import Resource, unknown

STACK = "AWS::CloudFormation::Stack"


@collector(
    yields=(STACK,), calls=("cloudformation:DescribeStacks", "cloudformation:ListStackResources")
)
def stacks(aws: Reader) -> Iterator[Resource]:
    """Stacks with the resources they hold. Parameters and outputs are left out: they hold values."""
    if aws.only is None:
        listed = aws.listed("cloudformation:DescribeStacks", "Stacks", of=STACK)
    else:
        answer = aws.ask(
            "cloudformation:DescribeStacks",
            uid=aws.only.uid,
            of=STACK,
            absent=("ValidationError",),
            StackName=aws.only.uid,
        )
        listed = (answer.body or {}).get("Stacks") or []
    yield from aws.each(listed, lambda stack: [_stack(aws, stack)])


def _stack(aws: Reader, stack: Mapping[str, Any]) -> Resource:
    name, arn = stack["StackName"], stack["StackId"]
    members, unread = aws.ask_all(
        "cloudformation:ListStackResources", "StackResourceSummaries", uid=arn, of=STACK,
        StackName=name,
    )  # fmt: skip
    names = ("LogicalResourceId", "PhysicalResourceId", "ResourceType")
    return aws.resource(
        STACK,
        uid=arn,
        name=name,
        aliases=(name,),
        created_at=stack.get("CreationTime"),
        changed_at=stack.get("LastUpdatedTime"),
        tags=tag_map(stack.get("Tags")),
        properties={
            **pick(stack, "StackName", "StackId", "Description", "StackStatus", "RoleARN"),
            "EnableTerminationProtection": bool(stack.get("EnableTerminationProtection")),
            "Resources": unknown(unread)
            if unread
            else [pick(member, *names) for member in members],
        },
    )

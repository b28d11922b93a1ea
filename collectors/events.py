"""EventBridge buses and rules: who may put events, what each rule matches and starts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import pick, policy, redacted, text_without_literals
from collectors.reader import Reader
from collectors.registry import collector
from core.types import Resource, unknown

BUS = "AWS::Events::EventBus"
RULE = "AWS::Events::Rule"


@collector(
    yields=(BUS, RULE),
    calls=("events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule"),
)
def event_buses(aws: Reader) -> Iterator[Resource]:
    """Event buses with their policy; rules with pattern, schedule and targets."""
    buses = aws.listed("events:ListEventBuses", "EventBuses", of=BUS)
    for bus in buses:
        rules, unread = aws.ask_all(
            "events:ListRules", "Rules", uid=bus["Arn"], of=RULE, EventBusName=bus["Name"]
        )
        yield aws.resource(
            BUS,
            uid=bus["Arn"],
            name=bus["Name"],
            aliases=(bus["Name"],),
            created_at=bus.get("CreationTime"),
            changed_at=bus.get("LastModifiedTime"),
            properties={**pick(bus, "Name", "Description"), "Policy": policy(bus.get("Policy"))},
            unreadable={RULE: unread} if unread else {},
        )
        yield from aws.each(rules, lambda rule: [_rule(aws, rule)])


def _rule(aws: Reader, rule: Mapping[str, Any]) -> Resource:
    arn, bus = rule["Arn"], rule.get("EventBusName", "default")
    targets, unread = aws.ask_all(
        "events:ListTargetsByRule", "Targets", uid=arn, of=RULE,
        Rule=rule["Name"], EventBusName=bus,
    )  # fmt: skip
    pattern = rule.get("EventPattern")
    return aws.resource(
        RULE,
        uid=arn,
        name=rule["Name"],
        aliases=(rule["Name"],),
        properties={
            **pick(rule, "Name", "Description", "ScheduleExpression", "State", "RoleArn"),
            "EventBusName": bus,
            "EventPattern": json.loads(pattern) if pattern else None,
            "Targets": unknown(unread)
            if unread
            else [_target(aws, target) for target in targets] or None,
        },
    )


def _target(aws: Reader, target: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target; what it is given is text somebody typed, so literals are cleaned."""
    found = pick(
        target, "Id", "Arn", "RoleArn", "InputPath", "DeadLetterConfig", "RetryPolicy",
        "KinesisParameters", "SqsParameters", "AppSyncParameters",
    )  # fmt: skip
    if target.get("Input"):
        found["Input"] = text_without_literals(target["Input"], aws.secret_key, name="Input")
    headers = (target.get("HttpParameters") or {}).get("HeaderParameters")
    if headers:
        found["HttpParameters"] = {"HeaderParameters": redacted(headers, aws.secret_key)}
    return found

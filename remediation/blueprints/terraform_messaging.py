"""Queues, topics and rules in Terraform: encryption, failures, TLS."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import Declined
from core.types import Resource
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.blueprints.messaging import MAX_RECEIVES
from remediation.companion import deny_plain_http
from remediation.permission import policy_document
from remediation.terraform import TerraformTarget
from templates.terraform.writer import Code, Json

_PUBLISHERS = {
    "AWS::CloudWatch::Alarm": "cloudwatch.amazonaws.com",
    "AWS::S3::Bucket": "s3.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Budgets::Budget": "budgets.amazonaws.com",
}


@in_terraform("PL-SQS-002")
def redrive(target: TerraformTarget) -> None:
    """The dead-letter queue of a FIFO queue must be FIFO too."""
    fifo = target.get("fifo_queue") is True
    queue = companion.dead_letter_queue(target, fifo=fifo, for_service_failures=False)
    value = {"deadLetterTargetArn": Code(f"{queue}.arn"), "maxReceiveCount": MAX_RECEIVES}
    target.set(("redrive_policy",), Json(value))


@in_terraform("PL-SQS-004")
def queue_tls_only(target: TerraformTarget) -> None:
    """Extend the policy that is declared for the queue, else declare one."""
    statement = deny_plain_http("sqs:*", Code(f"{target.ref}.arn"))
    owner = target.belonging("AWS::SQS::QueuePolicy", "Queues")
    if owner is not None:
        companion.add_statement(target, owner, statement)
        return
    parts = {
        "queue_url": Code(f"{target.ref}.id"),
        "policy": Json(policy_document([statement])),
    }
    target.companion("aws_sqs_queue_policy", parts)


@in_terraform("PL-SNS-001")
def topic_encryption(target: TerraformTarget) -> None:
    """AWS's own key cannot admit services such as alarms: those need a key of the topic's own."""
    services = sorted(set(_publishing_services(target)))
    if not services:
        target.set(("kms_master_key_id",), "alias/aws/sns")
        return
    use = {
        "Effect": "Allow",
        "Principal": {"Service": services[0] if len(services) == 1 else services},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": companion.account(target)}},
    }
    statements = [companion.through(target, "sns"), use]
    key = companion.key(target, f"Encrypts the topic {target.name}", statements=statements)
    target.set(("kms_master_key_id",), Code(f"{key}.id"))


def _publishing_services(target: TerraformTarget) -> Iterator[str]:
    """Find the AWS services that publish to the topic, from what the module says of them."""
    for other in target.draft.reading.resources:
        if not _mentions(other.properties, target.resource):
            continue
        if other.type in _PUBLISHERS:
            yield _PUBLISHERS[other.type]
        if other.type == "AWS::SNS::TopicPolicy":
            yield from _service_principals(other.properties)


def _mentions(value: Any, resource: Resource) -> bool:
    if isinstance(value, Mapping):
        return any(_mentions(v, resource) for v in value.values())
    if isinstance(value, list):
        return any(_mentions(v, resource) for v in value)
    return isinstance(value, str) and value in resource.aliases


def _service_principals(properties: Mapping[str, Any]) -> Iterator[str]:
    document = properties.get("PolicyDocument")
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in statements if isinstance(statements, list) else []:
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, Mapping) else None
        yield from (n for n in (service if isinstance(service, list) else [service]) if n)


@in_terraform("PL-SNS-003")
def topic_tls_only(target: TerraformTarget) -> None:
    """A declared policy replaces the topic's default one, so the default is stated beside ours."""
    arn = Code(f"{target.ref}.arn")
    statement = deny_plain_http("sns:Publish", arn)
    owner = target.belonging("AWS::SNS::TopicPolicy", "Topics")
    if owner is not None:
        companion.add_statement(target, owner, statement)
        return
    default = {
        "Sid": "AccountMayUse",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes"],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": companion.account(target)}},
    }
    parts = {"arn": arn, "policy": Json(policy_document([default, statement]))}
    target.companion("aws_sns_topic_policy", parts)


@in_terraform("PL-EVENTS-002")
def rule_dead_letter(target: TerraformTarget) -> None:
    """The queue admits EventBridge, for this rule only."""
    targets = target.parts("aws_cloudwatch_event_target")
    if not targets:
        raise Declined("The rule's targets are declared elsewhere")
    admit = {
        "Sid": "DeliverFailedEvents",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": Code(f"{target.ref}.arn")}},
    }
    if target.index:
        raise Declined("The rule stands for several: give each target its queue by hand")
    queue = companion.dead_letter_queue(target, allow=admit)
    for spot in targets:
        if not target.source("dead_letter_config", "arn", at=spot):
            target.set(("dead_letter_config", "arn"), Code(f"{queue}.arn"), at=spot)

"""Functions, mappings, permissions and state machines in Terraform."""

import re
from collections.abc import Iterator

from core.errors import Declined
from core.types import Resource
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.blueprints.lambda_function import XRAY
from remediation.blueprints.workflow import DELIVER_LOGS
from remediation.blueprints.workflow import XRAY as STATES_XRAY
from remediation.companion import LOG_RETENTION_DAYS
from remediation.permission import allow
from remediation.terraform import Spot, TerraformTarget, spot_of
from templates.terraform.writer import Code, Inner

_FUNCTION = re.compile(r"aws_lambda_function\.([\w-]+)\.(?:arn|id|function_name|qualified_arn)\Z")

_TOPIC = re.compile(r"\$\{aws_sns_topic\.[\w-]+\.(?:arn|id)\}\Z")


@in_terraform("PL-LAMBDA-009")
def tracing(target: TerraformTarget) -> None:
    """The role needs the permission to send traces."""
    target.set(("tracing_config", "mode"), "Active")
    companion.grant(target, [allow(XRAY, "*")], suffix="xray", at=target.spot)


@in_terraform("PL-LAMBDA-010")
def dead_letter(target: TerraformTarget) -> None:
    """The role needs the permission to send to the queue."""
    queue = companion.dead_letter_queue(target)
    target.set(("dead_letter_config", "target_arn"), Code(f"{queue}.arn"))
    statement = allow(["sqs:SendMessage"], Code(f"{queue}.arn"))
    companion.grant(target, [statement], suffix="dead letter", at=target.spot)


@in_terraform("PL-LAMBDA-007")
def environment_key(target: TerraformTarget) -> None:
    """The role decrypts at every cold start, so it needs the permission."""
    key = companion.key(target, f"Encrypts the environment of {target.name}")
    target.set(("kms_key_arn",), Code(f"{key}.arn"))
    statement = allow(["kms:Decrypt"], Code(f"{key}.arn"))
    companion.grant(target, [statement], suffix="decrypt", at=target.spot)


@in_terraform("PL-LAMBDA-013")
def log_retention(target: TerraformTarget) -> None:
    """Set the declared group's time, else point the function at a new group."""
    declared = list(_log_groups(target))
    for spot in declared:
        if not target.source("retention_in_days", at=spot):
            target.set(("retention_in_days",), LOG_RETENTION_DAYS, at=spot)
    if declared:
        return
    if target.source("logging_config", "log_group"):
        raise Declined("The function logs to a group that is declared elsewhere; set it there")
    group = companion.log_group(target, "/aws/lambda")
    if target.count("logging_config"):
        target.set(("logging_config", "log_group"), Code(f"{group}.name"))
        return
    parts = {"log_format": "Text", "log_group": Code(f"{group}.name")}
    target.set(("logging_config",), Inner(parts))


def _log_groups(target: TerraformTarget) -> Iterator[Spot]:
    """Walk the log groups that the function logs to, by reference or by name."""
    named = target.get("logging_config", "log_group")
    names = {f"/aws/lambda/{alias}" for alias in target.resource.aliases}
    for other in target.draft.reading.resources:
        if other.type != "AWS::Logs::LogGroup" or other.source is None:
            continue
        if named in other.aliases or other.properties.get("LogGroupName") in names:
            yield spot_of(target.draft.sources, other.source)


@in_terraform("PL-LAMBDA-017")
def mapping_failure(target: TerraformTarget) -> None:
    """The queue gets the batch's place in the stream, not its records."""
    found = _FUNCTION.match(target.source("function_name"))
    function = found and target.block_spot("aws_lambda_function", found[1])
    if not function:
        raise Declined("The function of this mapping is declared elsewhere")
    queue = companion.dead_letter_queue(target)
    path = ("destination_config", "on_failure", "destination_arn")
    target.set(path, Code(f"{queue}.arn"))
    statement = allow(["sqs:SendMessage"], Code(f"{queue}.arn"))
    companion.grant(target, [statement], suffix="failures", at=function)


@in_terraform("PL-LAMBDA-005")
def permission_source(target: TerraformTarget) -> None:
    """The source is the one resource of the module that calls this function; never guessed."""
    principal = target.get("principal")
    if principal == "s3.amazonaws.com":
        target.set(("source_account",), companion.account(target))
        return
    function = _names(target, target.resource.properties.get("FunctionName"))
    found = [r for r in target.draft.reading.resources if _calls(r, str(principal), function)]
    address = found[0].source.address if len(found) == 1 and found[0].source else ""
    if address.count(".") != 1 or "[" in address:
        raise Declined(f"Which {principal} resource calls the function is not in this module")
    if principal == "apigateway.amazonaws.com":
        target.set(("source_arn",), companion.text(f"${{{address}.execution_arn}}/*"))
    elif principal == "sns.amazonaws.com":
        target.set(("source_arn",), Code(str(found[0].properties["TopicArn"])[2:-1]))
    else:
        target.set(("source_arn",), Code(f"{address}.arn"))


def _names(target: TerraformTarget, function: object) -> frozenset[object]:
    """Return all by which others of the module may name a function."""
    every = target.draft.reading.resources
    known = (r.aliases for r in every if r.type == "AWS::Lambda::Function")
    return next((frozenset(aliases) for aliases in known if function in aliases), frozenset())


def _calls(resource: Resource, principal: str, function: frozenset[object]) -> bool:
    properties = resource.properties
    if principal == "events.amazonaws.com" and resource.type == "AWS::Events::Rule":
        targets = properties.get("Targets")
        return isinstance(targets, list) and any(
            t.get("Arn") in function for t in targets if isinstance(t, dict)
        )
    if principal == "apigateway.amazonaws.com":
        return resource.type in ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
    if principal == "sns.amazonaws.com" and resource.type == "AWS::SNS::Subscription":
        topic = properties.get("TopicArn")
        named = isinstance(topic, str) and _TOPIC.match(topic)
        return bool(named) and properties.get("Endpoint") in function
    return False


@in_terraform("PL-STATES-001")
def execution_logs(target: TerraformTarget) -> None:
    """Execution data stays out of the logs: it may hold what nobody wants there."""
    group = companion.log_group(target, "/aws/vendedlogs/states")
    parts = {
        "level": "ERROR",
        "include_execution_data": False,
        "log_destination": companion.text(f"${{{group}.arn}}:*"),
    }
    if target.count("logging_configuration"):
        for name, value in parts.items():
            target.set(("logging_configuration", name), value)
    else:
        target.set(("logging_configuration",), Inner(parts))
    companion.grant(target, [allow(DELIVER_LOGS, "*")], suffix="logs", at=target.spot)


@in_terraform("PL-STATES-002")
def execution_tracing(target: TerraformTarget) -> None:
    """The role needs the permission to send traces."""
    target.set(("tracing_configuration", "enabled"), True)
    companion.grant(target, [allow(STATES_XRAY, "*")], suffix="xray", at=target.spot)

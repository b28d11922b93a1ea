"""Buckets, networks, trails and firewalls: who did what, written down where it is kept."""

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Target, get_att, ref, ref_id, sub
from remediation.permission import allow


@blueprint(
    "PL-S3-005",
    "PL-S3-104",
    summary=f"Log access to the bucket into a bucket of its own, for {companion.LOG_RETENTION_DAYS} days",
    tier=Tier.OBSERVABILITY,
    may_break=("The bucket for logs stays when the stack is deleted: empty and delete it by hand",),
    cost="0.023 USD for each GB of logs a month",
)
def bucket_access_log(target: Target) -> None:
    """S3 delivers with a service principal, which the new bucket's policy admits for this bucket."""
    if _receives_logs(target):
        raise Declined(
            "The bucket keeps the logs of others: logging it into a third would only move the "
            "question; record its data events in CloudTrail"
        )
    logs = companion.log_bucket(target)
    target.set(("LoggingConfiguration", "DestinationBucketName"), ref(logs))


def _receives_logs(target: Target) -> bool:
    draft = target.draft
    named = [
        draft.properties(i).get("LoggingConfiguration") for i in draft.of_type("AWS::S3::Bucket")
    ]
    destinations = [n.get("DestinationBucketName") for n in named if isinstance(n, dict)]
    return target.get("AccessControl") == "LogDeliveryWrite" or target.id in map(
        ref_id, destinations
    )


@blueprint(
    "PL-VPC-007",
    summary="Log the network's traffic",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of flow logs",
)
def flow_logs(target: Target) -> None:
    """Flow logs are delivered with a role of their own. Source: VPC guide."""
    group = companion.log_group(target)
    statements = [
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], get_att(group)
        ),
        allow(["logs:DescribeLogGroups"], "*"),
    ]
    role = companion.service_role(
        target, "FlowLogRole", "vpc-flow-logs", statements, name="DeliverFlowLogs"
    )
    properties = {
        "ResourceId": ref(target.id),
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogGroupName": ref(group),
        "DeliverLogsPermissionArn": get_att(role),
    }
    target.companion("FlowLog", {"Type": "AWS::EC2::FlowLog", "Properties": properties})


@blueprint(
    "PL-CLOUDTRAIL-006",
    "PL-CLOUDTRAIL-101",
    summary="Send the trail's events to CloudWatch Logs",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of events",
)
def trail_log_group(target: Target) -> None:
    """CloudTrail writes with a role of its own. Source: CloudTrail guide."""
    group = companion.log_group(target)
    statement = allow(["logs:CreateLogStream", "logs:PutLogEvents"], get_att(group))
    role = companion.service_role(
        target, "LogsRole", "cloudtrail", [statement], name="WriteTrailEvents"
    )
    target.set(("CloudWatchLogsLogGroupArn",), get_att(group))
    target.set(("CloudWatchLogsRoleArn",), get_att(role))


@blueprint(
    "PL-WAF-003",
    summary="Log the requests that the web ACL sees",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of logs",
)
def web_acl_logs(target: Target) -> None:
    """WAF takes only groups whose name begins with aws-waf-logs-, and their ARN without `:*`."""
    name = f"aws-waf-logs-${{AWS::StackName}}-{target.id}"
    group = companion.log_group(target, name=sub(name))
    arn = (
        f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{{group}}}"
    )
    properties = {"ResourceArn": get_att(target.id), "LogDestinationConfigs": [sub(arn)]}
    body = {"Type": "AWS::WAFv2::LoggingConfiguration", "Properties": properties}
    target.companion("Logging", body)

"""State machines: logs and tracing."""

from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Target, get_att, sub
from remediation.permission import allow, grant, role_of

# What Step Functions asks of the role before it accepts a log destination. These actions have no
# resource level. Source: Step Functions guide, "Logging using CloudWatch Logs", read 2026-11-22.
DELIVER_LOGS = (
    "logs:CreateLogDelivery",
    "logs:CreateLogStream",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutLogEvents",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
XRAY = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


@blueprint(
    "PL-STATES-001",
    summary="Log the state machine's failed executions",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of logs",
)
def execution_logs(target: Target) -> None:
    """Execution data stays out of the logs: it may hold what nobody wants there."""
    # Groups under /aws/vendedlogs/ need no room in the account's resource policy.
    name = sub(f"/aws/vendedlogs/states/${{AWS::StackName}}-{target.id}")
    group = companion.log_group(target, name=name)
    destination = {"CloudWatchLogsLogGroup": {"LogGroupArn": get_att(group)}}
    value = {"Level": "ERROR", "IncludeExecutionData": False, "Destinations": [destination]}
    target.set(("Logging",) if target.is_sam else ("LoggingConfiguration",), value)
    grant(target, [allow(DELIVER_LOGS, "*")], name="DeliverLogs")


@blueprint(
    "PL-STATES-002",
    summary="Trace the state machine's executions with X-Ray",
    tier=Tier.OBSERVABILITY,
    cost="5 USD for each million traces above 100,000 a month",
)
def execution_tracing(target: Target) -> None:
    """SAM adds the permission itself, but only to a role it makes."""
    if target.is_sam:
        target.set_where_stated(("Tracing", "Enabled"), True)
        if role_of(target, target.id) is None:
            return
    else:
        target.set(("TracingConfiguration", "Enabled"), True)
    grant(target, [allow(XRAY, "*")], name="TraceWithXRay")

"""CloudWatch log groups and alarms, and CloudTrail: what would notice."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import capitalised, pick, renamed
from collectors.reader import Reader
from collectors.registry import collector
from collectors.wire import CallFailed
from core.types import EMPTY, Resource, Usage

LOG_GROUP = "AWS::Logs::LogGroup"
METRIC_FILTER = "AWS::Logs::MetricFilter"
ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"
TRAIL = "AWS::CloudTrail::Trail"


@collector(yields=(LOG_GROUP,), calls=("logs:DescribeLogGroups",))
def log_groups(aws: Reader) -> Iterator[Resource]:
    """Log groups: retention, encryption and size. Log lines are never read."""
    narrow = {"logGroupNamePrefix": aws.only.name} if aws.only else {}
    for group in aws.listed("logs:DescribeLogGroups", "logGroups", of=LOG_GROUP, **narrow):
        arn = (group.get("logGroupArn") or group.get("arn") or "").removesuffix(":*")
        stored = group.get("storedBytes")
        yield aws.resource(
            LOG_GROUP,
            uid=arn or aws.arn("logs", f"log-group:{group['logGroupName']}"),
            name=group["logGroupName"],
            aliases=(group["logGroupName"], f"{arn}:*"),
            created_at=group.get("creationTime"),
            properties=renamed(group, {
                "logGroupName": "LogGroupName", "retentionInDays": "RetentionInDays",
                "kmsKeyId": "KmsKeyId", "logGroupClass": "LogGroupClass",
                "deletionProtectionEnabled": "DeletionProtectionEnabled",
            }),
            usage=(Usage("StoredBytes", float(stored), "Bytes", 0.0),) if stored else (),
        )  # fmt: skip


@collector(yields=(ALARM, COMPOSITE_ALARM), calls=("cloudwatch:DescribeAlarms",))
def alarms(aws: Reader) -> Iterator[Resource]:
    """Alarms: what they watch, at which threshold, and whom they tell."""
    narrow: dict[str, list[str]] = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    if aws.only is not None:
        narrow["AlarmNames"] = [aws.only.name]
    try:
        pages = list(aws.pages("cloudwatch:DescribeAlarms", **narrow))
    except CallFailed as error:
        aws.gap(error, of=ALARM)
        return
    for page in pages:
        for alarm in page.get("MetricAlarms") or ():
            yield _alarm(aws, ALARM, alarm)
        for alarm in page.get("CompositeAlarms") or ():
            yield _alarm(aws, COMPOSITE_ALARM, alarm)


def _alarm(aws: Reader, kind: str, alarm: Mapping[str, Any]) -> Resource:
    return aws.resource(
        kind,
        uid=alarm["AlarmArn"],
        name=alarm["AlarmName"],
        aliases=(alarm["AlarmName"],),
        changed_at=alarm.get("AlarmConfigurationUpdatedTimestamp"),
        properties=pick(
            alarm, "AlarmName", "AlarmDescription", "ActionsEnabled", "AlarmActions", "OKActions",
            "InsufficientDataActions", "Namespace", "MetricName", "Dimensions", "Statistic",
            "ExtendedStatistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
            "ComparisonOperator", "TreatMissingData", "Metrics", "AlarmRule",
        ),
    )  # fmt: skip


@collector(
    yields=(TRAIL, METRIC_FILTER),
    calls=(
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:ListTags",
        "logs:DescribeMetricFilters",
    ),
)
def trails(aws: Reader) -> Iterator[Resource]:
    """Trails: where they write, whether they log, what they record, which events are counted."""
    listed = aws.listed(
        "cloudtrail:DescribeTrails", "trailList", of=TRAIL, includeShadowTrails=False
    )
    home = [trail for trail in listed if trail.get("HomeRegion") == aws.place.region]
    yield from aws.each(home, lambda trail: _trail(aws, trail))


def _metric_filter(aws: Reader, group: str, item: Mapping[str, Any]) -> Resource:
    made = capitalised(item.get("metricTransformations") or [])
    return aws.resource(
        METRIC_FILTER,
        uid=aws.arn("logs", f"log-group:{group}:metric-filter:{item['filterName']}"),
        name=item["filterName"],
        aliases=[each.get("MetricName") for each in made],
        created_at=item.get("creationTime"),
        tags=EMPTY,
        properties={
            "FilterName": item["filterName"],
            "FilterPattern": item.get("filterPattern"),
            "LogGroupName": group,
            "MetricTransformations": made,
        },
    )


def _trail(aws: Reader, trail: Mapping[str, Any]) -> Iterator[Resource]:
    arn = trail["TrailARN"]
    group = (trail.get("CloudWatchLogsLogGroupArn") or "").removesuffix(":*").rpartition(":")[2]
    filters, uncounted = (
        aws.ask_all(
            "logs:DescribeMetricFilters", "metricFilters", uid=arn, of=METRIC_FILTER,
            logGroupName=group,
        )
        if group
        else ([], "")
    )  # fmt: skip
    yield from (_metric_filter(aws, group, item) for item in filters)
    status = aws.ask("cloudtrail:GetTrailStatus", uid=arn, of=TRAIL, Name=arn)
    selectors = aws.ask("cloudtrail:GetEventSelectors", uid=arn, of=TRAIL, TrailName=arn)
    tags = aws.ask("cloudtrail:ListTags", uid=arn, of=TRAIL, ResourceIdList=[arn])
    tagged = [
        tag for row in (tags.body or {}).get("ResourceTagList") or () for tag in row["TagsList"]
    ]
    names = ("EventSelectors", "AdvancedEventSelectors")
    yield aws.resource(
        TRAIL,
        uid=arn,
        name=trail["Name"],
        aliases=(trail["Name"],),
        tags={tag["Key"]: tag.get("Value", "") for tag in tagged},
        unreadable={
            name: why for name, why in (("Tags", tags.unread), (METRIC_FILTER, uncounted)) if why
        },
        properties={
            **renamed(trail, {
                "Name": "TrailName", "LogFileValidationEnabled": "EnableLogFileValidation",
                "KmsKeyId": "KMSKeyId",
            }),
            **pick(
                trail, "S3BucketName", "S3KeyPrefix", "IncludeGlobalServiceEvents",
                "IsMultiRegionTrail", "IsOrganizationTrail", "CloudWatchLogsLogGroupArn",
                "CloudWatchLogsRoleArn", "SnsTopicName",
            ),
            "IsLogging": status.value(lambda body: bool(body.get("IsLogging"))),
            **selectors.properties(names, lambda body: pick(body, *names)),
        },
    )  # fmt: skip

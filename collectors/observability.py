"""CloudWatch log groups and alarms, and CloudTrail: what would notice."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import pick, renamed
from collectors.reader import Reader
from collectors.registry import collector
from collectors.wire import CallFailed
from core.types import EMPTY, Resource, Usage

LOG_GROUP = "AWS::Logs::LogGroup"
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
    yields=(TRAIL,),
    calls=(
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:ListTags",
    ),
)
def trails(aws: Reader) -> Iterator[Resource]:
    """Trails: where they write, whether they log, what they record."""
    listed = aws.listed(
        "cloudtrail:DescribeTrails", "trailList", of=TRAIL, includeShadowTrails=False
    )
    home = [trail for trail in listed if trail.get("HomeRegion") == aws.place.region]
    yield from aws.each(home, lambda trail: [_trail(aws, trail)])


def _trail(aws: Reader, trail: Mapping[str, Any]) -> Resource:
    arn = trail["TrailARN"]
    status = aws.ask("cloudtrail:GetTrailStatus", uid=arn, of=TRAIL, Name=arn)
    selectors = aws.ask("cloudtrail:GetEventSelectors", uid=arn, of=TRAIL, TrailName=arn)
    tags = aws.ask("cloudtrail:ListTags", uid=arn, of=TRAIL, ResourceIdList=[arn])
    tagged = [
        tag for row in (tags.body or {}).get("ResourceTagList") or () for tag in row["TagsList"]
    ]
    names = ("EventSelectors", "AdvancedEventSelectors")
    return aws.resource(
        TRAIL,
        uid=arn,
        name=trail["Name"],
        aliases=(trail["Name"],),
        tags={tag["Key"]: tag.get("Value", "") for tag in tagged},
        unreadable={"Tags": tags.unread} if tags.unread else EMPTY,
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

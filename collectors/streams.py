"""Kinesis data streams: encryption, retention and capacity."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import pick, policy
from collectors.reader import Reader
from collectors.registry import collector
from core.types import Resource

STREAM = "AWS::Kinesis::Stream"

_FACTS = ("RetentionPeriodHours", "StreamEncryption", "StreamModeDetails", "ShardCount")


@collector(
    yields=(STREAM,),
    calls=(
        "kinesis:ListStreams",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetResourcePolicy",
        "kinesis:ListTagsForStream",
    ),
)
def kinesis_streams(aws: Reader) -> Iterator[Resource]:
    """Data streams with encryption, retention, capacity and policy. Records are never read."""
    names = aws.listed("kinesis:ListStreams", "StreamNames", of=STREAM)
    yield from aws.each(names, lambda name: [_stream(aws, name)])


def _stream(aws: Reader, name: str) -> Resource:
    arn = aws.arn("kinesis", f"stream/{name}")
    answer = aws.ask("kinesis:DescribeStreamSummary", uid=arn, of=STREAM, StreamName=name)
    access = aws.ask(
        "kinesis:GetResourcePolicy", uid=arn, of=STREAM,
        absent=("ResourceNotFoundException",), ResourceARN=arn,
    )  # fmt: skip
    tags, unread = aws.own_tags("kinesis:ListTagsForStream", "Tags", uid=arn, StreamName=name)
    summary = (answer.body or {}).get("StreamDescriptionSummary") or {}
    return aws.resource(
        STREAM,
        uid=arn,
        name=name,
        aliases=(name,),
        created_at=summary.get("StreamCreationTimestamp"),
        tags=tags,
        unreadable=unread,
        properties={
            "Name": name,
            **answer.properties(_FACTS, lambda body: _described(body["StreamDescriptionSummary"])),
            "ResourcePolicy": access.value(lambda body: policy(body.get("Policy"))),
        },
    )


def _described(summary: Mapping[str, Any]) -> dict[str, Any]:
    encryption = pick(summary, "EncryptionType", "KeyId")
    encrypted = encryption.get("EncryptionType", "NONE") != "NONE"
    return {
        **pick(summary, "RetentionPeriodHours"),
        "ShardCount": summary.get("OpenShardCount"),
        "StreamModeDetails": summary.get("StreamModeDetails"),
        "StreamEncryption": encryption if encrypted else None,
    }

"""CloudFront distributions, in CloudFormation's shape of lists and names, and their log deliveries.

Standard logging v2 is no part of a distribution: CloudWatch Logs delivers it, from us-east-1.
Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import tag_map
from collectors.reader import Reader
from collectors.registry import Scope, collector
from core.secret import redact
from core.types import EMPTY, Resource, unknown

DISTRIBUTION = "AWS::CloudFront::Distribution"
LOG_SOURCE = "AWS::Logs::DeliverySource"
LOG_DELIVERY = "AWS::Logs::Delivery"
_LOGS_FROM = "us-east-1"

_NAMES = {
    "CustomHeaders": "OriginCustomHeaders",
    "ACMCertificateArn": "AcmCertificateArn",
    "IAMCertificateId": "IamCertificateId",
    "SSLSupportMethod": "SslSupportMethod",
    "IsIPV6Enabled": "IPV6Enabled",
    "OriginSslProtocols": "OriginSSLProtocols",
    "HTTPPort": "HTTPPort",
}


@collector(
    yields=(DISTRIBUTION, LOG_SOURCE, LOG_DELIVERY),
    calls=(
        "cloudfront:ListDistributions",
        "cloudfront:GetDistributionConfig",
        "cloudfront:ListTagsForResource",
        "logs:DescribeDeliverySources",
        "logs:DescribeDeliveries",
    ),
    scope=Scope.GLOBAL,
)
def distributions(aws: Reader) -> Iterator[Resource]:
    """Distributions: origins, viewer protocol, certificate, logging and firewall."""
    if aws.only is not None:
        listed: list[Mapping[str, Any]] = [
            {"Id": aws.only.uid.rsplit("/", 1)[-1], "ARN": aws.only.uid}
        ]
    else:
        listed = aws.listed(
            "cloudfront:ListDistributions", "DistributionList.Items", of=DISTRIBUTION
        )
    if not listed:
        return
    deliveries, unread = _deliveries(aws.at(_LOGS_FROM), listed[0]["ARN"])
    yield from deliveries
    yield from aws.each(listed, lambda item: _distribution(aws, item, logs_unread=unread))


def _deliveries(aws: Reader, uid: str) -> tuple[list[Resource], str]:
    """Return what is delivered of distributions' logs, and why it is not known (else empty)."""
    sources, why = aws.ask_all(
        "logs:DescribeDeliverySources", "deliverySources", uid=uid, of=LOG_SOURCE
    )
    deliveries, why_not = aws.ask_all(
        "logs:DescribeDeliveries", "deliveries", uid=uid, of=LOG_DELIVERY
    )
    ours = [source for source in sources if source.get("service") == "cloudfront"]
    names = {source["name"] for source in ours}
    found = [_log_source(aws, source) for source in ours]
    found += [
        _log_delivery(aws, each) for each in deliveries if each.get("deliverySourceName") in names
    ]
    return found, why or why_not


def _log_source(aws: Reader, source: Mapping[str, Any]) -> Resource:
    return aws.resource(
        LOG_SOURCE,
        uid=source["arn"],
        name=source["name"],
        aliases=(source["name"],),
        tags=source.get("tags") or EMPTY,
        properties={
            "Name": source["name"],
            "LogType": source.get("logType"),
            "ResourceArn": next(iter(source.get("resourceArns") or ()), None),
        },
    )


def _log_delivery(aws: Reader, delivery: Mapping[str, Any]) -> Resource:
    return aws.resource(
        LOG_DELIVERY,
        uid=delivery["arn"],
        name=delivery["id"],
        tags=delivery.get("tags") or EMPTY,
        properties={
            "DeliverySourceName": delivery["deliverySourceName"],
            "DeliveryDestinationArn": delivery.get("deliveryDestinationArn"),
        },
    )


def _distribution(aws: Reader, item: Mapping[str, Any], *, logs_unread: str) -> Iterator[Resource]:
    identifier, arn = item["Id"], item["ARN"]
    answer = aws.ask(
        "cloudfront:GetDistributionConfig", uid=arn, of=DISTRIBUTION,
        absent=("NoSuchDistribution",), Id=identifier,
    )  # fmt: skip
    if answer.body is None and not answer.unread:
        return
    tags = aws.ask("cloudfront:ListTagsForResource", uid=arn, of=DISTRIBUTION, Resource=arn)
    yield aws.resource(
        DISTRIBUTION,
        uid=arn,
        name=identifier,
        everywhere=True,
        aliases=(identifier, item.get("DomainName")),
        changed_at=item.get("LastModifiedTime"),
        tags=tag_map(((tags.body or {}).get("Tags") or {}).get("Items")),
        unreadable={
            name: why for name, why in (("Tags", tags.unread), (LOG_DELIVERY, logs_unread)) if why
        },
        properties={
            "DistributionConfig": unknown(answer.unread)
            if answer.unread
            else _shaped((answer.body or {})["DistributionConfig"], aws.secret_key),
        },
    )


def _shaped(value: Any, key: bytes) -> Any:
    """Turn {Quantity, Items} into lists and AWS's names into CloudFormation's."""
    if isinstance(value, list):
        return [_shaped(each, key) for each in value]
    if not isinstance(value, Mapping):
        return value
    if "HeaderName" in value and "HeaderValue" in value:  # shared secrets with the origin
        name = value["HeaderName"]
        return {"HeaderName": name, "HeaderValue": redact(name, value["HeaderValue"], key)}
    if "Quantity" in value and set(value) <= {"Quantity", "Items"}:
        return [_shaped(each, key) for each in value.get("Items") or ()]
    return {
        _NAMES.get(name, name): _shaped(each, key)
        for name, each in value.items()
        if name not in ("CallerReference", "Quantity")
    }

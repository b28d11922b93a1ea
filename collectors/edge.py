"""CloudFront distributions, in CloudFormation's shape of lists and names."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import tag_map
from collectors.reader import Reader
from collectors.registry import Scope, collector
from core.secret import redact
from core.types import EMPTY, Resource, unknown

DISTRIBUTION = "AWS::CloudFront::Distribution"

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
    yields=(DISTRIBUTION,),
    calls=(
        "cloudfront:ListDistributions",
        "cloudfront:GetDistributionConfig",
        "cloudfront:ListTagsForResource",
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
    yield from aws.each(listed, lambda item: _distribution(aws, item))


def _distribution(aws: Reader, item: Mapping[str, Any]) -> Iterator[Resource]:
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
        unreadable={"Tags": tags.unread} if tags.unread else EMPTY,
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

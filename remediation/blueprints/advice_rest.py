"""Checks in Guard, and others beside twins of their own, that have no edit."""

from collections.abc import Mapping

from remediation.blueprint import advise

_LEAST = (
    "Which permissions are really used is not in the template: read the role's last-accessed "
    "report and list the actions and resources one by one"
)
_WHO = (
    "Who else relies on this access is not in the template: name the principals that need it, or "
    "accept the risk with its reason if it is public on purpose"
)
_LEAKED = "A password in a template must be treated as leaked: rotate it, and name a secret instead"
_BY_ACCOUNT = (
    "CloudFormation cannot declare the account's password policy: change it in IAM or in Terraform"
)

_REASONS: Mapping[str, tuple[str, ...]] = {
    _LEAST: (
        "PL-IAM-040",
        "PL-IAM-041",
        "PL-IAM-042",
        "PL-IAM-102",
        "PL-IAM-103",
        "PL-IAM-106",
        "PL-IAM-107",
        "PL-IAM-108",
        "PL-IAM-110",
        "PL-IAM-111",
        "PL-IAM-112",
        "PL-IAM-113",
        "PL-IAM-117",
    ),
    _WHO: (
        "PL-IAM-038",
        "PL-LAMBDA-037",
        "PL-S3-032",
        "PL-SNS-009",
        "PL-SQS-009",
    ),
    _LEAKED: (
        "PL-FIREHOSE-004",
        "PL-FIREHOSE-005",
        "PL-IAM-101",
    ),
    _BY_ACCOUNT: (
        "PL-IAM-043",
        "PL-IAM-044",
        "PL-IAM-045",
        "PL-IAM-046",
        "PL-IAM-047",
        "PL-IAM-048",
    ),
    "Which actions are really used is not in the template: look them up in CloudTrail and name them": (
        "PL-S3-110",
        "PL-S3-111",
        "PL-SNS-102",
        "PL-SQS-102",
        "PL-SQS-104",
    ),
    "A policy of its own is shared, versioned and counted otherwise than one inside a role: move it when you review it": (
        "PL-IAM-039",
    ),
    "Which group or role the user belongs to is not known": (
        "PL-IAM-105",
        "PL-IAM-119",
        "PL-IAM-120",
    ),
    "Write the one action that takes the role; who takes it with tags must be asked": (
        "PL-IAM-114",
        "PL-IAM-116",
    ),
    "A function URL is invoked by lambda:InvokeFunctionUrl: what the other side does must be asked": (
        "PL-LAMBDA-106",
    ),
    "A cache costs by the hour: whether this API is read often enough is not in the template": (
        "PL-APIGATEWAY-030",
    ),
    "A certificate needs a domain of yours: request one in us-east-1 and name it": (
        "PL-CLOUDFRONT-016",
        "PL-CLOUDFRONT-102",
        "PL-CLOUDFRONT-107",
    ),
    "Which bucket keeps the access logs is not known: name one": ("PL-CLOUDFRONT-101",),
    "Which object answers for the root is not in the template": (
        "PL-CLOUDFRONT-006",
        "PL-CLOUDFRONT-103",
    ),
    "The bucket policy must admit the distribution first: add it, then name the access control": (
        "PL-CLOUDFRONT-105",
    ),
    "Which second origin serves the same is not known": ("PL-CLOUDFRONT-106",),
    "Why it was switched off must be asked first": ("PL-CLOUDFRONT-005", "PL-KMS-004"),
    "Which objects matter, and what recording them may cost, is a decision": ("PL-CLOUDTRAIL-105",),
    "Who must be told is not known: name a topic or another action": (
        "PL-CLOUDWATCH-003",
        "PL-CLOUDWATCH-101",
    ),
    "What load the table bears is not in the template: choose on-demand, or limits to scale in": (
        "PL-DYNAMODB-010",
    ),
    "How long objects must be kept is a decision of their owner": ("PL-S3-102",),
    "Where copies go, and what they may cost, is not in the template": ("PL-S3-108",),
}

for _reason, _checks in _REASONS.items():
    for _check in _checks:
        advise(_check, _reason)

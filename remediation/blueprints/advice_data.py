"""Checks of storage, data and network that have no edit, with what a person should do instead."""

from collections.abc import Mapping

from remediation.blueprint import advise

_BY_HAND = "No edit is written for this yet: change the property that the remediation names"
_FOREIGN = (
    "Whether the other account is yours is not known: add it to the trusted accounts, or remove it"
)
_EVERY_ACTION = (
    "Which actions are really used is not in the template: look them up in CloudTrail and name them"
)
_NEW_KEY = (
    "Which key fits is a decision: name one whose policy admits those who read and write this"
)

_REASONS: Mapping[str, tuple[str, ...]] = {
    _BY_HAND: (
        "PL-CLOUDFRONT-013",
        "PL-FIREHOSE-003",
        "PL-SECRETS-003",
        "PL-WAF-001",
    ),
    _FOREIGN: (
        "PL-DYNAMODB-009",
        "PL-ECR-006",
        "PL-KMS-007",
        "PL-S3-018",
        "PL-SECRETS-005",
        "PL-SNS-005",
        "PL-SQS-007",
    ),
    _EVERY_ACTION: ("PL-KMS-006", "PL-S3-028", "PL-SNS-007", "PL-SQS-006"),
    _NEW_KEY: (
        "PL-CLOUDTRAIL-007",
        "PL-CONNECT-001",
        "PL-CONNECT-002",
        "PL-DLM-002",
        "PL-DMS-001",
        "PL-DYNAMODB-005",
        "PL-EFS-002",
        "PL-EKS-001",
        "PL-EMR-001",
        "PL-FIREHOSE-002",
        "PL-KINESIS-002",
        "PL-KINESISVIDEO-001",
        "PL-REDSHIFT-001",
        "PL-REDSHIFT-002",
        "PL-S3-016",
        "PL-S3-030",
        "PL-SAGEMAKER-001",
        "PL-SNS-004",
        "PL-SQS-005",
        "PL-SQS-010",
        "PL-SSM-002",
        "PL-TIMESTREAM-001",
    ),
    "A cluster cannot be changed so: make a new one and move the functions to it": (
        "PL-DAX-001",
        "PL-DAX-002",
    ),
    "Who must be told is not known: name a topic or another action": ("PL-CLOUDWATCH-002",),
    "What load the table bears is not in the template: choose on-demand, or limits to scale in": (
        "PL-DYNAMODB-007",
    ),
    "Who administers and who uses the key is not in the template: write the policy down": (
        "PL-KMS-005",
    ),
    "Who scheduled the deletion, and why, must be found out first": ("PL-KMS-008",),
    "Who relies on the grant is not in the template: replace it by the policy, then remove it": (
        "PL-S3-014",
        "PL-S3-015",
    ),
    "A Deny may be there for a reason: decide who must keep access, and leave them out": (
        "PL-S3-019",
    ),
    "Only the root user can switch it on, and no template can": ("PL-S3-020",),
    "How long objects must be kept is a decision of their owner": ("PL-S3-021",),
    "CloudFormation cannot declare the account's block: set it in S3 or in Terraform": (
        "PL-S3-031",
    ),
    "Where copies go, and what they may cost, is not in the template": ("PL-S3-022",),
    "Who should hear of new objects is not known": ("PL-S3-025",),
    "A website has visitors: put CloudFront before it, move its name, then close it": (
        "PL-S3-026",
    ),
    "Which web origins write to the bucket is not known: list them": ("PL-S3-027",),
    "An access point keeps its settings for life: make a new one and move its users": (
        "PL-S3-029",
    ),
    "A secret in a template must be treated as leaked: rotate it, and set it outside": (
        "PL-SECRETS-006",
    ),
    "Ask the owner, then delete the secret with a recovery window": ("PL-SECRETS-007",),
    "Which endpoint of the subscriber speaks HTTPS is not known": ("PL-SNS-006",),
    "It cannot be changed in place: make a new one with encryption and move the data to it": (
        "PL-DOCDB-001",
        "PL-ECR-004",
        "PL-EFS-001",
        "PL-ELASTICACHE-001",
        "PL-ELASTICACHE-002",
        "PL-NEPTUNE-002",
        "PL-OPENSEARCH-001",
        "PL-RDS-003",
    ),
    "Clients must sign in with IAM first: change them, then switch it on": ("PL-NEPTUNE-001",),
    "A password in a template must be treated as leaked: rotate it, and let Secrets Manager keep it": (
        "PL-DATASYNC-001",
        "PL-RDS-005",
    ),
    "Who really connects is not in the template: look at the flow logs, then narrow the rule": (
        "PL-VPC-001",
        "PL-VPC-002",
        "PL-VPC-003",
        "PL-VPC-004",
        "PL-VPC-006",
    ),
    "What the rule is for must be asked of those who wrote it": ("PL-VPC-005",),
    "Where the logs are kept, and for how long, is a decision: name a log group or a bucket": (
        "PL-CLOUDTRAIL-010",
    ),
    "Which objects matter, and what recording them may cost, is a decision": ("PL-CLOUDTRAIL-008",),
    "Who must be told of log files is not known: name a topic": ("PL-CLOUDTRAIL-005",),
    "Which second origin serves the same is not known": ("PL-CLOUDFRONT-007",),
    "Which countries the application is meant for is not known": ("PL-CLOUDFRONT-008",),
    "A certificate needs a domain of yours: request one in us-east-1 and name it": (
        "PL-CLOUDFRONT-010",
    ),
    "The bucket policy must admit the distribution first: add it, then name the access control": (
        "PL-CLOUDFRONT-011",
    ),
    "Whether the origin answers over HTTPS is not known: give it a certificate first": (
        "PL-CLOUDFRONT-012",
    ),
    "Which rate is normal is not in the template: measure it, then limit above it": ("PL-WAF-004",),
    "A web firewall needs rules that fit its traffic: begin with the managed rule groups": (
        "PL-WAF-002",
    ),
    "How many images must be kept is not known": ("PL-ECR-005",),
    "Which user and directory the functions use is not known: name them": (
        "PL-EFS-004",
        "PL-EFS-005",
    ),
}

for _reason, _checks in _REASONS.items():
    for _check in _checks:
        advise(_check, _reason)

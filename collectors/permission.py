"""The read-only role, generated from what the collectors declare they call.

It cannot read code, objects, items, messages, secrets, parameters' values or log lines, nor
decrypt: none of those actions is in it, and a test proves that from the generated policy.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from collectors.quota import QUOTAS, SHARE
from collectors.registry import SHARED_CALLS, USAGE_CALLS, declared_calls, registered
from collectors.wire import ATTEMPTS

EXTERNAL_ID_LENGTH = 16  # characters an external id has at least

_ACTIONS: Mapping[str, str] = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "resourcegroupstaggingapi:GetResources": "tag:GetResources",
}
"""Where IAM calls an action otherwise than the API does. Source: Service Authorization Reference,
2026-11-22."""

_PREFIXES: Mapping[str, str] = {
    "stepfunctions": "states",
    "apigatewayv2": "apigateway",
}

_API_PATHS = ("/restapis", "/restapis/*", "/apis", "/apis/*")
"""API Gateway knows one action, GET; only these paths: /apikeys would hand out keys."""

FORBIDDEN = frozenset({
    "lambda:GetFunction", "lambda:GetLayerVersion", "lambda:InvokeFunction", "s3:GetObject",
    "s3:GetObjectVersion", "s3:ListBucket", "dynamodb:GetItem", "dynamodb:BatchGetItem",
    "dynamodb:Query", "dynamodb:Scan", "dynamodb:GetRecords", "dynamodb:PartiQLSelect",
    "secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter",
    "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory", "kms:Decrypt",
    "kms:GenerateDataKey", "sqs:ReceiveMessage", "kinesis:GetRecords", "logs:GetLogEvents",
    "logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults", "appsync:ListApiKeys",
    "cognito-idp:ListUsers", "cognito-idp:DescribeUserPoolClient", "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer", "ecr:GetAuthorizationToken",
})  # fmt: skip
"""Actions that hand out data, code, secrets or the means to them. Never called, never granted."""


def action(call: str) -> str:
    """Return the IAM action that permits an API operation."""
    if call in _ACTIONS:
        return _ACTIONS[call]
    service, operation = call.split(":", 1)
    if service in ("apigateway", "apigatewayv2"):
        return "apigateway:GET"
    return f"{_PREFIXES.get(service, service)}:{operation}"


def policy_document() -> dict[str, Any]:
    """Return the least-privilege IAM policy of the collecting role."""
    actions = {action(call) for call in declared_calls()}
    plain = sorted(actions - {"apigateway:GET"})
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadConfiguration",
                "Effect": "Allow",
                "Action": plain,
                "Resource": "*",
            },
            {
                "Sid": "ReadApis",
                "Effect": "Allow",
                "Action": ["apigateway:GET"],
                "Resource": [f"arn:aws:apigateway:*::{path}" for path in _API_PATHS],
            },
        ],
    }


def actions_by_type() -> dict[str, tuple[str, ...]]:
    """Return, for each resource type, the IAM actions its collector needs."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in registered():
        for kind in each.yields:
            found[kind].update(action(call) for call in each.calls)
    return {kind: tuple(sorted(found[kind])) for kind in sorted(found)}


def role_template() -> str:
    """Return a CloudFormation template (YAML) of the read-only role.

    Parameters: TrustedPrincipal, the ARN that may assume it, and ExternalId.
    """
    document = json.dumps(policy_document(), indent=2)
    body = "\n".join(f"            {line}" for line in document.splitlines()).lstrip()
    return f"""\
AWSTemplateFormatVersion: "2010-09-09"
Description: >-
  The read-only role of Plumbline. It reads configuration, never data, code, secrets or keys.
Parameters:
  TrustedPrincipal:
    Type: String
    Description: ARN of the role or user that Plumbline runs as
    AllowedPattern: "^arn:aws[a-z-]*:iam::[0-9]{{12}}:(role|user)/.+$"
  ExternalId:
    Type: String
    NoEcho: true
    MinLength: {EXTERNAL_ID_LENGTH}
    Description: A value only you and your Plumbline know
Resources:
  PlumblineReadOnly:
    Type: AWS::IAM::Role
    Properties:
      RoleName: plumbline-read-only
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref TrustedPrincipal
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
      Policies:
        - PolicyName: read-configuration
          PolicyDocument:
            {body}
Outputs:
  RoleArn:
    Value: !GetAtt PlumblineReadOnly.Arn
"""


def role_terraform() -> str:
    """Return the same role as Terraform (HCL)."""
    statements = "\n".join(_terraform(each) for each in policy_document()["Statement"])
    return f"""\
# The read-only role of Plumbline. It reads configuration, never data, code, secrets or keys.

variable "trusted_principal" {{
  type        = string
  description = "ARN of the role or user that Plumbline runs as"
}}

variable "external_id" {{
  type        = string
  description = "A value only you and your Plumbline know"
  sensitive   = true

  validation {{
    condition     = length(var.external_id) >= {EXTERNAL_ID_LENGTH}
    error_message = "The external id has at least {EXTERNAL_ID_LENGTH} characters."
  }}
}}

data "aws_iam_policy_document" "plumbline_trust" {{
  statement {{
    actions = ["sts:AssumeRole"]

    principals {{
      type        = "AWS"
      identifiers = [var.trusted_principal]
    }}

    condition {{
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }}
  }}
}}

data "aws_iam_policy_document" "plumbline_read" {{
{statements}
}}

resource "aws_iam_role" "plumbline" {{
  name                 = "plumbline-read-only"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.plumbline_trust.json
}}

resource "aws_iam_role_policy" "plumbline_read" {{
  name   = "read-configuration"
  role   = aws_iam_role.plumbline.id
  policy = data.aws_iam_policy_document.plumbline_read.json
}}

output "plumbline_role_arn" {{
  value = aws_iam_role.plumbline.arn
}}
"""


def _terraform(statement: Mapping[str, Any]) -> str:
    resources = statement["Resource"]
    resources = [resources] if isinstance(resources, str) else resources
    return "\n".join(
        (
            "  statement {",
            f'    sid       = "{statement["Sid"]}"',
            f"    resources = {json.dumps(resources)}",
            "    actions = [",
            *(f'      "{each}",' for each in statement["Action"]),
            "    ]",
            "  }",
        )
    )


def markdown() -> str:
    """Return docs/permissions.md."""
    document = json.dumps(policy_document(), indent=2)
    rows = "\n".join(
        f"| {kind} | {', '.join(f'`{each}`' for each in actions)} |"
        for kind, actions in actions_by_type().items()
    )
    shared = ", ".join(f"`{action(call)}`" for call in SHARED_CALLS)
    usage = ", ".join(f"`{action(call)}`" for call in USAGE_CALLS)
    never = ", ".join(f"`{each}`" for each in sorted(FORBIDDEN))
    return f"""\
# What the collecting role may do

Generated from the collectors by `collectors.permission.markdown()`; do not edit. Every API call a
collector makes is in this policy, and a test compares the two against calls really made.

`plumbline init` writes the role as CloudFormation and as Terraform, with an external id and the
principal that may assume it.

## Never granted, never called

{never}

The role cannot read function code, objects, items, messages, records, log lines, secrets or
parameters' values, and cannot decrypt. API Gateway's one action, GET, is granted for APIs only, not
for API keys.

## Which action serves which resource

For everything: {shared}. For usage, which can be switched off: {usage}.

| resource | actions |
|---|---|
{rows}

## The policy

```json
{document}
```
"""


def collectors_markdown() -> str:
    """Return docs/collectors.md: what is read, by which calls, within which quotas."""
    rows = "\n".join(
        f"| {each.title.rstrip('.')} | {', '.join(kind.removeprefix('AWS::') for kind in each.yields)} "
        f"| {', '.join(f'`{call}`' for call in each.calls)} | {each.scope.value} |"
        for each in registered()
    )
    quotas = "\n".join(
        f"| {row.service} | {', '.join(row.operations) or 'every other'} | {row.per_s:g} "
        f"| {row.per_s * SHARE:.3g} | {row.source} | {row.as_of} |"
        for row in QUOTAS
    )
    return f"""\
# What is read, and how

Generated from the collectors by `collectors.permission.collectors_markdown()`; do not edit.

Lists that carry configuration come first, then one call for each fact that no list carries. A call
that is denied, throttled past {ATTEMPTS} attempts, failed or late becomes a gap of the scan; the
value that depends on it is unknown, never taken for absent. Requests are spread so that at most a
third of each quota is used. An endpoint on this machine (moto) has no AWS quota and is not paced.

Not read, on purpose: function code, objects, items, messages, records, log lines, secret and
parameter values, API keys, users of user pools, stack parameters and outputs. Not read yet:
provisioned concurrency, code signing, published function versions, bucket notifications,
replication and websites, cross-region trails, the parts of VPCs in which no function sits.

- Environment values, stage variables, integration and origin headers, rule inputs and literals in
  state machines are replaced by keyed fingerprints as they are read.
- Asynchronous settings are asked for where a service that invokes asynchronously may call the
  function (or where its policy could not be read).
- ACLs are asked for where object ownership still permits them.
- Members beyond CloudFormation's: `FunctionUrl` of URLs, `AccessControlGrants` of buckets,
  `RoleLastUsed` of roles, `MfaActive` and `AccessKeys` (status and dates) of users,
  `RotationEnabled` and dates of secrets, `IsLogging` of trails, `Path` of REST methods,
  `Condition` of Lambda permissions where CloudFormation has no word for it.

| collector | resources | API calls | runs |
|---|---|---|---|
{rows}

## Quotas

Requests a second, an account and region. Where AWS publishes no figure, ours is an assumption and
says so.

| service | operation | quota | ours | source | read on |
|---|---|---|---|---|---|
{quotas}
"""

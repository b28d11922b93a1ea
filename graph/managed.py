"""What the AWS managed policies that serverless estates attach allow, for when they were not read.

Kept to the actions that touch data or privileges; a policy that is not here is reported as unread,
never taken for harmless. Source: AWS Managed Policy Reference Guide,
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/, read 2026-11-22.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
_XRAY = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
)

_ON_EVERYTHING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AdministratorAccess": ("*",),
        "IAMFullAccess": ("iam:*",),
        "AWSLambda_FullAccess": ("lambda:*", "logs:FilterLogEvents", "states:DescribeStateMachine"),
        "AWSLambdaBasicExecutionRole": _LOGS,
        "AWSLambdaVPCAccessExecutionRole": (*_LOGS, *_NETWORK),
        "AWSLambdaENIManagementAccess": _NETWORK,
        "AWSLambdaSQSQueueExecutionRole": (
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            *_LOGS,
        ),
        "AWSLambdaDynamoDBExecutionRole": (
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            *_LOGS,
        ),
        "AWSLambdaKinesisExecutionRole": (
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            *_LOGS,
        ),
        "AWSLambdaMSKExecutionRole": (
            "kafka:DescribeCluster",
            "kafka:DescribeClusterV2",
            "kafka:GetBootstrapBrokers",
            "ec2:DescribeVpcs",
            "ec2:DescribeSecurityGroups",
            *_NETWORK,
            *_LOGS,
        ),
        "AWSLambdaBasicDurableExecutionRolePolicy": (
            "lambda:CheckpointDurableExecution",
            "lambda:GetDurableExecutionState",
            *_LOGS,
        ),
        "AmazonS3ObjectLambdaExecutionRolePolicy": (
            "s3-object-lambda:WriteGetObjectResponse",
            *_LOGS,
        ),
        "AWSLambdaRole": ("lambda:InvokeFunction",),
        "AWSXRayDaemonWriteAccess": _XRAY,
        "AWSXrayWriteOnlyAccess": _XRAY,
        "AmazonAPIGatewayPushToCloudWatchLogs": (
            *_LOGS,
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:GetLogEvents",
            "logs:FilterLogEvents",
        ),
        "AWSAppSyncPushToCloudWatchLogs": _LOGS,
        "CloudWatchLogsFullAccess": ("logs:*",),
        "CloudWatchFullAccess": ("cloudwatch:*", "logs:*", "sns:*"),
        "AmazonS3FullAccess": ("s3:*", "s3-object-lambda:*"),
        "AmazonS3ReadOnlyAccess": ("s3:Get*", "s3:List*", "s3:Describe*"),
        "AmazonDynamoDBFullAccess": ("dynamodb:*", "dax:*"),
        "AmazonDynamoDBFullAccess_v2": ("dynamodb:*", "dax:*"),
        "AmazonDynamoDBReadOnlyAccess": (
            "dynamodb:BatchGetItem",
            "dynamodb:Describe*",
            "dynamodb:GetItem",
            "dynamodb:List*",
            "dynamodb:PartiQLSelect",
            "dynamodb:Query",
            "dynamodb:Scan",
        ),
        "AmazonSQSFullAccess": ("sqs:*",),
        "AmazonSNSFullAccess": ("sns:*",),
        "AmazonKinesisFullAccess": ("kinesis:*",),
        "AmazonKinesisReadOnlyAccess": ("kinesis:Get*", "kinesis:List*", "kinesis:Describe*"),
        "AmazonEventBridgeFullAccess": ("events:*", "schemas:*", "scheduler:*", "pipes:*"),
        "AWSStepFunctionsFullAccess": ("states:*",),
        "AmazonSSMFullAccess": ("ssm:*", "logs:*"),
        "AmazonSSMReadOnlyAccess": ("ssm:Describe*", "ssm:Get*", "ssm:List*"),
        "SecretsManagerReadWrite": ("secretsmanager:*", "lambda:ListFunctions", "kms:DescribeKey"),
        "AWSKeyManagementServicePowerUser": (
            "kms:CreateAlias",
            "kms:CreateKey",
            "kms:DeleteAlias",
            "kms:Describe*",
            "kms:GenerateRandom",
            "kms:Get*",
            "kms:List*",
            "kms:TagResource",
            "kms:UntagResource",
        ),
        "AmazonECSTaskExecutionRolePolicy": (
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ),
    }
)

_OTHERS: Mapping[str, tuple[Mapping[str, Any], ...]] = MappingProxyType(
    {
        "PowerUserAccess": (
            {
                "Effect": "Allow",
                "NotAction": ["iam:*", "organizations:*", "account:*"],
                "Resource": "*",
            },
        ),
        "AWSLambdaExecute": (
            {"Effect": "Allow", "Action": ["logs:*"], "Resource": "arn:aws:logs:*:*:*"},
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::*",
            },
        ),
        "CloudWatchLambdaInsightsExecutionRolePolicy": (
            {
                "Effect": "Allow",
                "Action": list(_LOGS),
                "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*",
            },
        ),
    }
)


def document(arn: str) -> Mapping[str, Any] | None:
    """Return the document of an AWS managed policy named by ARN, None where it is not known."""
    if ":iam::aws:policy/" not in arn:
        return None
    name = arn.rpartition("/")[2]
    if name in _OTHERS:
        return {"Statement": list(_OTHERS[name])}
    if name in _ON_EVERYTHING:
        return {
            "Statement": [
                {"Effect": "Allow", "Action": list(_ON_EVERYTHING[name]), "Resource": ["*"]}
            ]
        }
    return None

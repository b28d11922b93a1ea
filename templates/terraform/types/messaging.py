"""Amazon SQS and SNS."""

from templates.terraform.mapping import (
    Kind,
    Part,
    Spawn,
    document,
    listed,
    tags,
)

QUEUE = "aws_sqs_queue"

_QUEUE = Kind(
    QUEUE,
    "AWS::SQS::Queue",
    {
        "QueueName": "name",
        "FifoQueue": "fifo_queue",
        "ContentBasedDeduplication": "content_based_deduplication",
        "DelaySeconds": "delay_seconds",
        "VisibilityTimeout": "visibility_timeout_seconds",
        "MessageRetentionPeriod": "message_retention_seconds",
        "MaximumMessageSize": "max_message_size",
        "ReceiveMessageWaitTimeSeconds": "receive_wait_time_seconds",
        "KmsMasterKeyId": "kms_master_key_id",
        "KmsDataKeyReusePeriodSeconds": "kms_data_key_reuse_period_seconds",
        "SqsManagedSseEnabled": "sqs_managed_sse_enabled",
        "RedrivePolicy": document("redrive_policy"),
        "RedriveAllowPolicy": document("redrive_allow_policy"),
        "Tags": tags,
    },
    also=(
        Spawn(
            "policy",
            Kind(
                QUEUE,
                "AWS::SQS::QueuePolicy",
                {"Queues": listed("self"), "PolicyDocument": document("policy")},
            ),
            when="policy",
        ),
    ),
)
_TOPIC = Kind(
    "aws_sns_topic",
    "AWS::SNS::Topic",
    {
        "TopicName": "name",
        "DisplayName": "display_name",
        "FifoTopic": "fifo_topic",
        "ContentBasedDeduplication": "content_based_deduplication",
        "KmsMasterKeyId": "kms_master_key_id",
        "SignatureVersion": "signature_version",
        "TracingConfig": "tracing_config",
        "Tags": tags,
    },
    also=(
        Spawn(
            "policy",
            Kind(
                "aws_sns_topic",
                "AWS::SNS::TopicPolicy",
                {"Topics": listed("self"), "PolicyDocument": document("policy")},
            ),
            when="policy",
        ),
    ),
)

TYPES: tuple[Kind | Part, ...] = (
    _QUEUE,
    _TOPIC,
    Kind(
        "aws_sqs_queue_policy",
        "AWS::SQS::QueuePolicy",
        {"Queues": listed("queue_url"), "PolicyDocument": document("policy")},
        belongs={"Queues": "AWS::SQS::Queue"},
    ),
    Part(
        "aws_sqs_queue_redrive_policy",
        QUEUE,
        {"queue_url": "url"},
        {"RedrivePolicy": document("redrive_policy")},
    ),
    Part(
        "aws_sqs_queue_redrive_allow_policy",
        QUEUE,
        {"queue_url": "url"},
        {"RedriveAllowPolicy": document("redrive_allow_policy")},
    ),
    Kind(
        "aws_sns_topic_policy",
        "AWS::SNS::TopicPolicy",
        {"Topics": listed("arn"), "PolicyDocument": document("policy")},
        belongs={"Topics": "AWS::SNS::Topic"},
    ),
    Kind(
        "aws_sns_topic_subscription",
        "AWS::SNS::Subscription",
        {
            "TopicArn": "topic_arn",
            "Protocol": "protocol",
            "Endpoint": "endpoint",
            "RawMessageDelivery": "raw_message_delivery",
            "FilterPolicy": document("filter_policy"),
            "RedrivePolicy": document("redrive_policy"),
        },
    ),
)

"""Facts about what holds data: buckets, tables, queues, topics. Defaults after AWS's references."""

from collections.abc import Mapping

from core.types import Resource, is_unknown
from detectors.fact import Kind, Value, View, at, fact, number, present, size, word

BUCKET = "AWS::S3::Bucket"
TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"


@fact(BUCKET, Kind.CATEGORICAL, "versioning {x}", path="VersioningConfiguration", safe=("Enabled",))
def versioning(resource: Resource, _: View) -> Value:
    """Versioning status."""
    return word(at(resource, "VersioningConfiguration.Status"), "off")


@fact(
    BUCKET,
    Kind.CATEGORICAL,
    "encryption {x}",
    path="BucketEncryption",
    matters=True,
    safe=("aws:kms", "aws:kms:dsse"),
)
def encryption(resource: Resource, _: View) -> Value:
    """Algorithm of default encryption."""
    rules = at(resource, "BucketEncryption.ServerSideEncryptionConfiguration")
    if is_unknown(rules):
        return None
    first = rules[0] if isinstance(rules, list | tuple) and rules else {}
    default = first.get("ServerSideEncryptionByDefault") or {}
    return word(default.get("SSEAlgorithm"), "not configured")


@fact(
    BUCKET,
    Kind.NUMERIC,
    "{x} of 4 public access blocks",
    path="PublicAccessBlockConfiguration",
    matters=True,
)
def public_access_blocks(resource: Resource, _: View) -> Value:
    """How many of the four public access blocks are on."""
    blocks = at(resource, "PublicAccessBlockConfiguration")
    if is_unknown(blocks):
        return None
    values = blocks.values() if isinstance(blocks, Mapping) else ()
    return float(sum(str(v).lower() == "true" for v in values))


@fact(BUCKET, Kind.NUMERIC, "{x} lifecycle rule{s}", path="LifecycleConfiguration.Rules")
def lifecycle_rules(resource: Resource, _: View) -> Value:
    """How many lifecycle rules it has."""
    return size(at(resource, "LifecycleConfiguration.Rules"))


@fact(
    BUCKET,
    Kind.CATEGORICAL,
    "access logging: {x}",
    path="LoggingConfiguration",
    matters=True,
    safe=("yes",),
)
def logging(resource: Resource, _: View) -> Value:
    """Whether access is logged."""
    return present(at(resource, "LoggingConfiguration"))


@fact(
    BUCKET,
    Kind.CATEGORICAL,
    "a website: {x}",
    path="WebsiteConfiguration",
    matters=True,
    safe=("no",),
)
def website(resource: Resource, _: View) -> Value:
    """Whether it is served as a website."""
    return present(at(resource, "WebsiteConfiguration"))


@fact(
    BUCKET,
    Kind.CATEGORICAL,
    "cross-origin rules: {x}",
    path="CorsConfiguration",
    matters=True,
    safe=("no",),
)
def cors(resource: Resource, _: View) -> Value:
    """Whether browsers of other origins may read it."""
    return present(at(resource, "CorsConfiguration"))


@fact(BUCKET, Kind.CATEGORICAL, "object ownership {x}", path="OwnershipControls", matters=True)
def ownership(resource: Resource, _: View) -> Value:
    """Who owns objects that others write."""
    rules = at(resource, "OwnershipControls.Rules")
    if is_unknown(rules):
        return None
    first = rules[0] if isinstance(rules, list | tuple) and rules else {}
    return word(first.get("ObjectOwnership"), "BucketOwnerEnforced")


@fact(
    BUCKET,
    Kind.CATEGORICAL,
    "replication: {x}",
    path="ReplicationConfiguration",
    matters=True,
    safe=("no",),
)
def replication(resource: Resource, _: View) -> Value:
    """Whether objects are copied elsewhere."""
    return present(at(resource, "ReplicationConfiguration"))


@fact(BUCKET, Kind.CATEGORICAL, "an object lock: {x}", path="ObjectLockEnabled", safe=("yes",))
def object_lock(resource: Resource, _: View) -> Value:
    """Whether objects can be locked."""
    enabled = word(at(resource, "ObjectLockEnabled"), "false")
    return present(enabled.lower() == "true") if enabled else None


@fact(
    BUCKET, Kind.CATEGORICAL, "a policy of its own: {x}", path="AWS::S3::BucketPolicy", matters=True
)
def own_policy(resource: Resource, view: View) -> Value:
    """Whether a bucket policy exists; not known where it could not be read."""
    if "AWS::S3::BucketPolicy" in resource.unreadable:
        return None
    return present(view.relations.of(resource).get("AWS::S3::BucketPolicy"))


@fact(TABLE, Kind.CATEGORICAL, "billing mode {x}", path="BillingMode")
def billing(resource: Resource, _: View) -> Value:
    """Billing mode."""
    return word(at(resource, "BillingMode"), "PROVISIONED")


@fact(
    TABLE, Kind.NUMERIC, "{x} read capacity unit{s}", path="ProvisionedThroughput.ReadCapacityUnits"
)
def read_capacity(resource: Resource, _: View) -> Value:
    """Provisioned read capacity."""
    return number(at(resource, "ProvisionedThroughput.ReadCapacityUnits"), 0)


@fact(TABLE, Kind.NUMERIC, "secondary indexes: {x}", path="GlobalSecondaryIndexes")
def indexes(resource: Resource, _: View) -> Value:
    """How many global secondary indexes it has."""
    return size(at(resource, "GlobalSecondaryIndexes"))


@fact(TABLE, Kind.CATEGORICAL, "a stream of {x}", path="StreamSpecification")
def stream(resource: Resource, _: View) -> Value:
    """What its stream shows."""
    return word(at(resource, "StreamSpecification.StreamViewType"), "nothing")


@fact(
    TABLE,
    Kind.CATEGORICAL,
    "point-in-time recovery: {x}",
    path="PointInTimeRecoverySpecification",
    matters=True,
    safe=("True", "true"),
)
def recovery(resource: Resource, _: View) -> Value:
    """Whether it can be restored to any second."""
    return word(
        at(resource, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"), "False"
    )


@fact(
    TABLE, Kind.CATEGORICAL, "an own key: {x}", path="SSESpecification", matters=True, safe=("yes",)
)
def table_key(resource: Resource, _: View) -> Value:
    """Whether it is encrypted with an own key."""
    return present(at(resource, "SSESpecification.KMSMasterKeyId"))


@fact(
    TABLE,
    Kind.CATEGORICAL,
    "deletion protection: {x}",
    path="DeletionProtectionEnabled",
    matters=True,
    safe=("True", "true"),
)
def deletion_protection(resource: Resource, _: View) -> Value:
    """Whether it is protected from deletion."""
    return word(at(resource, "DeletionProtectionEnabled"), "False")


@fact(QUEUE, Kind.NUMERIC, "a visibility timeout of {x} s", path="VisibilityTimeout")
def visibility(resource: Resource, _: View) -> Value:
    """Visibility timeout in seconds."""
    return number(at(resource, "VisibilityTimeout"), 30)


@fact(QUEUE, Kind.NUMERIC, "messages kept for {x} s", path="MessageRetentionPeriod")
def retention(resource: Resource, _: View) -> Value:
    """How long messages are kept, in seconds."""
    return number(at(resource, "MessageRetentionPeriod"), 345_600)


@fact(QUEUE, Kind.NUMERIC, "a delay of {x} s", path="DelaySeconds")
def delay(resource: Resource, _: View) -> Value:
    """How long messages are held back, in seconds."""
    return number(at(resource, "DelaySeconds"), 0)


@fact(QUEUE, Kind.CATEGORICAL, "first in, first out: {x}", path="FifoQueue")
def fifo(resource: Resource, _: View) -> Value:
    """Whether order is kept."""
    return word(at(resource, "FifoQueue"), "False")


@fact(QUEUE, Kind.CATEGORICAL, "a dead-letter queue: {x}", path="RedrivePolicy", safe=("yes",))
def redrive(resource: Resource, _: View) -> Value:
    """Whether failed messages are kept."""
    return present(at(resource, "RedrivePolicy"))


@fact(
    QUEUE, Kind.CATEGORICAL, "an own key: {x}", path="KmsMasterKeyId", matters=True, safe=("yes",)
)
def queue_key(resource: Resource, _: View) -> Value:
    """Whether it is encrypted with a key of KMS."""
    return present(at(resource, "KmsMasterKeyId"))


@fact(
    TOPIC, Kind.CATEGORICAL, "an own key: {x}", path="KmsMasterKeyId", matters=True, safe=("yes",)
)
def topic_key(resource: Resource, _: View) -> Value:
    """Whether it is encrypted with a key of KMS."""
    return present(at(resource, "KmsMasterKeyId"))


@fact(TOPIC, Kind.CATEGORICAL, "first in, first out: {x}", path="FifoTopic")
def topic_fifo(resource: Resource, _: View) -> Value:
    """Whether order is kept."""
    return word(at(resource, "FifoTopic"), "False")


@fact(TOPIC, Kind.NUMERIC, "{x} subscription{s}", path="AWS::SNS::Subscription", matters=True)
def subscriptions(resource: Resource, view: View) -> Value:
    """How many subscriptions it has; not known where they could not be listed."""
    if "AWS::SNS::Subscription" in resource.unreadable:
        return None
    return float(len(view.relations.of(resource).get("AWS::SNS::Subscription", ())))

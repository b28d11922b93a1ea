"""What a resource costs a month, from its configuration and its measured usage."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.types import Basis, Charge, CostImpact, Resource, is_unknown
from finops.price import BYTES_A_GB, DAYS_A_MONTH, HOURS_A_MONTH, MILLION, charge

Pricer = Callable[[Resource], Iterator[Charge]]

_PRICERS: dict[str, Pricer] = {}
_MEMORY_DEFAULT_MB = 128  # Lambda's documented default
_NEEDS_USAGE = "no usage was measured for it"
_FREE = frozenset(
    {
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Url",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Alias",
        "AWS::S3::BucketPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
    }
)


def prices(resource_type: str) -> Callable[[Pricer], Pricer]:
    """Register what prices a resource type."""

    def register(pricer: Pricer) -> Pricer:
        _PRICERS[resource_type] = pricer
        return pricer

    return register


def cost_of(resource: Resource) -> CostImpact:
    """Return a resource's monthly list-price cost; `monthly` is None when it cannot be known."""
    if resource.type in _FREE:
        note = "AWS makes no charge for this kind of resource."
        return CostImpact(Decimal(0), None, Basis.MEASURED, note=note)
    pricer = _PRICERS.get(resource.type)
    charges = tuple(pricer(resource)) if pricer else ()
    if not charges:
        reason = _NEEDS_USAGE if pricer else "the price book has no row for its type"
        return CostImpact(None, None, Basis.ESTIMATED, note=f"Cost not known: {reason}.")
    measured = all(each.basis is Basis.MEASURED for each in charges)
    basis = Basis.MEASURED if measured else Basis.ESTIMATED
    total = sum((each.monthly_cost for each in charges), Decimal(0))
    return CostImpact(total, None, basis, charges=charges, note=_region_note(resource))


def _region_note(resource: Resource) -> str:
    if resource.region in ("", "us-east-1"):
        return ""
    return f"Priced at the us-east-1 list price; {resource.region} can differ."


def monthly(resource: Resource, metric: str) -> Decimal | None:
    """Return a measured metric's quantity extrapolated to a month, None when not measured."""
    for usage in resource.usage:
        if usage.metric == metric and usage.window_days > 0:
            return Decimal(str(usage.quantity)) / Decimal(str(usage.window_days)) * DAYS_A_MONTH
    return None


def level(resource: Resource, metric: str) -> Decimal | None:
    """Return a measured level (a size, not a sum over the window), None when not measured."""
    for usage in resource.usage:
        if usage.metric == metric:
            return Decimal(str(usage.quantity))
    return None


def _number(properties: Mapping[str, Any], name: str, default: int) -> Decimal:
    value = properties.get(name, default)
    return Decimal(default) if is_unknown(value) else Decimal(str(value))


@prices("AWS::Lambda::Function")
def _function(resource: Resource) -> Iterator[Charge]:
    invocations = monthly(resource, "Invocations")
    duration_ms = monthly(resource, "Duration")
    if invocations is not None:
        yield charge(
            resource.uid,
            "Requests",
            price="lambda.requests",
            quantity=invocations / MILLION,
            basis=Basis.MEASURED,
        )
    if duration_ms is not None:
        memory_gb = _number(resource.properties, "MemorySize", _MEMORY_DEFAULT_MB) / 1024
        architectures = resource.properties.get("Architectures") or ["x86_64"]
        arm = not is_unknown(architectures) and "arm64" in architectures
        yield charge(
            resource.uid,
            "Duration",
            price="lambda.duration.arm64" if arm else "lambda.duration.x86_64",
            quantity=duration_ms / 1000 * memory_gb,
            basis=Basis.MEASURED,
        )


@prices("AWS::DynamoDB::Table")
def _table(resource: Resource) -> Iterator[Charge]:
    if resource.properties.get("BillingMode") == "PAY_PER_REQUEST":
        yield from _metered(
            resource, "ConsumedWriteCapacityUnits", "Writes", "dynamodb.on_demand_write"
        )
        yield from _metered(
            resource, "ConsumedReadCapacityUnits", "Reads", "dynamodb.on_demand_read"
        )
    else:
        throughput = resource.properties.get("ProvisionedThroughput") or {}
        for name, price in (
            ("WriteCapacityUnits", "dynamodb.provisioned_write"),
            ("ReadCapacityUnits", "dynamodb.provisioned_read"),
        ):
            if isinstance(throughput, Mapping) and name in throughput:
                yield charge(
                    resource.uid,
                    name,
                    price=price,
                    quantity=_number(throughput, name, 0) * HOURS_A_MONTH,
                    basis=Basis.MEASURED,
                )
    yield from _stored(resource, "TableSizeBytes", "Storage", "dynamodb.storage")


def _metered(resource: Resource, metric: str, component: str, price: str) -> Iterator[Charge]:
    quantity = monthly(resource, metric)
    if quantity is not None:
        yield charge(
            resource.uid,
            component,
            price=price,
            quantity=quantity / MILLION,
            basis=Basis.MEASURED,
        )


def _stored(resource: Resource, metric: str, component: str, price: str) -> Iterator[Charge]:
    size = level(resource, metric)
    if size is not None:
        yield charge(
            resource.uid,
            component,
            price=price,
            quantity=size / BYTES_A_GB,
            basis=Basis.MEASURED,
        )


@prices("AWS::S3::Bucket")
def _bucket(resource: Resource) -> Iterator[Charge]:
    yield from _stored(resource, "BucketSizeBytes", "Standard storage", "s3.standard_storage")


@prices("AWS::SQS::Queue")
def _queue(resource: Resource) -> Iterator[Charge]:
    sent = monthly(resource, "NumberOfMessagesSent")
    if sent is not None:
        # A message costs at least three requests: send, receive and delete.
        yield charge(
            resource.uid,
            "Requests (3 a message sent)",
            price="sqs.fifo" if resource.properties.get("FifoQueue") else "sqs.standard",
            quantity=sent * 3 / MILLION,
            basis=Basis.ESTIMATED,
        )


@prices("AWS::SNS::Topic")
def _topic(resource: Resource) -> Iterator[Charge]:
    yield from _metered(resource, "NumberOfMessagesPublished", "Requests", "sns.requests")


@prices("AWS::ApiGateway::RestApi")
def _rest_api(resource: Resource) -> Iterator[Charge]:
    yield from _metered(resource, "Count", "Requests", "apigateway.rest")


@prices("AWS::ApiGatewayV2::Api")
def _http_api(resource: Resource) -> Iterator[Charge]:
    yield from _metered(resource, "Count", "Requests", "apigateway.http")


@prices("AWS::StepFunctions::StateMachine")
def _state_machine(resource: Resource) -> Iterator[Charge]:
    started = monthly(resource, "ExecutionsStarted")
    states = resource.properties.get("Definition", {})
    count = len(states.get("States", {})) if isinstance(states, Mapping) else 0
    if started is not None and count:
        yield charge(
            resource.uid,
            f"Transitions ({count} states an execution)",
            price="stepfunctions.transitions",
            quantity=started * count / MILLION,
            basis=Basis.ESTIMATED,
        )


def _flat(component: str, price: str) -> Pricer:
    def pricer(resource: Resource) -> Iterator[Charge]:
        yield charge(
            resource.uid, component, price=price, quantity=Decimal(1), basis=Basis.MEASURED
        )

    return pricer


prices("AWS::KMS::Key")(_flat("Key", "kms.key"))
prices("AWS::SecretsManager::Secret")(_flat("Secret", "secretsmanager.secret"))
prices("AWS::CloudWatch::Alarm")(_flat("Alarm", "cloudwatch.alarm"))


@prices("AWS::Kinesis::Stream")
def _stream(resource: Resource) -> Iterator[Charge]:
    mode = resource.properties.get("StreamModeDetails") or {}
    on_demand = isinstance(mode, Mapping) and mode.get("StreamMode") == "ON_DEMAND"
    shards = Decimal(1) if on_demand else _number(resource.properties, "ShardCount", 1)
    yield charge(
        resource.uid,
        "Stream" if on_demand else "Shards",
        price="kinesis.on_demand_stream" if on_demand else "kinesis.shard",
        quantity=shards * HOURS_A_MONTH,
        basis=Basis.MEASURED,
    )


@prices("AWS::Logs::LogGroup")
def _log_group(resource: Resource) -> Iterator[Charge]:
    ingested = monthly(resource, "IncomingBytes")
    if ingested is not None:
        yield charge(
            resource.uid,
            "Ingestion",
            price="logs.ingestion",
            quantity=ingested / BYTES_A_GB,
            basis=Basis.MEASURED,
        )
    yield from _stored(resource, "StoredBytes", "Storage", "logs.storage")

"""Event source mappings and permissions: what becomes of failures, who may call."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Target, dig, get_att, ref, ref_id, sub
from remediation.permission import allow, grant

_SAM_SOURCES = frozenset({"SQS", "Kinesis", "DynamoDB"})
_STREAMS = frozenset({"Kinesis", "DynamoDB"})


@blueprint(
    "PL-LAMBDA-018",
    summary="Let the function report which records of a batch failed",
    tier=Tier.DATA,
    may_break=(
        "A function that answers with batchItemFailures is now believed; others behave as before",
    ),
)
def partial_batch(target: Target) -> None:
    """SAM declares the mapping as an event of the function."""
    value = ["ReportBatchItemFailures"]
    if target.type == "AWS::Lambda::EventSourceMapping":
        target.set(("FunctionResponseTypes",), value)
        return
    for name in _events(target, _SAM_SOURCES):
        path = ("Events", name, "Properties", "FunctionResponseTypes")
        if target.get(*path) is None:
            target.set(path, value)


@blueprint(
    "PL-LAMBDA-017",
    summary="Keep what the mapping fails to process in a dead-letter queue",
    tier=Tier.DATA,
    cost="0.40 USD for each million failed batches",
)
def mapping_failure(target: Target) -> None:
    """The queue gets the batch's place in the stream, not its records."""
    if target.type == "AWS::Lambda::EventSourceMapping":
        function = ref_id(target.get("FunctionName"))
        if function not in target.draft.declared:
            raise Declined("The function of this mapping is declared elsewhere")
        queue = companion.dead_letter_queue(target)
        target.set(("DestinationConfig", "OnFailure", "Destination"), get_att(queue))
        statement = allow(["sqs:SendMessage"], get_att(queue))
        grant(target, [statement], name="KeepFailedBatches", owner=str(function))
        return
    names = _events(target, _STREAMS)
    if not names:
        raise Declined("A queue keeps its own failures: give the queue a dead-letter queue")
    queue = companion.dead_letter_queue(target)
    for name in names:
        path = ("Events", name, "Properties", "DestinationConfig", "OnFailure")
        if target.get(*path) is None:
            target.set(path, {"Type": "SQS", "Destination": get_att(queue)})
    grant(target, [allow(["sqs:SendMessage"], get_att(queue))], name="KeepFailedBatches")


def _events(target: Target, kinds: frozenset[str]) -> tuple[str, ...]:
    events = target.get("Events")
    pairs = events.items() if isinstance(events, Mapping) else ()
    return tuple(k for k, v in pairs if isinstance(v, Mapping) and v.get("Type") in kinds)


@blueprint(
    "PL-LAMBDA-005",
    summary="Limit the permission to the one source that calls the function",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("The same service can no longer call on behalf of anything else",),
)
def permission_source(target: Target) -> None:
    """The source is the one resource of the template that calls this function; never guessed."""
    if target.type != "AWS::Lambda::Permission":
        raise Declined("The permission comes from an event of the function")
    principal = target.get("Principal")
    function = ref_id(target.get("FunctionName"))
    source = _source(target, str(principal), function or "")
    if source is None:
        raise Declined(f"Which {principal} resource calls the function is not in this template")
    for name, value in source.items():
        target.set((name,), value)


def _source(target: Target, principal: str, function: str) -> Mapping[str, Any] | None:
    draft = target.draft
    if principal == "s3.amazonaws.com":
        return {"SourceAccount": ref("AWS::AccountId")}
    if principal == "events.amazonaws.com":
        rules = [
            i for i in draft.of_type("AWS::Events::Rule") if _calls(draft.properties(i), function)
        ]
        return {"SourceArn": get_att(rules[0])} if len(rules) == 1 else None
    if principal == "apigateway.amazonaws.com":
        apis = draft.of_type("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
        arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
        return {"SourceArn": sub(f"{arn}:${{{apis[0]}}}/*")} if len(apis) == 1 else None
    if principal == "sns.amazonaws.com":
        topics = [
            i
            for i in draft.of_type("AWS::SNS::Topic")
            if any(
                ref_id(dig(s, ("Endpoint",))) == function
                for s in draft.properties(i).get("Subscription") or []
            )
        ] + [
            str(ref_id(draft.properties(i).get("TopicArn")))
            for i in draft.of_type("AWS::SNS::Subscription")
            if ref_id(draft.properties(i).get("Endpoint")) == function
        ]
        known = sorted({t for t in topics if t in draft.declared})
        return {"SourceArn": ref(known[0])} if len(known) == 1 else None
    return None


def _calls(rule: Mapping[str, Any], function: str) -> bool:
    targets = rule.get("Targets")
    return isinstance(targets, list) and any(ref_id(dig(t, ("Arn",))) == function for t in targets)

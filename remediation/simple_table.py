"""A SAM SimpleTable written out as the DynamoDB table that SAM makes of it."""

from typing import Any

from core.errors import Declined
from remediation.draft import Target, dig

SIMPLE_TABLE = "AWS::Serverless::SimpleTable"
_ATTRIBUTE = {"String": "S", "Number": "N", "Binary": "B"}
_SSE = "SSESpecification"


def write_out(target: Target) -> None:
    """Declare the table itself, under its logical id, so that it can say what SAM has no word for.

    CloudFormation sees no change: SAM makes this table of the declaration. What it comes to is
    compared before anything else is set. Source: SAM specification, AWS::Serverless::SimpleTable.
    Raises: Declined.
    """
    if target.type != SIMPLE_TABLE:
        return
    name, kind = _key(target)
    target.draft.retype(target.id, "AWS::DynamoDB::Table")
    shared = target.globals("SimpleTable").get(_SSE)
    if shared is not None and target.get(_SSE) is None:
        target.set((_SSE,), shared)
    tags = target.get("Tags")
    if isinstance(tags, dict):
        target.set(("Tags",), [{"Key": k, "Value": v} for k, v in tags.items()])
    target.set(("AttributeDefinitions",), [{"AttributeName": name, "AttributeType": kind}])
    target.set(("KeySchema",), [{"AttributeName": name, "KeyType": "HASH"}])
    if target.get("ProvisionedThroughput") is None:
        target.set(("BillingMode",), "PAY_PER_REQUEST")
    target.draft.remove(target.id, ("PrimaryKey",))
    table = target.draft.template.resource(target.id)
    if table is None or table.properties != target.resource.properties:
        raise Declined(f"{target.id} cannot be written out as the table that SAM makes of it")
    target.notes.append(
        "Declared as AWS::DynamoDB::Table, which SAM made of it: the same table is kept"
    )


def _key(target: Target) -> tuple[Any, str]:
    """Return the name and the type of the primary key."""
    key = target.get("PrimaryKey")
    if not key:
        return "id", "S"
    kind = dig(key, ("Type",))
    if not isinstance(kind, str) or kind not in _ATTRIBUTE:
        raise Declined(f"The type of the primary key of {target.id} is not written out")
    return key["Name"], _ATTRIBUTE[kind]

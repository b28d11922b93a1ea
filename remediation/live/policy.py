"""Aspects that are a policy text: extended by a statement, never rewritten."""

import json
from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from remediation.companion import deny_plain_http
from remediation.live.blueprint import Aspect, LiveTarget

VERSION = "2012-10-17"


def parsed(text: Any) -> Any:
    """Return what a policy text says, so that two texts of one policy are the same."""
    return json.loads(text) if text else None


def with_statement(text: str | None, statement: Mapping[str, Any]) -> str:
    """Return a policy text with a statement more; the others stay as they are.

    Raises: Declined when the policy has a statement of that id which says something else.
    """
    document = json.loads(text) if text else {"Version": VERSION, "Statement": []}
    present = document.get("Statement", [])
    statements: list[Any] = present if isinstance(present, list) else [present]
    if any(each.get("Sid") == statement["Sid"] for each in statements):
        raise Declined(f"The policy has a statement {statement['Sid']} that says something else")
    return json.dumps({**document, "Statement": [*statements, dict(statement)]})


def refuse_plain_http(target: LiveTarget, aspect: Aspect, action: str, resource: Any) -> None:
    """Have a resource's policy refuse requests without TLS."""
    statement = deny_plain_http(action, resource)
    target.set(aspect, with_statement(target.read(aspect), statement))

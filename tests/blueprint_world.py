"""What the tests of blueprints share: our files, the real policies, one blueprint on one declaration."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import policies
from core import identity
from core.types import Estate, Evidence, Finding, Resource, Severity
from remediation.blueprint import load
from remediation.draft import Draft, Target
from templates import Template, read
from templates.value import plain

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
FILES = Path(__file__).parent / "unit" / "test_remediation_files"


def content(name: str) -> bytes:
    if not name.endswith(".json"):
        return (FILES / name).read_bytes()
    source = name.replace(".json", ".yaml")
    raw = plain(template_of((FILES / source).read_bytes(), source).document.root)
    return json.dumps(raw, indent=2).encode() + b"\n"


def template_of(data: bytes, name: str = "t.yaml") -> Template:
    return read(data, file=name, repository="infra", secret_key=KEY)


@cache
def policy_set() -> policies.PolicySet:
    return policies.load()


KNOWN: dict[int, tuple[Finding, ...]] = {}


def evaluate(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    key = hash(repr(resources))  # every plan of a file asks for the same file before it
    if key not in KNOWN:
        KNOWN[key] = judged(resources)
    return KNOWN[key]


def judged(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    said = policies.evaluate(policy_set(), resources, estate=Estate(), now=NOW)
    return tuple(x for x in said if isinstance(x, Finding))


def fixed(template: str, check_id: str, address: str, **facts: Any) -> tuple[Any, Target]:
    """Run one blueprint on one declaration; return the whole template after it, and the target."""
    target = fixed_draft(template.encode(), "t.yaml", check_id, address, **facts)
    return target.draft.raw, target


def fixed_draft(data: bytes, name: str, check_id: str, address: str, **facts: Any) -> Target:
    """Run one blueprint on one declaration; return the target.

    `resource_uid` says which of the resources that it comes to is meant, where not the first.
    """
    start = template_of(data, name)
    made = [r for r in start.resources if r.source and r.source.address == address]
    resource = next(r for r in made if facts.get("resource_uid", r.uid) == r.uid)
    finding = Finding(
        uid=identity.finding_uid(check_id, resource.uid),
        check_id=check_id,
        control="x",
        title="x",
        severity=Severity.LOW,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=Evidence("x"),
    )
    target = Target(
        Draft(data, read=lambda content: template_of(content, name)),
        logical_id=address,
        finding=replace(finding, **facts),
        resource=resource,
        estate=Estate(),
    )
    load()[check_id].apply(target)
    return target

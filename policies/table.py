"""Writes docs/checks.md from the policies themselves."""

from itertools import groupby

from policies.load import load
from policies.model import Policy, PolicySet


def markdown(policy_set: PolicySet | None = None) -> str:
    """Return the table of checks as Markdown, grouped by service."""
    chosen = policy_set or load()
    lines = [
        "# Checks",
        "",
        _INTRODUCTION,
        f"There are {len(chosen.policies)} checks.",
        "",
    ]
    ordered = sorted(chosen.policies, key=_service)  # stable: by id within a service
    for service, members in groupby(ordered, key=_service):
        lines += [f"## {service}", "", *_TABLE_HEAD, *(_row(policy) for policy in members), ""]
    return "\n".join(lines)


_INTRODUCTION = (
    "Generated from the policies' metadata by `policies.table.markdown()`; a test holds it current. "
    "*Hygiene* is counted in summaries and not posted one by one. "
    "Checks of one control in both languages are shown as one finding. "
    "What other frameworks ask of a check stands in the [baselines](compliance.md)."
)

_SHOWN = ("SOC2", "CIS AWS")

_TABLE_HEAD = (
    "| check | what must be true | severity | language | resource types | standards |",
    "|---|---|---|---|---|---|",
)


def _service(policy: Policy) -> str:
    return policy.resource_types[0].split("::")[1] if policy.resource_types else "Any"


def _row(policy: Policy) -> str:
    standards = "; ".join(
        f"{name} {', '.join(policy.compliance[name])}"
        for name in _SHOWN
        if name in policy.compliance
    )
    link = f"[{policy.title}]({policy.docs[0]})" if policy.docs else policy.title
    severity = f"{policy.severity}, hygiene" if policy.hygiene else str(policy.severity)
    types = ", ".join(f"`{kind.removeprefix('AWS::')}`" for kind in policy.resource_types)
    language = policy.language.capitalize()
    return f"| {policy.check_id} | {link} | {severity} | {language} | {types} | {standards} |"

"""Live resources that differ from the template they are declared in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.drift import CHECK_ID, CONTROL, Ahead
from core.identity import finding_uid
from core.ports import Check
from core.types import Evidence, Finding, Gap, Link, Resource, Severity, Snapshot
from templates.difference import Difference, Names, differences

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A live resource, read at `seen_at`, and its declaration, tied by evidence.

    `restore` says how to deploy what is declared.
    """

    live: Resource
    declared: Resource
    link: Link
    names: Names
    restore: str
    seen_at: datetime


AheadOf = Callable[[Pair, Sequence[Difference]], Ahead]
"""Says which side of a pair changed last."""


def drifted(pairs: Callable[[Snapshot], Iterator[Pair | Gap]], ahead: AheadOf) -> Check:
    """Return a check for what is live and declared otherwise."""

    def check(snapshot: Snapshot) -> Iterator[Finding | Gap]:
        for pair in pairs(snapshot):
            if isinstance(pair, Gap):
                yield pair
                continue
            live, declared = pair.live.properties, pair.declared.properties
            found = differences(pair.live.type, declared, live, pair.names)
            if found:
                yield _finding(pair, found, ahead(pair, found))

    return check


def _finding(pair: Pair, found: Sequence[Difference], ahead: Ahead) -> Finding:
    live, link = pair.live, pair.link
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    told = "; ".join(str(each) for each in found[:_SHOWN])
    return Finding(
        uid=finding_uid(CHECK_ID, live.uid),
        check_id=CHECK_ID,
        control=CONTROL,
        title="Live resources are as their template declares",
        severity=Severity.LOW,
        resource_uid=live.uid,
        resource_type=live.type,
        resource_name=live.name,
        evidence=Evidence(
            message=f"{told}{more}",
            facts={
                "differences": [
                    {"path": list(each.path), "declared": each.declared, "live": each.live}
                    for each in found
                ],
                "ahead": ahead.side.value,
                "why": ahead.why,
                "declared_in": f"{link.repository}/{link.path} {link.address}",
                "restore": pair.restore,
            },
            locations=tuple(".".join(each.path) for each in found),
        ),
        provider=live.provider,
        partition=live.partition,
        account=live.account,
        region=live.region,
        remediation=(
            f"Ahead: {ahead.side.value} ({ahead.why}). Either record what is live in the template "
            f"(Review fix shows the commit), or deploy what is declared: {pair.restore}"
        ),
    )

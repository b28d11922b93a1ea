"""What the last stored scan says of the frameworks, and what a scan leaves for that to be said."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.store import codec
from core.compliance import Assessed, Control, Due, Observed, Report, find, stand
from core.errors import NotFound
from core.types import Snapshot, Status

if TYPE_CHECKING:
    from app.world import World
    from policies import PolicySet

DUE_DAYS = 90
"""A quarter: long enough to plan a change of runtime."""
_AFTER_SCAN = "compliance.after_scan"
_ALL = 1_000_000
_ASKED = (Status.OPEN, Status.SNOOZED, Status.UNKNOWN, Status.ACCEPTED, Status.SUPPRESSED)


@dataclass(frozen=True, slots=True)
class _AfterScan:
    """What a report needs of a scan and the snapshot does not hold."""

    scan_uid: str
    policy_commit: str
    due: tuple[Due, ...]


def after_scan(world: "World", *, now: datetime) -> None:
    """Remember by which rules the newest snapshot was judged, and what will be due.

    Rules are evaluated here, where time is, so that a report in Slack need not wait for them.
    """
    from app import forecast

    snapshot = world.store.latest_snapshot()
    if snapshot is None:
        return
    due = forecast.due(world, snapshot.resources, horizon=timedelta(days=DUE_DAYS), now=now)
    kept = _AfterScan(snapshot.uid, world.policy_set.commit, due)
    world.store.put(_AFTER_SCAN, codec.dumps(kept))


def report(world: "World", *, now: datetime, framework: str = "") -> Report:
    """Say how one framework, or every one, stood at the last scan. Raises: NotFound."""
    snapshot = world.store.latest_snapshot()
    if snapshot is None:
        raise NotFound("Nothing was scanned yet. Run plumbline scan first.")
    policy_set = world.policy_set
    chosen = (find(policy_set.baselines, framework),) if framework else policy_set.baselines
    seen = _observed(world, snapshot, now=now)
    kept = _kept(world, snapshot)
    return Report(
        made_at=now,
        scanned_at=snapshot.taken_at,
        scan_uid=snapshot.uid,
        resources=len(snapshot.resources),
        coverage=snapshot.coverage,
        gaps=snapshot.gaps,
        policy_commit=policy_set.commit,
        scanned_with=kept.policy_commit,
        version=version("plumbline"),
        frameworks=tuple(Assessed(each, stand(each, seen)) for each in chosen),
        due=kept.due,
        due_within_days=DUE_DAYS,
    )


def _observed(world: "World", snapshot: Snapshot, *, now: datetime) -> Observed:
    from collectors.registry import supported_types

    present = frozenset(resource.type for resource in snapshot.resources)
    return Observed(
        cards=world.store.cards(statuses=[each.value for each in _ASKED], limit=_ALL),
        gaps=snapshot.gaps,
        present=present,
        readable=present | frozenset(supported_types()),
        controls=controls(world.policy_set),
        now=now,
    )


def controls(policy_set: "PolicySet") -> Mapping[str, Control]:
    """Return what the checks of each control look at."""
    members = defaultdict(list)
    for policy in policy_set.policies:
        members[policy.control].append(policy)
    return {
        name: Control(
            name=name,
            check_ids=tuple(each.check_id for each in policies),
            resource_types=frozenset()
            if any(not each.resource_types for each in policies)
            else frozenset(kind for each in policies for kind in each.resource_types),
            looks_at=frozenset(
                kind for each in policies for kind in (*each.resource_types, *each.related_types)
            ),
        )
        for name, policies in members.items()
    }


def _kept(world: "World", snapshot: Snapshot) -> _AfterScan:
    """Return what was remembered of this very snapshot; a later one without it has nothing."""
    text = world.store.get(_AFTER_SCAN)
    kept = codec.loads(_AfterScan, text) if text else None
    if kept is None or kept.scan_uid != snapshot.uid:
        return _AfterScan(snapshot.uid, "", ())
    return kept

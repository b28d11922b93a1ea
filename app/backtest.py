"""What other policies would have said of the estate as it was: on stored snapshots, scan by scan."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.ports import Check
from core.types import Finding, Gap, Snapshot, Status

if TYPE_CHECKING:
    from app.world import World
    from policies import PolicySet

SCANS_MAX = 30
"""More scans than this are thinned out evenly; the first and the last stay."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that only one of two policy sets has, and in how many scans."""

    finding: Finding
    scans: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a change of policies would have flagged or cleared."""

    flagged: tuple[Difference, ...]
    cleared: tuple[Difference, ...]
    scans: tuple[datetime, ...]
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class _Tally:
    seen: dict[str, list[tuple[datetime, Finding]]] = field(default_factory=dict)

    def add(self, at: datetime, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.seen.setdefault(finding.uid, []).append((at, finding))

    def differences(self) -> tuple[Difference, ...]:
        found = [
            Difference(times[-1][1], len(times), times[0][0], times[-1][0])
            for times in self.seen.values()
        ]
        return tuple(sorted(found, key=lambda d: (-d.finding.severity.rank, d.finding.uid)))


def over_days(world: "World", *, before: "PolicySet", after: "PolicySet", days: float) -> Backtest:
    """Compare two policy sets on the scans of the last so many days."""
    from app.world import utc_now

    times = world.store.scan_times(since=utc_now() - timedelta(days=days))
    return _compare(world, before, after, _thinned(times))


def on_latest(world: "World", *, before: "PolicySet", after: "PolicySet") -> Backtest | None:
    """Compare two policy sets on the last scan; None where there was none."""
    latest = world.store.latest_snapshot()
    return _compare(world, before, after, (latest.taken_at,)) if latest else None


def _compare(
    world: "World", before: "PolicySet", after: "PolicySet", times: Sequence[datetime]
) -> Backtest:
    flagged, cleared, gaps = _Tally(), _Tally(), []
    before, after = _own(before), _own(after)
    for at in times:
        snapshot = world.store.snapshot_at(at)
        if snapshot is None:
            continue
        old, old_gaps = _open(_check(world, before, at), snapshot)
        new, new_gaps = _open(_check(world, after, at), snapshot)
        flagged.add(at, [each for uid, each in new.items() if uid not in old])
        cleared.add(at, [each for uid, each in old.items() if uid not in new])
        gaps += [*old_gaps, *new_gaps]
    unique = tuple(dict.fromkeys(gaps))
    return Backtest(flagged.differences(), cleared.differences(), tuple(times), unique)


def _own(policy_set: "PolicySet") -> "PolicySet":
    """Return a company's own policies of a set: the shipped are the same on both sides."""
    import policies

    shipped = policies.load().commit
    own = tuple(each for each in policy_set.policies if each.commit != shipped)
    return replace(policy_set, policies=own)


def _check(world: "World", policy_set: "PolicySet", at: datetime) -> Check:
    import policies

    return policies.check(policy_set, estate=world.settings.estate.estate(), clock=lambda: at)


def _open(check: Check, snapshot: Snapshot) -> tuple[dict[str, Finding], list[Gap]]:
    findings: dict[str, Finding] = {}
    gaps: list[Gap] = []
    for said in check(snapshot):
        if isinstance(said, Gap):
            gaps.append(said)
        elif said.status is Status.OPEN:
            findings[said.uid] = said
    return findings, gaps


def _thinned(times: Sequence[datetime]) -> tuple[datetime, ...]:
    if len(times) <= SCANS_MAX:
        return tuple(times)
    step = (len(times) - 1) / (SCANS_MAX - 1)
    return tuple(times[round(number * step)] for number in range(SCANS_MAX))

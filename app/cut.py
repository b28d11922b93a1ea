"""Which findings' fixes end which attack paths: each fix is tried on the snapshot, and the search repeated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.log import logger
from core.place import places, unit
from core.types import Cut, Estate, Finding, Resource, Snapshot, Status
from detectors import PATH_CHECKS, path_key

SEARCHES_MAX = 12
"""Fixes tried in one scan, the worst findings first: a search costs up to two seconds in a large estate."""
_PERMISSIONS = frozenset({"AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission"})
"""Types that are a grant as a whole: without it they are not there."""
_SHOWN = 3


def cuts(findings: Sequence[Finding], snapshot: Snapshot, *, estate: Estate) -> tuple[Cut, ...]:
    """Return, for each attack path found, the fixes that leave the fewest ways; three at most."""
    paths = [f for f in findings if f.check_id in PATH_CHECKS]
    if not paths:
        return ()
    tried = _candidates(findings, paths)
    if len(tried) > SEARCHES_MAX:
        logger().info("cuts_not_all_tried", candidates=len(tried), tried=SEARCHES_MAX)
    before = _ways(snapshot, estate)
    made: list[Cut] = []
    for finding in tried[:SEARCHES_MAX]:
        changed, by_fix = _without(finding, snapshot, estate)
        if changed is not None:
            after = _ways(changed, estate)
            made += _ended(finding, paths, before, after, by_fix=by_fix)
    return tuple(each for path in paths for each in _best(path, made))


def _best(path: Finding, made: Sequence[Cut]) -> list[Cut]:
    own = [each for each in made if each.path_uid == path.uid]
    return sorted(own, key=lambda c: (c.left, not c.by_fix, c.check_id, c.finding_uid))[:_SHOWN]


def _candidates(findings: Sequence[Finding], paths: Sequence[Finding]) -> list[Finding]:
    """Return the open findings on what the first way of a path leads through, worst first."""
    touched = {
        place.partition("|")[0]
        for path in paths
        for hop in path.evidence.ways[0]
        for place in (
            hop.source.uid,
            hop.target.uid.removeprefix("data|"),
            *(quote.resource_uid for quote in hop.quotes),
        )
    }
    found = [
        f
        for f in findings
        if f.check_id not in PATH_CHECKS
        and f.status is Status.OPEN
        and not f.hygiene
        and f.resource_uid.partition("|")[0] in touched
    ]
    return sorted(found, key=lambda f: (-f.severity.rank, f.check_id, f.uid))


Way = tuple[tuple[str, str], ...]


def _ways(snapshot: Snapshot, estate: Estate) -> Mapping[tuple[str, str], frozenset[Way]]:
    """Return the ways to each target, by the check of the path and the target."""
    from graph.path import attack_paths

    return {
        path_key(path): frozenset(
            tuple((edge.source, edge.target) for edge in way.edges) for way in path.ways
        )
        for path in attack_paths(snapshot, estate=estate).found
    }


def _ended(
    finding: Finding,
    paths: Sequence[Finding],
    before: Mapping[tuple[str, str], frozenset[Way]],
    after: Mapping[tuple[str, str], frozenset[Way]],
    *,
    by_fix: bool,
) -> Iterator[Cut]:
    for path in paths:
        key = (path.check_id, path.resource_uid)
        ways, left = before.get(key, frozenset()), after.get(key, frozenset())
        if ends := ways - left:
            yield Cut(
                path_uid=path.uid,
                path_target=path.resource_name,
                finding_uid=finding.uid,
                check_id=finding.check_id,
                resource_name=finding.resource_name,
                resource_type=finding.resource_type,
                ends=len(ends),
                ways=len(ways),
                left=len(left),
                by_fix=by_fix,
            )


def _without(finding: Finding, snapshot: Snapshot, estate: Estate) -> tuple[Snapshot | None, bool]:
    """Return the snapshot as the fix would leave it, and whether a blueprint says so."""
    import remediation

    resource = next((r for r in snapshot.resources if r.uid == finding.resource_uid), None)
    if resource is None:
        return None, False
    fixed = remediation.outcome(finding, properties=resource.properties, estate=estate)
    if fixed is not None:
        return _replaced(snapshot, resource, replace(resource, properties=fixed)), True
    if resource.type in _PERMISSIONS:
        return _replaced(snapshot, resource, None), False
    return _taken_away(finding, snapshot), False


def _taken_away(finding: Finding, snapshot: Snapshot) -> Snapshot | None:
    """Return the snapshot without the statements or list items that a finding is about."""
    changed = snapshot
    units = {(uid, unit(location)) for uid, location in places(finding) if unit(location)}
    # the last first, so that the numbers of the others stay true
    for uid, steps in sorted(units, key=lambda each: _numbers(each[1]), reverse=True):
        resource = next((r for r in changed.resources if r.uid == uid), None)
        if resource is not None:
            lessened = replace(resource, properties=_dropped(resource.properties, steps))
            changed = _replaced(changed, resource, lessened)
    return changed if changed is not snapshot else None


def _numbers(steps: Sequence[str]) -> list[int]:
    return [int(step) for step in steps if step.isdigit()]


def _replaced(snapshot: Snapshot, resource: Resource, by: Resource | None) -> Snapshot:
    kept = [
        by if each.uid == resource.uid else each
        for each in snapshot.resources
        if by is not None or each.uid != resource.uid
    ]
    return replace(snapshot, resources=tuple(each for each in kept if each is not None))


def _dropped(value: Any, steps: Sequence[str]) -> Any:
    head, rest = steps[0], steps[1:]
    if isinstance(value, Mapping) and head in value:
        return {**value, head: _dropped(value[head], rest)}
    if isinstance(value, Sequence) and not isinstance(value, str) and head.isdigit():
        number = int(head)
        if number >= len(value):
            return value
        if not rest:
            return [each for n, each in enumerate(value) if n != number]
        return [_dropped(each, rest) if n == number else each for n, each in enumerate(value)]
    return value

"""Violations that are to come: computed where the date alone decides, forecast where change does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app import history
from core.compliance import Due
from core.types import Finding, Resource, Status
from detectors import Forecast, forecast

if TYPE_CHECKING:
    from app.world import World
    from policies import PolicySet

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is due, and what is forecast, within a horizon."""

    horizon: timedelta
    due: tuple[Due, ...]
    forecast: Forecast


def outlook(world: "World", *, horizon: timedelta, now: datetime, folder: Path | None) -> Outlook:
    """Look ahead for the templates of a repository's folder, or else for the scanned estate."""
    if folder is None:
        snapshot = world.store.latest_snapshot()
        resources = snapshot.resources if snapshot else ()
        past = history.of_scans(world)
    else:
        resources = _templates(world, folder)
        past = history.of_repository(world, folder)
    return Outlook(
        horizon,
        due(world, resources, horizon=horizon, now=now),
        forecast(past, horizon=horizon, now=now),
    )


def _templates(world: "World", folder: Path) -> tuple[Resource, ...]:
    import templates
    from app.templating import template_files
    from core.errors import UnreadableTemplate

    found: list[Resource] = []
    for path, name in template_files([folder]):
        try:
            read = templates.read(path.read_bytes(), file=name, secret_key=world.secret_key)
        except UnreadableTemplate:
            continue  # `plumbline check` names it
        found += read.resources
    return tuple(found)


def due(
    world: "World", resources: Sequence[Resource], *, horizon: timedelta, now: datetime
) -> tuple[Due, ...]:
    """Return the findings that come with time alone, each with its first day."""
    timeless = history.timeless(world.policy_set)
    dated = replace(
        world.policy_set,
        policies=tuple(p for p in world.policy_set.policies if p.control not in timeless),
    )
    present = _open(world, dated, resources, now)
    coming = {
        uid: finding
        for uid, finding in _open(world, dated, resources, now + horizon).items()
        if uid not in present
    }
    days = _first_days(world, dated, resources, tuple(coming.values()), now=now, horizon=horizon)
    found = [Due(finding, days[uid]) for uid, finding in coming.items()]
    return tuple(sorted(found, key=lambda each: (each.on, each.finding.uid)))


def _first_days(  # noqa: PLR0913 - the search needs what the evaluation needs
    world: "World",
    dated: "PolicySet",
    resources: Sequence[Resource],
    coming: Sequence[Finding],
    *,
    now: datetime,
    horizon: timedelta,
) -> Mapping[str, datetime]:
    """Find each first day by halving: what time alone brings about, it does not take back.

    All findings share an evaluation of a day, of nothing but their resources and what those need.
    """
    from policies.model import related_types

    checks = {each.check_id for each in coming}
    concerned = replace(dated, policies=tuple(p for p in dated.policies if p.check_id in checks))
    uids = {each.resource_uid for each in coming}
    types = related_types(concerned.policies)
    needed = tuple(r for r in resources if r.uid in uids or types is None or r.type in types)

    @cache
    def opened(day: int) -> frozenset[str]:
        return frozenset(_open(world, concerned, needed, now + day * _DAY))

    last = horizon // _DAY + 1
    return {
        each.uid: now + _first(lambda day, uid=each.uid: uid in opened(day), last) * _DAY  # type: ignore[misc]
        for each in coming
    }


def _first(holds: Callable[[int], bool], last: int) -> int:
    """Return the first number up to `last` for which something holds that then goes on to hold."""
    before, after = 0, last
    while after - before > 1:
        middle = (before + after) // 2
        if holds(middle):
            after = middle
        else:
            before = middle
    return after


def _open(
    world: "World", policy_set: "PolicySet", resources: Sequence[Resource], at: datetime
) -> dict[str, Finding]:
    import policies

    estate = world.settings.estate.estate()
    said = policies.evaluate(policy_set, resources, estate=estate, now=at)
    return {
        each.uid: each for each in said if isinstance(each, Finding) and each.status is Status.OPEN
    }

"""Violations that are to come: computed where the date alone decides, forecast where change does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    found = [
        Due(finding, _first_day(world, dated, resources, finding, now=now, horizon=horizon))
        for finding in coming.values()
    ]
    return tuple(sorted(found, key=lambda each: (each.on, each.finding.uid)))


def _first_day(  # noqa: PLR0913 - the search needs what the evaluation needs
    world: "World",
    dated: "PolicySet",
    resources: Sequence[Resource],
    finding: Finding,
    *,
    now: datetime,
    horizon: timedelta,
) -> datetime:
    """Find the first day by halving: what time alone brings about, it does not take back."""
    concerned = replace(
        dated, policies=tuple(p for p in dated.policies if p.check_id == finding.check_id)
    )
    before, after = 0, horizon // _DAY + 1
    while after - before > 1:
        middle = (before + after) // 2
        if finding.uid in _open(world, concerned, resources, now + middle * _DAY):
            after = middle
        else:
            before = middle
    return now + after * _DAY


def _open(
    world: "World", policy_set: "PolicySet", resources: Sequence[Resource], at: datetime
) -> dict[str, Finding]:
    import policies

    estate = world.settings.estate.estate()
    said = policies.evaluate(policy_set, resources, estate=estate, now=at)
    return {
        each.uid: each for each in said if isinstance(each, Finding) and each.status is Status.OPEN
    }

"""The history that forecasts learn from: templates in Git, or the scans of this home."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UnreadableTemplate, UsageError
from core.types import Estate, Finding, Resource, Status
from detectors import Observation

if TYPE_CHECKING:
    from app.world import World
    from policies import PolicySet

VERSIONS_MAX = 5_000
SCANS_MAX = 60
_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_GIT_S = 120
_SEPARATOR = "\x1e"


@dataclass(frozen=True, slots=True)
class Version:
    """A template as a commit left it. `text` None says that the commit deleted it."""

    path: str
    at: datetime
    text: bytes | None


def timeless(policy_set: "PolicySet") -> frozenset[str]:
    """Return the controls whose verdict does not hang on the date; what does is computed, not learned."""
    dated = {m.package for m in policy_set.modules if "input.now" in m.text}
    needs = {
        m.package
        for m in policy_set.modules
        if any(f"data.{package}" in m.text for package in dated)
    }
    return frozenset(p.control for p in policy_set.policies if p.package not in dated | needs)


def observe(
    policy_set: "PolicySet", unit: str, at: datetime, resources: Sequence[Resource], estate: Estate
) -> Observation:
    """Return which controls concern a unit, and which of its resources violate them."""
    import policies

    controls = timeless(policy_set)
    said = policies.evaluate(policy_set, resources, estate=estate, now=at)
    violations = frozenset(
        (each.control, each.resource_uid)
        for each in said
        if isinstance(each, Finding) and each.status is Status.OPEN and each.control in controls
    )
    types = {resource.type for resource in resources}
    applicable = frozenset(
        policy.control
        for policy in policy_set.policies
        if policy.control in controls and any(policy.applies_to(kind) for kind in types)
    )
    return Observation(unit, at, applicable, violations)


def of_repository(world: "World", folder: Path) -> tuple[Observation, ...]:
    """Read every version of the templates under a folder of a Git repository.

    Raises: UsageError when the folder is in no repository.
    """
    import templates

    latest: dict[str, datetime] = {}
    found: list[Observation] = []
    estate = world.settings.estate.estate()
    for version in versions(folder):
        # Branches that were merged later put dates out of order; the order of history counts.
        at = max(version.at, latest.get(version.path, version.at))
        latest[version.path] = at
        resources: Sequence[Resource] = ()
        if version.text is not None:
            try:
                template = templates.read(
                    version.text, file=version.path, secret_key=world.secret_key
                )
            except UnreadableTemplate:
                continue  # a version that never was a template, or that nobody could deploy
            resources = template.resources
        found.append(observe(world.policy_set, version.path, at, resources, estate))
    return tuple(found)


def versions(folder: Path) -> Iterator[Version]:
    """Yield the versions of the files under a folder that may be templates, oldest first."""
    log = _git(
        folder, "log", "--reverse", "--no-merges", "--no-renames", "--name-only",
        f"--format={_SEPARATOR}%H %ct", "--relative", "--", *(f"*{each}" for each in _SUFFIXES),
    )  # fmt: skip
    count = 0
    for entry in log.decode("utf-8", "replace").split(_SEPARATOR)[1:]:
        head, *names = filter(None, entry.splitlines())
        commit, _, seconds = head.partition(" ")
        at = datetime.fromtimestamp(int(seconds), UTC)
        for name in names:
            count += 1
            if count > VERSIONS_MAX:
                return
            yield Version(name, at, _blob(folder, commit, name))


def _blob(folder: Path, commit: str, name: str) -> bytes | None:
    done = _run(folder, "show", f"{commit}:./{name}")
    return done.stdout if done.returncode == 0 else None


def _git(folder: Path, *arguments: str) -> bytes:
    done = _run(folder, *arguments)
    if done.returncode != 0:
        raise UsageError(f"{folder} is not in a Git repository with a history.")
    return done.stdout


def _run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            ["git", "-c", "core.quotePath=false", *arguments],
            cwd=folder,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            capture_output=True,
            timeout=_GIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"The history of {folder} cannot be read by git.") from error


def of_scans(world: "World") -> tuple[Observation, ...]:
    """Read the stored scans: each resource with its parts is a unit."""
    epoch = datetime.fromtimestamp(0, UTC)
    found: list[Observation] = []
    last: dict[str, tuple[Resource, ...]] = {}
    for at in world.store.scan_times(since=epoch)[-SCANS_MAX:]:
        snapshot = world.store.snapshot_at(at)
        units: dict[str, list[Resource]] = {}
        for resource in snapshot.resources if snapshot else ():
            units.setdefault(resource.uid.partition("|")[0], []).append(resource)
        now = {unit: tuple(resources) for unit, resources in units.items()}
        changed = {unit for unit, resources in now.items() if last.get(unit) != resources}
        last.update(now)
        if changed:
            found += (each for each in _observed(world, now, at) if each.unit in changed)
    return tuple(found)


def _observed(
    world: "World", units: Mapping[str, Sequence[Resource]], at: datetime
) -> Iterator[Observation]:
    """Judge a scan in one go: what is true of one resource may hang on another."""
    every = [resource for resources in units.values() for resource in resources]
    judged = observe(world.policy_set, "", at, every, world.settings.estate.estate())
    for unit, resources in units.items():
        kinds = {resource.type for resource in resources}
        applicable = frozenset(
            policy.control
            for policy in world.policy_set.policies
            if policy.control in judged.applicable and any(map(policy.applies_to, kinds))
        )
        uids = {resource.uid for resource in resources}
        violations = frozenset(each for each in judged.violations if each[1] in uids)
        yield Observation(unit, at, applicable, violations)

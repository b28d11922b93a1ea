"""Check templates on disk: find them, read them, run the policies, assess what was found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import exceptions
from app.world import World, utc_now
from core.errors import UnreadableTemplate, UsageError
from core.scan import environment_of, risk_order
from core.types import Card, Finding, Gap, Resource, Snapshot

if TYPE_CHECKING:
    from templates import Skip

_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})
_SKIPPED_FOLDERS = frozenset({".git", ".venv", "node_modules", ".aws-sam", ".terraform", "cdk.out"})
_MARKERS = (b"Resources", b"AWSTemplateFormatVersion", b"AWS::Serverless")
_SIZE_MAX_BYTES = (
    5 * 1024 * 1024
)  # CloudFormation takes 1 MB from S3; five times that is no template


@dataclass(frozen=True, slots=True)
class Checked:
    """What the policies say of some templates."""

    cards: tuple[Card, ...]
    gaps: tuple[Gap, ...]
    templates: int
    resources: int
    unreadable: int


def template_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each template and its name relative to the path that was given."""
    for given in paths:
        if given.is_file():
            yield given, given.name
            continue
        for path in sorted(given.rglob("*")):
            relative = path.relative_to(given)
            hidden = _SKIPPED_FOLDERS.intersection(relative.parts)
            if path.suffix in _SUFFIXES and path.is_file() and not hidden and _may_be(path):
                yield path, relative.as_posix()


def _may_be(path: Path) -> bool:
    if path.stat().st_size > _SIZE_MAX_BYTES:
        return False
    data = path.read_bytes()
    return _MARKERS[0] in data and any(marker in data for marker in (b"AWS::", *_MARKERS[1:]))


def check_templates(
    world: World, paths: Sequence[Path], *, tick: Callable[[], None] = lambda: None
) -> Checked:
    """Read and check every template; one that cannot be read is a gap."""
    import policies
    import templates

    estate = world.settings.estate.estate()
    key = world.secret_key
    findings: list[Finding] = []
    gaps: list[Gap] = []
    resources: list[Resource] = []
    groups: list[Sequence[Resource]] = []
    left_out: dict[str, Mapping[str, Sequence[Skip]]] = {}
    count = unreadable = 0
    for path, name in template_files(paths):
        count += 1
        tick()
        try:
            template = templates.read(path.read_bytes(), file=name, secret_key=key)
        except UnreadableTemplate as error:
            unreadable += 1
            gaps.append(Gap("template", "failed", f"{name}: {error}", resource_uid=name))
            continue
        resources += template.resources
        left_out[name] = templates.skips(template)
        groups.append(template.resources)
    for each in policies.evaluate_each(world.policy_set, groups, estate=estate, now=utc_now()):
        if isinstance(each, Gap):
            gaps.append(each)
        else:
            findings.append(_as_decided(each, left_out))
    _require_something(paths, count)
    cards = _cards(world, findings, resources, gaps)
    return Checked(cards, tuple(gaps), count, len(resources), unreadable)


def _as_decided(
    finding: Finding, left_out: Mapping[str, Mapping[str, Sequence["Skip"]]]
) -> Finding:
    """Return a finding as the skip comments on its declaration leave it."""
    span = finding.source
    return (
        exceptions.skipped(finding, left_out[span.file].get(span.address, ())) if span else finding
    )


def _require_something(paths: Sequence[Path], count: int) -> None:
    if not count:
        named = ", ".join(str(path) for path in paths)
        raise UsageError(f"There is no CloudFormation or SAM template in {named}.")


def _cards(
    world: World, findings: Sequence[Finding], resources: Sequence[Resource], gaps: Sequence[Gap]
) -> tuple[Card, ...]:
    now = utc_now()
    estate = world.settings.estate.estate()
    snapshot = Snapshot("templates", now, tuple(resources), tuple(gaps))
    unique = {each.uid: each for each in findings}
    assessed = {
        each.finding_uid: each
        for each in world.models.assess(tuple(unique.values()), snapshot, estate=estate, now=now)
    }
    by_uid = {resource.uid: resource for resource in resources}
    cards = [
        Card(
            finding=replace(each, first_seen=now, last_seen=now),
            assessment=assessed.get(each.uid),
            environment=environment_of(by_uid.get(each.resource_uid), estate),
        )
        for each in unique.values()
    ]
    return tuple(sorted(cards, key=risk_order))

"""Check templates on disk: find them, read them, run the policies, assess what was found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import exceptions, reading, terraform
from app.world import World, utc_now
from core.errors import UsageError
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


Read = Callable[..., Iterator[reading.Reading]]
"""`reading.read_here` or `reading.read_apart`."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the policies say of some templates."""

    cards: tuple[Card, ...]
    gaps: tuple[Gap, ...]
    templates: int
    resources: int
    unreadable: int
    notes: tuple[str, ...] = ()


def template_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each CloudFormation or SAM template and its name relative to the path that was given."""
    for given in paths:
        if given.is_file():
            if not terraform.is_terraform(given):
                yield given, given.name
            continue
        for path in sorted(given.rglob("*")):
            relative = path.relative_to(given)
            hidden = _SKIPPED_FOLDERS.intersection(relative.parts)
            fits = path.suffix in _SUFFIXES and not terraform.is_terraform(path)
            if fits and path.is_file() and not hidden and _may_be(path):
                yield path, relative.as_posix()


def _may_be(path: Path) -> bool:
    if path.stat().st_size > _SIZE_MAX_BYTES:
        return False
    data = path.read_bytes()
    return _MARKERS[0] in data and any(marker in data for marker in (b"AWS::", *_MARKERS[1:]))


def check_templates(
    world: World, paths: Sequence[Path], *, read: Read = reading.read_here
) -> Checked:
    """Read and check every template and Terraform module; one that cannot be read is a gap."""
    done = list(read(_sources(paths), secret_key=world.secret_key))
    require_something(paths, done)
    return check_readings(world, done)


def check_readings(world: World, done: Sequence[reading.Reading]) -> Checked:
    """Check what was read of templates and Terraform modules."""
    import policies

    groups = [group for each in done for group in each.groups]
    lost = [gap for each in done for gap in each.gaps]
    left_out = {
        (found.resource_uid, found.address): found.skips for each in done for found in each.left_out
    }
    findings, gaps = [], list(lost)
    estate = world.settings.estate.estate()
    for said in policies.evaluate_each(world.policy_set, groups, estate=estate, now=utc_now()):
        if isinstance(said, Gap):
            gaps.append(said)
        else:
            findings.append(_as_decided(said, left_out))
    resources = [resource for group in groups for resource in group]
    return Checked(
        cards=_cards(world, findings, resources, gaps),
        gaps=tuple(gaps),
        templates=sum(each.templates for each in done),
        resources=len(resources),
        unreadable=len(lost),
        notes=tuple(note for each in done for note in each.notes),
    )


def _sources(paths: Sequence[Path]) -> Iterator[reading.Source]:
    for given in paths:
        # One path keeps its own uids; several may hold files of one name.
        repository = given.as_posix() if len(paths) > 1 else ""
        for path, name in template_files([given]):
            yield reading.Source(path, name, repository)
        yield reading.Source(given, given.name, repository, terraform=True)


def _as_decided(finding: Finding, left_out: Mapping[tuple[str, str], Sequence["Skip"]]) -> Finding:
    """Return a finding as the skip comments on its declaration leave it."""
    address = finding.source.address if finding.source else ""
    skips = left_out.get((finding.resource_uid, address), ())
    return exceptions.skipped(finding, skips, now=utc_now())


def require_something(paths: Sequence[Path], done: Sequence[reading.Reading]) -> None:
    """Raise UsageError where nothing was found to be read."""
    if not any(each.templates for each in done):
        named = ", ".join(str(path) for path in paths)
        raise UsageError(f"There is no CloudFormation, SAM or Terraform template in {named}.")


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

"""Check templates on disk: find them, read them, run the policies, assess what was found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import exceptions, terraform
from app.world import World, utc_now
from core.errors import UnreadableTemplate, UsageError
from core.scan import environment_of, risk_order
from core.types import Card, Finding, Gap, Resource, Snapshot, SourceSpan

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
    world: World, paths: Sequence[Path], *, tick: Callable[[], None] = lambda: None
) -> Checked:
    """Read and check every template and Terraform module; one that cannot be read is a gap."""
    import policies

    read = _Read(world)
    for given in paths:
        # One path keeps its own uids; several may hold files of one name.
        repository = given.as_posix() if len(paths) > 1 else ""
        for path, name in template_files([given]):
            tick()
            read.template(path, name, repository)
        tick()
        read.terraform(given, repository)
    _require_something(paths, read.count)
    findings: list[Finding] = []
    for each in policies.evaluate_each(
        world.policy_set, read.groups, estate=world.settings.estate.estate(), now=utc_now()
    ):
        if isinstance(each, Gap):
            read.gaps.append(each)
        else:
            findings.append(read.as_decided(each))
    resources = [resource for group in read.groups for resource in group]
    return Checked(
        cards=_cards(world, findings, resources, read.gaps),
        gaps=tuple(read.gaps),
        templates=read.count,
        resources=len(resources),
        unreadable=read.unreadable,
        notes=tuple(read.notes),
    )


class _Read:
    """What has been read so far: the resources of each template or module, and what was not."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.groups: list[Sequence[Resource]] = []
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self.count = self.unreadable = 0
        self._left_out: dict[tuple[str, str], Sequence[Skip]] = {}

    def template(self, path: Path, name: str, repository: str) -> None:
        """Read one CloudFormation or SAM template."""
        import templates

        self.count += 1
        try:
            template = templates.read(
                path.read_bytes(),
                file=name,
                repository=repository,
                secret_key=self._world.secret_key,
            )
        except UnreadableTemplate as error:
            self._lost(name, error)
            return
        self.notes += [f"{name}: {note}" for note in template.notes]
        skips = templates.skips(template)
        self._add(template.resources, lambda span: skips.get(span.address, ()))

    def terraform(self, given: Path, repository: str) -> None:
        """Read the Terraform modules under a path."""
        from templates import comments
        from templates.terraform import read_tree

        try:
            files = terraform.tree(given)
        except UnreadableTemplate as error:
            self.count += 1
            self._lost(given.name, error)
            return
        if not files:
            return
        tree = read_tree(files, repository=repository, secret_key=self._world.secret_key)
        self.count += len(tree.modules) + len(tree.unreadable)
        for directory, reason in tree.unreadable.items():
            self._lost(directory or given.name, reason)
        for module in tree.modules:
            place = module.directory or given.name
            self.notes += [f"{place}: {note}" for note in module.notes]
            self._add(module.resources, lambda span: comments(files[span.file], span))

    def _add(
        self, resources: Sequence[Resource], skips: "Callable[[SourceSpan], Sequence[Skip]]"
    ) -> None:
        """Keep the resources, and what skip comments on their declarations leave out."""
        self.groups.append(resources)
        for resource in resources:
            for span in filter(None, {resource.source, *resource.places.values()}):
                if found := skips(span):
                    self._left_out[resource.uid, span.address] = found

    def as_decided(self, finding: Finding) -> Finding:
        """Return a finding as the skip comments on its declaration leave it."""
        address = finding.source.address if finding.source else ""
        return exceptions.skipped(finding, self._left_out.get((finding.resource_uid, address), ()))

    def _lost(self, name: str, reason: object) -> None:
        self.unreadable += 1
        self.gaps.append(Gap("template", "failed", f"{name}: {reason}", resource_uid=name))


def _require_something(paths: Sequence[Path], count: int) -> None:
    if not count:
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

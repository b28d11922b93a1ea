"""Pair live resources with their declarations, and say which side of a pair changed last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core import drift
from core.errors import ForgeError, NotFound, SettingsError, UnreadableTemplate
from core.ports import Check
from core.types import Finding, Gap, Link, Resource, Snapshot

if TYPE_CHECKING:
    from app.world import World
    from detectors.drift import Pair
    from templates import Template
    from templates.difference import Difference, Names

_FROM = datetime(2000, 1, 1, tzinfo=UTC)
_STACK_TAG, _LOGICAL_TAG = "aws:cloudformation:stack-name", "aws:cloudformation:logical-id"
_TERRAFORM = (".tf", ".tf.json")
_KEPT = 500
"""Templates that are kept read; a recheck compares all of them again."""


def check(world: "World", *, links: Sequence[Link] | None = None) -> Check:
    """Return the check for drift of linked resources; without `links`, of those that are stored."""
    from detectors.drift import drifted

    def compare(snapshot: Snapshot) -> "Iterator[Finding | Gap]":
        known = world.store.links() if links is None else links
        pairing = _Pairing(world, snapshot, known)
        return drifted(lambda _: pairing.pairs(), pairing.ahead)(snapshot)

    return compare


@dataclass(slots=True)
class _Pairing:
    """Asks for each branch once for one snapshot; a template is read once for each commit of it."""

    world: "World"
    snapshot: Snapshot
    links: Sequence[Link]
    _heads: dict[str, str] = field(default_factory=dict)
    _templates: dict[tuple[str, str, str, str], "Template | Gap"] = field(default_factory=dict)

    def ahead(self, pair: "Pair", found: "Sequence[Difference]") -> drift.Ahead:
        """Say which side of a pair changed last."""
        repository, path = pair.link.repository, pair.link.path
        committed = self.world.forge_of(repository).changed_at(path, commit=self._head(repository))
        return drift.ahead(committed, _seen(self.world, pair, found), pair.live.changed_at)

    def _head(self, repository: str) -> str:
        """Return the head of the branch that is deployed; asking may fetch from afar."""
        if repository not in self._heads:
            branches = {each.name: each.branch for each in self.world.settings.repository}
            forge = self.world.forge_of(repository)
            self._heads[repository] = forge.head(branches.get(repository, "main"))
        return self._heads[repository]

    def pairs(self) -> "Iterator[Pair | Gap]":
        by_uid = {each.uid: each for each in self.snapshot.resources}
        links = [each for each in self.links if each.live_uid in by_uid]
        told: set[str] = set()
        for link in links:
            live = by_uid[link.live_uid]
            if link.generated_by or "." not in link.path.rpartition("/")[2]:
                continue  # a folder is Terraform, whose plan knows its own drift
            if link.path.endswith(_TERRAFORM):
                continue
            template = self._template(link, live)
            if isinstance(template, Gap):
                if template.detail not in told:
                    told.add(template.detail)
                    yield template
            elif pair := self._pair(link, live, template, links, by_uid):
                yield pair

    def _template(self, link: Link, live: Resource) -> "Template | Gap":
        key = (link.repository, link.path, live.account, live.region)
        if key not in self._templates:
            self._templates[key] = self._read(*key)
        return self._templates[key]

    def _read(self, repository: str, path: str, account: str, region: str) -> "Template | Gap":
        """Read a template; what a stack's parameters are is not known, so their values are not."""
        import templates

        world, known = self.world, self.world.declared_at
        try:
            head = self._head(repository)
            key = (repository, path, head, account, region)
            if key in known:
                return known[key]
            data = world.forge_of(repository).file(path, commit=head)
            first = templates.read(
                data, file=path, repository=repository, secret_key=world.secret_key
            )
            template = templates.read(
                data, file=path, repository=repository, secret_key=world.secret_key,
                parameters=first.unknown_parameters, account=account, region=region,
            )  # fmt: skip
        except (NotFound, ForgeError, SettingsError, UnreadableTemplate) as error:
            detail = f"{repository}/{path} cannot be read: {error}"
            return Gap(drift.CHECK_ID, "failed", detail, account, region)
        if len(known) >= _KEPT:
            known.clear()
        known[key] = template
        return template

    def _pair(
        self,
        link: Link,
        live: Resource,
        template: "Template",
        links: Sequence[Link],
        by_uid: Mapping[str, Resource],
    ) -> "Pair | None":
        from detectors.drift import Pair

        declared = [
            each
            for each in template.resources
            if each.type == live.type and each.source and each.source.address == link.address
        ]
        if len(declared) != 1:
            return None  # SAM makes several of a type out of one: which is this one is not said
        return Pair(
            live=live,
            declared=declared[0],
            link=link,
            names=_names(live, link, links, by_uid),
            restore=restore_of(live, link),
            seen_at=self.snapshot.taken_at,
        )


def _names(
    live: Resource, link: Link, links: Sequence[Link], by_uid: Mapping[str, Resource]
) -> "Names":
    """Return what references of a template may stand for in the stack of a resource."""
    stack = live.tags.get(_STACK_TAG, "")
    pseudo = {
        "AWS::Partition": live.partition,
        "AWS::AccountId": live.account,
        "AWS::Region": live.region,  # a role, say, is of none: its stack's is not known
        "AWS::StackName": stack,
    }
    names: dict[str, tuple[str, ...]] = {name: (v,) for name, v in pseudo.items() if v}
    for each in links:
        other = by_uid[each.live_uid]
        is_near = (each.repository, each.path) == (link.repository, link.path)
        is_other_stack = stack and other.tags.get(_STACK_TAG, stack) != stack
        if is_near and "|" not in other.uid and not is_other_stack:
            called = tuple(dict.fromkeys((other.uid, other.name, *other.aliases)))
            logical = other.tags.get(_LOGICAL_TAG) or each.address
            names[logical] = names.get(logical, ()) + called
            names[f"{logical}.Arn"] = names[logical]
    return names


def restore_of(live: Resource, link: Link) -> str:
    """Return the command that deploys what is declared where a stack's tag names the stack.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
    (DeploymentMode), read 2026-11-25. Deploying an unchanged template changes nothing otherwise.
    """
    stack = live.tags.get(_STACK_TAG, "")
    if not stack:
        return f"deploy {link.path} again with its drift reverted"
    region = f" --region {live.region}" if live.region else ""
    return (
        f"aws cloudformation create-change-set --stack-name {stack} --change-set-name restore-declared "
        f"--use-previous-template --deployment-mode REVERT_DRIFT{region}, then execute-change-set; "
        "parameters with --parameters ParameterKey=NAME,UsePreviousValue=true"
    )


def _seen(world: "World", pair: "Pair", found: "Sequence[Difference]") -> drift.Seen | None:
    """Return since when the live values that differ are as they are now."""
    from templates.difference import same

    def has_them(resource: Resource) -> bool:
        return all(same(_at(resource, each.path), each.live, {}) is True for each in found)

    versions = [(at, has_them(each)) for at, each in world.store.history(pair.live.uid)]
    versions.append((pair.seen_at, True))  # what is read now is recorded only after it was checked
    return drift.since(versions, world.store.scan_times(since=_FROM))


def _at(resource: Resource, path: Sequence[str]) -> object:
    value: object = resource.properties
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value

"""Tie a snapshot's resources to the code that declares them, by evidence only."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.world import World
from core.types import Link, Resource, Snapshot

_DECLARABLE_ELSEWHERE = frozenset({"AWS::CloudFormation::Stack"})


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What is linked, what a tool generated, and what nothing claims."""

    links: tuple[Link, ...]
    unlinked: tuple[Resource, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Count linked, generated (advice only) and unlinked resources."""
        generated = sum(bool(each.generated_by) for each in self.links)
        return {
            "linked": len(self.links) - generated,
            "generated": generated,
            "unlinked": len(self.unlinked),
        }


def link(world: World, snapshot: Snapshot) -> tuple[Link, ...]:
    """Return the links of a snapshot's resources."""
    return report(world, snapshot).links


def report(world: World, snapshot: Snapshot) -> LinkReport:
    """Return the links, and the resources that no evidence ties to code."""
    from remediation import link as linking

    settings = world.settings.link
    sources = linking.read_sources(settings.sources.expanduser()) if settings.sources else ()
    states = tuple(path.expanduser() for path in settings.terraform_states)
    links = tuple(
        linking.link(
            snapshot,
            sources,
            forges=world.forges,
            branches={each.name: each.branch for each in world.settings.repository},
            terraform_states=states,
            secret_key=world.secret_key,
        )
    )
    claimed = {each.live_uid for each in links}
    unlinked = tuple(
        resource
        for resource in snapshot.resources
        if resource.uid not in claimed
        and resource.uid.partition("|")[0] not in claimed
        and resource.type not in _DECLARABLE_ELSEWHERE
    )
    return LinkReport(links, unlinked)

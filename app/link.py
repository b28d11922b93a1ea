"""Tie a snapshot's resources to the code that declares them, by evidence only."""

from dataclasses import replace
from typing import TYPE_CHECKING

from app.world import World
from core.types import Link, Snapshot

if TYPE_CHECKING:
    from remediation import LinkReport


def link(world: World, snapshot: Snapshot) -> tuple[Link, ...]:
    """Return the links of a snapshot's resources."""
    return report(world, snapshot).links


def report(world: World, snapshot: Snapshot) -> "LinkReport":
    """Return the links, and what no evidence ties to code. Raises: SettingsError."""
    from remediation import link as linking

    settings = world.settings.link
    sources = linking.read_sources(settings.sources.expanduser()) if settings.sources else ()
    states = tuple(
        linking.Source("terraform", path.name, state=str(path.expanduser()))
        for path in settings.terraform_states
    )
    branches = {each.name: each.branch for each in world.settings.repository}
    heads, every = linking.Heads(world.forges, branches), (*sources, *states)
    found = linking.report(snapshot, every, heads.read, secret_key=world.secret_key)
    return replace(found, links=heads.dated(found.links, every))

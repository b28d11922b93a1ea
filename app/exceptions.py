"""Exceptions in force, what one would have hidden, and decisions that other tools' users made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import PolicyError
from core.identity import declared_uid
from core.types import Card, Exemption, Finding, Resource, Status

if TYPE_CHECKING:
    from app.world import World
    from policies.exception import PolicyException
    from templates.skip import Skip

_ALL = 1_000_000
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A stored finding that an exception would have covered."""

    exception: "PolicyException"
    card: Card


def in_force(world: "World", *, now: datetime) -> tuple["PolicyException", ...]:
    """Read every exception: the settings' files, and those that lie with the policies in force.

    Raises: PolicyError when one is malformed or holds longer than a year.
    """
    from app import policy_source
    from policies.exception import read_directory, read_file, too_long

    folders = (
        *world.settings.scan.policies,
        *policy_source.roots(world, policy_source.in_force(world)),
    )
    found = (
        *(each for path in world.settings.scan.exceptions for each in read_file(path)),
        *(each for folder in folders for each in read_directory(folder)),
    )
    for sentence in too_long(found, now=now):
        raise PolicyError(sentence)
    return found


def declared(world: "World") -> Mapping[str, str]:
    """Return the declared uid of each live resource that code is known to declare."""
    return {
        each.live_uid: declared_uid(each.repository, each.path, each.address)
        for each in world.store.links()
    }


def would_hide(
    world: "World", exceptions: Sequence["PolicyException"], *, since: datetime
) -> tuple[Hidden, ...]:
    """Return the findings seen since a time that these exceptions cover, confirmed or not."""
    names, resources = declared(world), _resources(world)
    cards = world.store.cards(statuses=[status.value for status in Status], limit=_ALL)
    return tuple(
        Hidden(each, card)
        for card in cards
        if card.finding.last_seen is not None and card.finding.last_seen >= since
        for each in exceptions
        if each.covers(
            card.finding,
            resources.get(card.finding.resource_uid),
            names=uids_of(card.finding.resource_uid, names),
        )
    )


def _resources(world: "World") -> Mapping[str, Resource]:
    latest = world.store.latest_snapshot()
    return {each.uid: each for each in latest.resources} if latest else {}


def uids_of(uid: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a finding's resource is called: itself, its parent, and where they are declared."""
    whole = uid.partition("|")[0]
    return (uid, whole, *(names[each] for each in (uid, whole) if each in names))


def skipped(finding: Finding, skips: Iterable["Skip"], *, now: datetime) -> Finding:
    """Return a finding as it stands with other tools' skip comments on its resource."""
    if finding.status not in (Status.OPEN, Status.UNKNOWN):
        return finding
    from policies.foreign_id import controls_of

    named = {each.casefold() for each in (finding.check_id, finding.control, *finding.references)}
    for skip in skips:
        if skip.expires and skip.expires < now.date().isoformat():
            continue
        if skip.check.casefold() in named or finding.control in controls_of(skip.check):
            file = finding.source.file if finding.source else ""
            taken = Exemption(
                uid=f"{skip.tool} {skip.check}",
                reason=skip.reason or "no reason was given",
                origin=f"{file}:{skip.line}",
            )
            return replace(finding, status=Status.SUPPRESSED, exemption=taken)
    return finding

"""The gates in force: what those in the settings and beside the policies demand of a fix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from app import exceptions, policy_source
from core.gate import Gate, Mode, strictest
from core.types import Finding, Resource

if TYPE_CHECKING:
    from app.world import World
    from policies.gate import GateRow


@dataclass(frozen=True)
class Gates:
    """Every row in force, and what it takes to see which of them a finding's fix must pass.

    `declared` gives the declared uid of live resources that code declares, `resource` what was
    last seen of one.
    """

    rows: tuple["GateRow", ...]
    declared: Callable[[], Mapping[str, str]]
    resource: Callable[[str], Resource | None]

    def of(self, finding: Finding, resource: Resource | None = None) -> Gate:
        """Return what the fix of a finding must pass.

        An edit changes all that its declaration stands for: where that is also production, the
        gates of production hold.
        """
        if not self.rows:
            return Gate()
        seen = resource or self._seen(finding.resource_uid)
        meant = [(finding, seen), *self._copies(finding)]
        covering = [row.rule for row in self.rows for each in meant if self._covers(row, *each)]
        return strictest(covering)

    def refusal(self, finding: Finding, resource: Resource | None = None) -> str:
        """Say why no fix of a finding is offered; empty where one is."""
        gate = self.of(finding, resource)
        if gate.mode is Mode.DETECT:
            return f"{gate.named} only detects here, so no fix is offered."
        return ""

    def _covers(self, row: "GateRow", finding: Finding, resource: Resource | None) -> bool:
        return row.covers(
            finding, resource, names=exceptions.uids_of(finding.resource_uid, self._names)
        )

    def _copies(self, finding: Finding) -> list[tuple[Finding, Resource | None]]:
        whole, _, part = finding.resource_uid.partition("|")
        copies: list[tuple[Finding, Resource | None]] = []
        for uid in self._twins.get(self._names.get(whole, ""), ()):
            copy = self._seen(uid)
            if uid == whole or copy is None:
                continue
            same = replace(
                finding,
                resource_uid=f"{uid}|{part}" if part else uid,
                resource_name=copy.name,
                account=copy.account,
                region=copy.region,
            )
            copies.append((same, copy))
        return copies

    def _seen(self, uid: str) -> Resource | None:
        return self.resource(uid) or self.resource(uid.partition("|")[0])

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return self.declared()

    @cached_property
    def _twins(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for live, name in self._names.items():
            found.setdefault(name, []).append(live)
        return {name: tuple(uids) for name, uids in found.items()}


def in_force(world: "World") -> Gates:
    """Read every gate: the settings' files, and those that lie with the policies in force.

    Raises: PolicyError when one is malformed.
    """
    from policies.gate import read_directory, read_file

    folders = (
        *world.settings.scan.policies,
        *policy_source.roots(world, policy_source.in_force(world)),
    )
    rows = (
        *(each for path in world.settings.scan.gates for each in read_file(path)),
        *(each for folder in folders for each in read_directory(folder)),
    )
    return Gates(rows, declared=lambda: exceptions.declared(world), resource=world.store.resource)

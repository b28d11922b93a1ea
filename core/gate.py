"""Gates: what may become of a fix, who has to agree, and when it may go ahead.

A rule is what one row of a team's gates demands; a gate is what all rules that cover a finding
demand together. Of each demand the most restrictive one holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo


class Tier(StrEnum):
    """What a change touches, and so how careful its approval must be; lowest first."""

    OBSERVABILITY = "observability"
    DATA = "data"
    IDENTITY = "identity"
    NETWORK = "network"

    @property
    def rank(self) -> int:
        """Order, 0 for the lowest."""
        return tuple(Tier).index(self)


class Mode(StrEnum):
    """How far a fix may go without being stopped; most restrictive first."""

    DETECT = "detect"
    SUGGEST = "suggest"
    APPROVE = "approve"
    AUTO = "auto"


class Revert(StrEnum):
    """Who may undo a fix: whoever passes its gate, also who approved it, or anyone; strictest first."""

    GATE = "gate"
    APPROVER = "approver"
    ANYONE = "anyone"


APPROVALS: Mapping[Tier, int] = MappingProxyType(
    {Tier.OBSERVABILITY: 1, Tier.DATA: 1, Tier.IDENTITY: 2, Tier.NETWORK: 2}
)
"""Approvals where a rule covers a finding and says nothing else: two where a mistake locks people
out or lets strangers in."""
APPROVALS_VALID_H = 24.0
FOUR_EYES = 2
_WEEK = timedelta(days=7)
_HOPS = 50


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which no pull request is opened, by the clock of `zone`.

    Weekly: `starts` and `ends` count from Monday 00:00. Otherwise `dated` holds the first moment
    and the first moment after it, without a zone.
    """

    name: str
    zone: str
    starts: timedelta = timedelta(0)
    ends: timedelta = timedelta(0)
    dated: tuple[datetime, datetime] | None = None

    def end(self, now: datetime) -> datetime | None:
        """Return when this freeze ends if it holds now, in UTC."""
        zone = ZoneInfo(self.zone)
        if self.dated:
            first, last = (each.replace(tzinfo=zone).astimezone(UTC) for each in self.dated)
            return last if first <= now < last else None
        wall = now.astimezone(zone).replace(tzinfo=None)
        monday = datetime.combine(wall.date(), datetime.min.time()) - timedelta(days=wall.weekday())
        begun = (wall - monday - self.starts) % _WEEK
        length = (self.ends - self.starts) % _WEEK
        if begun >= length:
            return None
        return (wall + (length - begun)).replace(tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Auto:
    """What may be done without being asked, and how much of it.

    `wait_h` lies between the warning and the act. `count` and `percent` cap the resources of one
    type that are being changed automatically at a time; `percent` is of all resources of the type.
    """

    tiers: frozenset[Tier] = frozenset({Tier.OBSERVABILITY})
    wait_h: float = 24.0
    count: int = 5
    percent: float = 10.0


@dataclass(frozen=True, slots=True)
class Group:
    """Like fixes of one repository are proposed together: how long to wait for them, and how many."""

    wait_min: float = 30.0
    most: int = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """What one row demands; None and empty where it demands nothing."""

    uid: str
    mode: Mode | None = None
    approvals: Mapping[Tier, int] = field(default_factory=dict)
    four_eyes: bool = False
    owner_approves: bool = True
    approvals_valid_h: float | None = None
    freezes: tuple[Freeze, ...] = ()
    open_pull_requests_max: int | None = None
    auto: Auto | None = None
    group: Group | None = None
    revert: Revert | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the approval of one plan needs, as it was shown with the plan."""

    mode: Mode = Mode.APPROVE
    approvals: int = 1
    owner_approves: bool = True
    valid_h: float = APPROVALS_VALID_H
    gates: tuple[str, ...] = ()
    revert: Revert = Revert.ANYONE


@dataclass(frozen=True, slots=True)
class Gate:
    """What all rules that cover a finding demand together. Without a rule: one approval."""

    gates: tuple[str, ...] = ()
    mode: Mode = Mode.APPROVE
    approvals: Mapping[Tier, int] = field(default_factory=lambda: dict.fromkeys(Tier, 1))
    owner_approves: bool = True
    approvals_valid_h: float = APPROVALS_VALID_H
    freezes: tuple[Freeze, ...] = ()
    open_pull_requests_max: int | None = None
    auto: Auto = Auto()
    group: Group | None = None
    revert: Revert = Revert.ANYONE

    def terms(self, tier: Tier) -> Terms:
        """Return what a plan of this tier needs."""
        needed, valid_h = self.approvals[tier], self.approvals_valid_h
        return Terms(
            self.mode, needed, self.owner_approves, valid_h, self.gates, revert=self.revert
        )

    @property
    def named(self) -> str:
        """The gates in words: "Gate a" or "Gates a and b"."""
        word = "Gate" if len(self.gates) == 1 else "Gates"
        return f"{word} {' and '.join(self.gates)}"


def strictest(rules: Sequence[Rule]) -> Gate:
    """Return what these rules demand together."""
    if not rules:
        return Gate()
    valid_h = [each.approvals_valid_h for each in rules if each.approvals_valid_h is not None]
    limits = [r.open_pull_requests_max for r in rules if r.open_pull_requests_max is not None]
    modes = [each.mode for each in rules if each.mode]
    reverts = [each.revert for each in rules if each.revert]
    return Gate(
        gates=tuple(dict.fromkeys(each.uid for each in rules)),
        mode=min(modes, key=tuple(Mode).index, default=Mode.APPROVE),
        approvals={tier: _approvals(rules, tier) for tier in Tier},
        owner_approves=all(each.owner_approves for each in rules),
        approvals_valid_h=min(valid_h, default=APPROVALS_VALID_H),
        freezes=tuple(freeze for each in rules for freeze in each.freezes),
        open_pull_requests_max=min(limits, default=None),
        auto=strictest_auto([each.auto for each in rules if each.auto]),
        group=_group([each.group for each in rules if each.group]),
        revert=min(reverts, key=tuple(Revert).index, default=Revert.GATE),
    )


def _group(stated: Sequence[Group]) -> Group | None:
    if not stated:
        return None
    return Group(max(each.wait_min for each in stated), min(each.most for each in stated))


def _approvals(rules: Iterable[Rule], tier: Tier) -> int:
    stated = [each.approvals[tier] for each in rules if tier in each.approvals]
    needed = max(stated, default=APPROVALS[tier])
    return max(needed, FOUR_EYES) if any(each.four_eyes for each in rules) else needed


def strictest_auto(stated: Sequence[Auto]) -> Auto:
    """Return what may be done automatically where all of these hold."""
    if not stated:
        return Auto()
    return Auto(
        tiers=frozenset.intersection(*(each.tiers for each in stated)),
        wait_h=max(each.wait_h for each in stated),
        count=min(each.count for each in stated),
        percent=min(each.percent for each in stated),
    )


def frozen_until(freezes: Sequence[Freeze], now: datetime) -> tuple[str, datetime] | None:
    """Return the freeze that holds now and when the last one that follows it without a break ends.

    None while nothing is frozen. Freezes that never let go are looked at again after fifty.
    """
    name, until = "", now
    for _ in range(_HOPS):
        held = [(end, each.name) for each in freezes if (end := each.end(until))]
        if not held:
            break
        until, last = max(held)
        name = name or last
    return (name, until) if name else None

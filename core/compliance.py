"""How the requirements of a framework stand, as far as checks can say.

A requirement is never called fulfilled: checks see configurations, and a framework asks for more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from core import opinion
from core.errors import NotFound
from core.gap import EVERYTHING
from core.types import Card, Coverage, DecisionKind, Finding, Gap, Status


class DecidedBy(StrEnum):
    """Who can say whether a requirement is met."""

    CHECKS = "checks"
    PEOPLE = "people"
    UNCHECKED = "unchecked"
    """A machine could, and no check of ours does yet."""
    NOT_SERVERLESS = "not_serverless"


class State(StrEnum):
    """How a requirement stands. The order is the one in which it is shown."""

    VIOLATED = "violated"
    UNDECIDED = "undecided"
    EXCEPTED = "excepted"
    """Nothing is open, but something was found that people accepted."""
    MET = "met_as_far_as_checked"
    NOT_APPLICABLE = "not_applicable"
    NOT_CHECKED = "not_checked"

    @property
    def words(self) -> str:
        """As people read it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing a framework asks for. `besides` is what checks leave to people even so."""

    id: str
    title: str
    decided_by: DecidedBy
    controls: tuple[str, ...] = ()
    reason: str = ""
    besides: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A framework's requirements. `scope` says which are listed, and which are left out and why."""

    framework: str
    slug: str
    title: str
    version: str
    source: str
    scope: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """What the checks of one control look at. No `resource_types` means every type."""

    name: str
    check_ids: tuple[str, ...]
    resource_types: frozenset[str]
    looks_at: frozenset[str]


@dataclass(frozen=True, slots=True)
class Excuse:
    """A finding that does not count, because somebody said so: why, who, and until when."""

    finding: Finding
    reason: str
    by: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A requirement with everything that speaks for its state.

    `applied` are its controls that had a resource to look at, `unread` those whose resources no
    scan reads: templates are the only place where they are judged.
    """

    requirement: Requirement
    state: State
    violations: tuple[Card, ...] = ()
    doubts: tuple[Finding, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    gaps: tuple[Gap, ...] = ()
    applied: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """What a scan left behind. `present` are the types that were found, `readable` those looked for."""

    cards: tuple[Card, ...]
    gaps: tuple[Gap, ...]
    present: frozenset[str]
    readable: frozenset[str]
    controls: Mapping[str, Control]
    now: datetime

    @cached_property
    def violations(self) -> Mapping[str, tuple[Card, ...]]:
        """The findings that count, by control, riskiest first. A snooze is timing: it changes nothing."""
        return _by_control(
            card
            for card in self.cards
            if card.finding.status in (Status.OPEN, Status.SNOOZED)
            or (card.finding.status in _EXCUSED and self._has_ended(card))
        )

    @cached_property
    def excuses(self) -> Mapping[str, tuple[Card, ...]]:
        """The findings that do not count, by control."""
        return _by_control(
            card
            for card in self.cards
            if card.finding.status in _EXCUSED and not self._has_ended(card)
        )

    @cached_property
    def doubts(self) -> Mapping[str, tuple[Card, ...]]:
        """The findings that could not be decided, by control."""
        return _by_control(card for card in self.cards if card.finding.status is Status.UNKNOWN)

    def _has_ended(self, card: Card) -> bool:
        until = excuse(card).until
        return until is not None and until <= self.now

    def hiding(self, control: Control) -> tuple[Gap, ...]:
        """Return the gaps that may hide a violation of a control."""
        return tuple(gap for gap in self.gaps if _hides(gap, control))


_EXCUSED = (Status.ACCEPTED, Status.SUPPRESSED)
_EXCUSING = (DecisionKind.ACCEPT_RISK, DecisionKind.FALSE_POSITIVE, DecisionKind.NOT_APPLICABLE)


def _by_control(cards: Iterable[Card]) -> Mapping[str, tuple[Card, ...]]:
    grouped: defaultdict[str, list[Card]] = defaultdict(list)
    for card in cards:
        grouped[card.finding.control].append(card)
    return {control: tuple(members) for control, members in grouped.items()}


def excuse(card: Card) -> Excuse:
    """Say why a finding does not count: the exception that covers it, else the last decision."""
    exemption = card.finding.exemption
    if exemption is not None:
        return Excuse(card.finding, exemption.reason, exemption.owner, exemption.until)
    decided = [each for each in opinion.standing(card.decisions) if each.kind in _EXCUSING]
    if not decided:
        return Excuse(card.finding, "no reason is recorded", "", None)
    last = max(decided, key=lambda each: each.decided_at)
    kind = last.kind.value.replace("_", " ")
    reason = f"{kind}: {last.reason}" if last.reason else kind
    return Excuse(card.finding, reason, last.person.name or last.person.user, last.until)


def _hides(gap: Gap, control: Control) -> bool:
    if gap.resource_type == EVERYTHING or gap.scope in control.check_ids:
        return True
    if gap.reason == "unsupported" and ":" not in gap.scope:
        return False  # a check that does not apply here has read nothing wrongly
    return bool(gap.resource_type) and (
        not control.resource_types or gap.resource_type in control.looks_at
    )


def stand(baseline: Baseline, seen: Observed) -> tuple[Standing, ...]:
    """Say how each requirement of a baseline stands, in the baseline's order."""
    return tuple(_stand(requirement, seen) for requirement in baseline.requirements)


def _stand(requirement: Requirement, seen: Observed) -> Standing:
    if requirement.decided_by is not DecidedBy.CHECKS:
        return Standing(requirement, State.NOT_CHECKED)
    controls = [seen.controls[name] for name in requirement.controls]
    violations = [card for each in controls for card in seen.violations.get(each.name, ())]
    doubts = [card.finding for each in controls for card in seen.doubts.get(each.name, ())]
    excuses = [excuse(card) for each in controls for card in seen.excuses.get(each.name, ())]
    gaps = dict.fromkeys(gap for each in controls for gap in seen.hiding(each))
    applied = tuple(each.name for each in controls if _applies(each, seen.present))
    unread = tuple(each.name for each in controls if not _applies(each, seen.readable))
    said = bool(doubts or gaps) or (bool(unread) and not applied)
    return Standing(
        requirement,
        _state(violated=bool(violations), undecided=said, excused=bool(excuses), applied=applied),
        violations=tuple(sorted(violations, key=_worst_first)),
        doubts=tuple(doubts),
        excuses=tuple(excuses),
        gaps=tuple(gaps),
        applied=applied,
        unread=unread,
    )


def _state(*, violated: bool, undecided: bool, excused: bool, applied: tuple[str, ...]) -> State:
    if violated:
        return State.VIOLATED
    if undecided:
        return State.UNDECIDED
    if excused:
        return State.EXCEPTED
    return State.MET if applied else State.NOT_APPLICABLE


def _applies(control: Control, types: frozenset[str]) -> bool:
    return bool(types if not control.resource_types else types & control.resource_types)


def _worst_first(card: Card) -> tuple[float, str]:
    return (-card.assessment.risk if card.assessment else 0.0, card.finding.uid)


@dataclass(frozen=True, slots=True)
class Due:
    """A finding that will be there on a date if nothing is changed: a runtime's end, say."""

    finding: Finding
    on: datetime


@dataclass(frozen=True, slots=True)
class Assessed:
    """One framework after a scan."""

    baseline: Baseline
    standings: tuple[Standing, ...]

    @property
    def counts(self) -> Mapping[State, int]:
        """How many requirements stand how, every state included."""
        counted = Counter(each.state for each in self.standings)
        return {state: counted[state] for state in State}

    def worst(self, most: int) -> tuple[Standing, ...]:
        """Return the violated requirements whose riskiest finding is riskiest."""
        violated = [each for each in self.standings if each.state is State.VIOLATED]
        ranked = sorted(
            violated,
            key=lambda each: (_worst_first(each.violations[0])[0], -len(each.violations)),
        )
        return tuple(ranked[:most])


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of compliance at a time, from the last scan that was stored.

    `scanned_with` is the policy commit of that scan, empty where none was recorded; `policy_commit`
    is in force now. `due` is what the date alone will violate within `due_within_days`.
    """

    made_at: datetime
    scanned_at: datetime
    scan_uid: str
    resources: int
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...]
    policy_commit: str
    scanned_with: str
    version: str
    frameworks: tuple[Assessed, ...]
    due: tuple[Due, ...] = ()
    due_within_days: int = 90

    @property
    def rules_changed(self) -> bool:
        """Whether other rules are in force than those of the scan, as far as that is recorded."""
        return bool(self.scanned_with) and self.scanned_with != self.policy_commit

    def due_for(self, framework: str) -> Mapping[str, tuple[Due, ...]]:
        """Return by requirement what is due."""
        found: defaultdict[str, tuple[Due, ...]] = defaultdict(tuple)
        for each in self.due:
            for requirement in each.finding.compliance.get(framework, ()):
                found[requirement] += (each,)
        return found


def find(baselines: Sequence[Baseline], name: str) -> Baseline:
    """Return the baseline that a person means: SOC2, "soc 2", cis-aws. Raises: NotFound."""
    asked = _letters(name)
    for each in baselines:
        if asked in {_letters(each.framework), _letters(each.slug)}:
            return each
    begun = [each for each in baselines if asked and _letters(each.framework).startswith(asked)]
    if begun:
        return begun[0]
    known = ", ".join(each.framework for each in baselines)
    raise NotFound(f"There is no framework of that name. There are {known}.")


def _letters(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())

"""One simulated company: what was found in it, who said what of it, and what is true."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.identity import sha256
from core.ports import Check
from core.types import Finding, Label, LabelOrigin, Snapshot
from sandbox.teams.crew import Crew
from sandbox.teams.draw import Draw
from sandbox.teams.estate import LAST, SCANS, START, Company, Drawn, company
from sandbox.teams.mind import Minds, Wish

MOST_LABELS = 5000
_HELD_OUT = 0.5  # of the resources: nobody labels them, and figures are measured on them
_HYGIENE_SEEN = 0.25  # of housekeeping findings somebody looks at one by one


@dataclass(frozen=True, slots=True)
class Moment:
    """A scan: the snapshot and everything that the checks found in it."""

    day: int
    snapshot: Snapshot
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding that nobody labelled, with what its team truly thinks of it on the last day."""

    finding: Finding
    team: str
    wish: Wish


@dataclass(frozen=True)
class Simulation:
    """A company's history. Everything in it is simulated."""

    seed: int
    moments: tuple[Moment, ...]
    judged: tuple[Judged, ...]
    _company: Company
    _minds: Minds
    _draw: Draw
    _seen: dict[int, tuple[Finding, ...]]

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The uids of what people look at in the last scan and could have labelled."""
        return tuple(each.uid for each in self._seen[LAST])

    def labels(self, count: int, *, adversarial: float = 0.0) -> tuple[Label, ...]:
        """Return the labels of a team that had time for this many, oldest first, without features.

        More labels hold fewer ones; the last scan comes after all of them.
        """
        crew = Crew(self._draw)
        made: dict[str, Label] = {}
        for event in range(10 * MOST_LABELS):
            if len(made) >= count:
                break
            label = self._label(crew, event, adversarial)
            made.setdefault(label.uid, label)
        return tuple(sorted(made.values(), key=lambda each: (each.labelled_at, each.uid)))

    def _label(self, crew: Crew, event: int, adversarial: float) -> Label:
        day = self._draw.uniform(0, LAST - 0.5, "event", event)
        scan = max(each for each in SCANS if each <= day)
        finding = _weighted(self._draw, self._seen[scan], event)
        on = self._company.by_day[scan][finding.resource_uid]
        who = crew.who(on, event, adversarial=adversarial)
        actionable = self._minds.wish(finding, on, day).is_actionable
        verdict = crew.says(who, finding, on, actionable=actionable, day=day)
        return Label(
            uid=sha256(f"{finding.uid}\n{who.name}")[:24],
            finding_uid=finding.uid,
            check_id=finding.check_id,
            resource_uid=finding.resource_uid,
            verdict=verdict,
            person=who.name,
            labelled_at=START + timedelta(days=day),
            origin=LabelOrigin.SIMULATED,
            reason="simulated",
        )

    def truth(self, label: Label) -> bool:
        """Return whether the team truly wanted a labelled finding fixed when it was labelled."""
        day = (label.labelled_at - START) / timedelta(days=1)
        scan = max(each for each in SCANS if each <= day)
        finding = next(f for f in self._seen[scan] if f.uid == label.finding_uid)
        on = self._company.by_day[scan][finding.resource_uid]
        return self._minds.wish(finding, on, day).is_actionable


def _weighted(draw: Draw, findings: Sequence[Finding], event: int) -> Finding:
    """Choose what somebody looks at; the graver, the likelier."""
    place = draw.of("which finding", event)
    while True:
        finding = findings[place.randrange(len(findings))]
        if place.random() < (1 + finding.severity.rank) / 5:
            return finding


def simulate(seed: int, checks: Iterable[Check]) -> Simulation:
    """Draw a company, scan it with real checks, and say what is true of what they find."""
    draw, made = Draw(seed), company(seed)
    run = tuple(checks)
    moments = tuple(_moment(made, day, run) for day in SCANS)
    seen, judged = {}, []
    for moment in moments:
        looked_at = tuple(_looked_at(draw, moment.findings))
        on = made.by_day[moment.day]
        seen[moment.day] = tuple(f for f in looked_at if not _is_held_out(draw, on[f.resource_uid]))
        if moment.day == LAST:
            judged = [f for f in looked_at if _is_held_out(draw, on[f.resource_uid])]
    minds, last = Minds(draw), made.by_day[LAST]
    told = tuple(_judged(f, last[f.resource_uid], minds) for f in judged)
    return Simulation(seed, moments, told, made, minds, draw, seen)


def _moment(made: Company, day: int, checks: Sequence[Check]) -> Moment:
    snapshot = made.snapshot(day)
    found = (each for check in checks for each in check(snapshot))
    findings = {each.uid: each for each in found if isinstance(each, Finding)}
    return Moment(day, snapshot, tuple(findings[uid] for uid in sorted(findings)))


def _looked_at(draw: Draw, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield one finding of each control and resource, and of housekeeping only a part."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in sorted(findings, key=lambda each: (each.check_id, each.resource_uid)):
        first.setdefault((finding.control or finding.check_id, finding.resource_uid), finding)
    for finding in first.values():
        if not finding.hygiene or draw.chance(_HYGIENE_SEEN, "seen", finding.uid):
            yield finding


def _is_held_out(draw: Draw, on: Drawn) -> bool:
    """Whether nobody labels a resource; what belongs to it goes the same way."""
    return draw.chance(_HELD_OUT, "held out", on.whole)


def _judged(finding: Finding, on: Drawn, minds: Minds) -> Judged:
    return Judged(finding, on.deployment.team, minds.wish(finding, on, LAST))

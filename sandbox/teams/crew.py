"""The people who label: careful, hasty, biased and adversarial, each wrong in their own way."""

from dataclasses import dataclass
from enum import StrEnum

from core.types import Finding, Severity, Verdict
from sandbox.teams.draw import Draw
from sandbox.teams.estate import TEAMS, Drawn


class Behaviour(StrEnum):
    """How a person labels."""

    CAREFUL = "careful"
    HASTY = "hasty"
    BIASED = "biased"
    INVERTING = "inverting"
    HIDING = "hiding"


# The chance to say the opposite of what the team truly thinks: of what is worth fixing, of the rest.
_ERRS = {
    Behaviour.CAREFUL: (0.08, 0.06),
    Behaviour.HASTY: (0.28, 0.14),
    Behaviour.BIASED: (0.1, 0.07),
    Behaviour.INVERTING: (1.0, 1.0),
    Behaviour.HIDING: (1.0, 0.0),
}
_BIAS = 0.75  # how often a biased person dismisses what the bias is against
_BAD_NIGHT, _BAD_NIGHT_DISMISSES = 0.12, 0.4
_DISMISSALS = (Verdict.FALSE_POSITIVE, Verdict.NOT_APPLICABLE, Verdict.ACCEPTED_RISK)
_GUEST = 0.15  # labels given by the reviewer, who belongs to no team


@dataclass(frozen=True, slots=True)
class Labeller:
    """One simulated person. `against` is a team, a service or a severity, for a biased one."""

    name: str
    behaviour: Behaviour
    against: str = ""

    def dislikes(self, finding: Finding, on: Drawn) -> bool:
        """Whether the bias is against this finding."""
        service = finding.resource_type.split("::")[1]
        return self.against in (service, on.deployment.team, finding.severity.value)


class Crew:
    """Everyone who labels in a company."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._reviewer = Labeller("simulated/reviewer", Behaviour.CAREFUL)
        self._adversaries = (
            Labeller("simulated/mallory", Behaviour.INVERTING),
            Labeller("simulated/trudy", Behaviour.HIDING),
        )
        self._members = {team: self._team(team) for team in TEAMS}

    def _team(self, team: str) -> tuple[Labeller, ...]:
        others = [each for each in TEAMS if each != team]
        against = self._draw.one(
            ("Lambda", "IAM", "Logs", Severity.MEDIUM.value, *others[:2]), "bias", team
        )
        return (
            Labeller(f"simulated/{team}/anna", Behaviour.CAREFUL),
            Labeller(f"simulated/{team}/ben", Behaviour.HASTY),
            Labeller(f"simulated/{team}/cleo", Behaviour.BIASED, against),
        )

    def who(self, on: Drawn, event: int, *, adversarial: float) -> Labeller:
        """Return who labels; `adversarial` is the share of labels that adversaries give."""
        if self._draw.chance(adversarial, "adversary", event):
            return self._draw.one(self._adversaries, "which adversary", event)
        if self._draw.chance(_GUEST, "guest", event):
            return self._reviewer
        team = on.deployment.team
        if self._draw.chance(0.1, "neighbour", event):
            team = self._draw.one(TEAMS, "which neighbour", event)
        return self._draw.one(self._members[team], "who", event, weights=(45, 35, 20))

    def says(
        self, who: Labeller, finding: Finding, on: Drawn, *, actionable: bool, day: float
    ) -> Verdict:
        """Return the verdict of a person on a finding that is truly actionable or not."""
        key = (who.name, finding.uid, "says")
        called = actionable != self._draw.chance(_ERRS[who.behaviour][not actionable], *key)
        if who.behaviour in (Behaviour.CAREFUL, Behaviour.HASTY, Behaviour.BIASED):
            tired = self._draw.chance(_BAD_NIGHT, "night", who.name, int(day))
            called &= not (tired and self._draw.chance(_BAD_NIGHT_DISMISSES, *key, "tired"))
        if who.against and who.dislikes(finding, on):
            called &= not self._draw.chance(_BIAS, *key, "bias")
        if called:
            return Verdict.APPROVE
        return self._draw.one(_DISMISSALS, *key, "how", weights=(40, 25, 35))

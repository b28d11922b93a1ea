"""What each simulated team truly wants fixed, and how that changes; partly for reasons nobody sees."""

import math
from dataclasses import dataclass

from core.types import Finding
from sandbox.teams.draw import Draw
from sandbox.teams.estate import LAST, Drawn

# How much each reason weighs, in log-odds. Chosen before any model was tried, so that between one
# and two findings in five are worth fixing.
_BASE = -1.9
_WHIM = 0.35  # scale of what is settled by nothing that anybody could name (logistic)
_SENSITIVITY = {"public": -0.6, "internal": 0.0, "confidential": 0.6, "pii": 1.2}
_PRODUCTION = {"prod": 1.0, "staging": 0.3, "dev": 0.0}
_STORES = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::KMS::Key")
_MOST_SHIFT = 1.6  # of a team's liking for one service, when its attitude changes half way


@dataclass(frozen=True, slots=True)
class Wish:
    """How much a team wants a finding fixed, in log-odds.

    `visible` is what follows from what a scanner can see; `hidden` from the business context and
    from controls outside AWS; `whim` is the rest. It is worth fixing when the sum is above 0.
    """

    visible: float
    hidden: float
    whim: float

    @property
    def is_actionable(self) -> bool:
        """Whether the team would truly want it fixed."""
        return self.visible + self.hidden + self.whim > 0

    @property
    def known(self) -> float:
        """What one knows who knows everything but the whim."""
        return self.visible + self.hidden


class Minds:
    """The preferences of all teams of a company."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def wish(self, finding: Finding, on: Drawn, day: float) -> Wish:
        """Return what the team that runs the resource thinks of a finding on a day."""
        team = on.deployment.team
        visible = (
            self._weight(team, "appetite", _BASE, 0.4)
            + self._weight(team, "severity", 0.9, 0.25) * (finding.severity.rank - 2)
            + self._surroundings(finding, on, team)
            + self._taste(finding, team, day)
        )
        return Wish(visible, _hidden(finding, on), self._whim(finding))

    def _surroundings(self, finding: Finding, on: Drawn, team: str) -> float:
        """Return what place, data and exposure add."""
        production = _PRODUCTION[on.deployment.environment]
        data = _SENSITIVITY[on.deployment.data]
        is_store = finding.resource_type in _STORES
        public = self._weight(team, "public", 0.7, 0.3) + production * self._weight(
            team, "public in production", 1.2, 0.4
        )
        return (
            production * self._weight(team, "production", 1.5, 0.5)
            + data * self._weight(team, "data", 0.6, 0.3) * (2 if is_store else 1)
            + (public if on.public else 0.0)
            + (self._weight(team, "hygiene", -1.0, 0.7) if finding.hygiene else 0.0)
        )

    def _taste(self, finding: Finding, team: str, day: float) -> float:
        """Return how much the company and the team care for a control, and for a service."""
        control = finding.control or finding.check_id
        service = finding.resource_type.split("::")[1]
        drift = self._draw.normal(0, 0.6, "drift", team, control) * day / LAST
        turned = self._draw.uniform(LAST / 3, 2 * LAST / 3, "turned", team)
        shift = self._draw.uniform(-_MOST_SHIFT, _MOST_SHIFT, "shift", team)
        chosen = self._draw.one(("Lambda", "IAM", "DynamoDB", "S3", "SQS"), "service", team)
        return (
            self._draw.normal(0, 0.9, "taste", control)
            + self._draw.normal(0, 0.6, "taste", team, control)
            + self._draw.normal(0, 0.5, "taste", team, service)
            + drift
            + (shift if service == chosen and day > turned else 0.0)
        )

    def _whim(self, finding: Finding) -> float:
        share = self._draw.uniform(1e-6, 1 - 1e-6, "whim", finding.uid)
        return _WHIM * math.log(share / (1 - share))

    def _weight(self, team: str, what: str, mean: float, deviation: float) -> float:
        return self._draw.normal(mean, deviation, "weight", team, what)


def _hidden(finding: Finding, on: Drawn) -> float:
    """Return what decides although no scanner can see it."""
    is_access = on.public and not finding.hygiene
    return on.deployment.fate - (2.0 if on.deployment.shielded and is_access else 0.0)

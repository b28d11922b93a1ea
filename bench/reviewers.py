"""Simulated reviewers of fixes: what each team secretly wants, how it answers, what then fails.

Nothing here is measured on people. The numbers are guesses, written down and committed before
anything was tried on them: that the author of a check is right about a team more often than not,
that teams differ as much as checks do, and that a good part of the answers say little.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DAYS = 360
TURN = 180
"""The day after which every team has changed its mind about a third of the checks."""
FINDINGS = 1200
TEAMS = 8
ENVIRONMENTS = {"prod": 0.6, "dev": 0.4}
CHECK_LIKING = (-0.6, 1.2)
"""Mean and spread, in log-odds, of a company's liking for the other fix of a check."""
TEAM_SPREAD, ENVIRONMENT_SPREAD, WHIM = 1.2, 0.5, 0.7
FINE = (("approve", 0.85), ("reject", 0.05), ("nothing", 0.10))
"""What a reviewer does whom the first proposal suits."""
POOR = (("other", 0.50), ("approve", 0.25), ("reject", 0.13), ("nothing", 0.12))
"""What one does who would rather have the other: a quarter approve what is in front of them."""
FAILS, FAILS_OFTEN, SHARE_OF_BAD = 0.02, 0.35, 0.1


@dataclass(frozen=True, slots=True)
class Case:
    """One finding that somebody reviews; `dice` are its own, whatever is proposed."""

    uid: str
    check_id: str
    team: str
    environment: str
    at: datetime
    likes_other: bool
    dice: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Response:
    """What a reviewer did: `chosen` is the fix that was approved, empty for none."""

    chosen: str = ""
    rejected: bool = False
    rolled_back: bool = False


@dataclass
class Company:
    """One company with its teams, drawn from a seed; two fixes a check, the usual first."""

    seed: int
    ways: dict[str, tuple[str, str]]
    _liking: dict[tuple[str, str, str], float] = field(default_factory=dict, init=False)
    _turned: set[tuple[str, str]] = field(default_factory=set, init=False)
    _fails: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        dice = Random(self.seed)
        for check_id, names in self.ways.items():
            company = dice.gauss(*CHECK_LIKING)
            for team in self.teams:
                own = company + dice.gauss(0, TEAM_SPREAD)
                for environment in ENVIRONMENTS:
                    place = (check_id, team, environment)
                    self._liking[place] = own + dice.gauss(0, ENVIRONMENT_SPREAD)
                if dice.random() < 1 / 3:
                    self._turned.add((check_id, team))
            for name in names:
                is_bad = dice.random() < SHARE_OF_BAD
                self._fails[check_id, name] = FAILS_OFTEN if is_bad else FAILS

    @property
    def teams(self) -> Sequence[str]:
        """Their names."""
        return [f"team-{n}" for n in range(TEAMS)]

    def cases(self) -> Iterator[Case]:
        """Yield the findings of a year in the order in which they are reviewed."""
        dice = Random(f"cases {self.seed}")
        sizes = [1 / (n + 1) ** 0.5 for n in range(TEAMS)]
        days = sorted(dice.uniform(0, DAYS) for _ in range(FINDINGS))
        for n, day in enumerate(days):
            check_id = dice.choice(sorted(self.ways))
            [team] = dice.choices(self.teams, sizes)
            [environment] = dice.choices(list(ENVIRONMENTS), list(ENVIRONMENTS.values()))
            liking = self._liking_at(check_id, team, environment, day)
            likes_other = liking + WHIM * _logistic(dice.random()) > 0
            rolls = (dice.random(), dice.random(), dice.random())
            at = START + timedelta(days=day)
            yield Case(f"f{n}", check_id, team, environment, at, likes_other, rolls)

    def _liking_at(self, check_id: str, team: str, environment: str, day: float) -> float:
        liking = self._liking[check_id, team, environment]
        return -liking if day > TURN and (check_id, team) in self._turned else liking

    def respond(self, case: Case, proposed: str) -> Response:
        """Return what the reviewer does with what is proposed first."""
        usual, other = self.ways[case.check_id]
        suits = case.likes_other == (proposed == other)
        did = _pick(FINE if suits else POOR, case.dice[0])
        if did in ("reject", "nothing"):
            return Response(rejected=did == "reject")
        chosen = proposed if did == "approve" else (usual if proposed == other else other)
        return Response(chosen, rolled_back=case.dice[1] < self._fails[case.check_id, chosen])

    def worth(self, case: Case, name: str) -> float:
        """Return the probability that a fix, proposed first, is approved as shown and holds."""
        day = (case.at - START) / timedelta(days=1)
        liking = self._liking_at(case.check_id, case.team, case.environment, day)
        likes_other = 1 / (1 + math.exp(-liking / WHIM))
        suits = likes_other if name == self.ways[case.check_id][1] else 1 - likes_other
        approved = suits * dict(FINE)["approve"] + (1 - suits) * dict(POOR)["approve"]
        return approved * (1 - self._fails[case.check_id, name])


def _logistic(share: float) -> float:
    share = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(share / (1 - share))


def _pick(choices: Sequence[tuple[str, float]], share: float) -> str:
    for name, weight in choices:
        share -= weight
        if share < 0:
            return name
    return choices[-1][0]

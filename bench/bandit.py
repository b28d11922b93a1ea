"""Which of several good fixes is proposed first, on simulated reviewers.

Run: `python -m bench.bandit [--seeds N]`. Teams, wishes, answers and rollbacks are simulated
(`bench/reviewers.py`); the checks, their fixes and what learns are the real ones. Regret is what the
best first proposal would have been worth beyond the one that was made: the probability that it is
approved as shown and holds, by the rules that only the simulation knows.
"""

import argparse
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from random import Random

from bench.reviewers import DAYS, FINDINGS, START, TURN, Case, Company, Response
from core.identity import sha256
from core.proposal import Answer, Fate, Reception
from remediation import preference
from remediation.blueprint import ALTERNATIVES, DEFAULT, load

SEEDS = 20
_T95 = {10: 2.262, 20: 2.093, 30: 2.045}
"""Student's t, two-sided 95 %, by number of companies (one degree of freedom less)."""


@dataclass
class Memory:
    """What has been seen so far, by check: what a real workspace would have on record."""

    receptions: dict[str, dict[tuple[str, str], Reception]] = field(default_factory=dict)
    _due: list[tuple[float, str, tuple[str, str], Fate]] = field(default_factory=list)

    def of(self, case: Case) -> tuple[Reception, ...]:
        """Return the receptions of a check at the time of a case."""
        self._settle(case.at.timestamp())
        return tuple(self.receptions.get(case.check_id, {}).values())

    def _settle(self, now: float) -> None:
        for due in [each for each in self._due if each[0] <= now]:
            at, check_id, key, fate = due
            known = self.receptions[check_id]
            ended = known[key].answered_at
            if ended:
                later = ended + timedelta(seconds=at - ended.timestamp())
                known[key] = replace(known[key], fate=fate, fate_at=later)
            self._due.remove(due)

    def note(self, case: Case, proposed: str, response: Response) -> None:
        """Keep what became of a proposal; whether it holds is known some days later."""
        known = self.receptions.setdefault(case.check_id, {})
        shown = _reception(case, proposed, proposed)
        if response.rejected:
            shown = replace(shown, answer=Answer.REJECTED, answered_at=case.at)
        known[case.uid, proposed] = shown
        if response.chosen:
            chosen = _reception(case, response.chosen, proposed)
            key = (case.uid, response.chosen)
            known[key] = replace(chosen, answer=Answer.APPROVED, answered_at=case.at)
            fate = Fate.UNDONE if response.rolled_back else Fate.HELD
            days = 1 + 4 * case.dice[2]
            due = (case.at + timedelta(days=days)).timestamp()
            self._due.append((due, case.check_id, key, fate))


def _reception(case: Case, name: str, first: str) -> Reception:
    return Reception(case.check_id, case.uid, name, first, case.team, case.environment)


Choose = Callable[[Company, Memory, Case], str]


def fixed(company: Company, _memory: Memory, case: Case) -> str:
    """Propose what the author of the check put first."""
    return company.ways[case.check_id][0]


def chance(company: Company, _memory: Memory, case: Case) -> str:
    """Propose any."""
    return Random(f"{company.seed} {case.uid}").choice(company.ways[case.check_id])


def most_approved(company: Company, memory: Memory, case: Case) -> str:
    """Propose what was approved most for this check so far; the usual fix where they are even."""
    return _most(company, case, memory.of(case))


def most_approved_by_team(company: Company, memory: Memory, case: Case) -> str:
    """Propose what this team approved most for this check so far."""
    return _most(company, case, [e for e in memory.of(case) if e.team == case.team])


def _most(company: Company, case: Case, seen: Sequence[Reception]) -> str:
    count = Counter(each.alternative for each in seen if each.answer is Answer.APPROVED)
    return max(company.ways[case.check_id], key=lambda name: count[name])


def learned(company: Company, memory: Memory, case: Case) -> str:
    """Propose what Plumbline does."""
    return _learned(company, memory, case, draws=True)


def learned_without_drawing(company: Company, memory: Memory, case: Case) -> str:
    """Propose what Plumbline expects to be best, and never another to learn."""
    return _learned(company, memory, case, draws=False)


def _learned(company: Company, memory: Memory, case: Case, *, draws: bool) -> str:
    seen = memory.of(case)
    place = preference.Place(case.team, case.environment, case.at)
    known = preference.odds(seen, company.ways[case.check_id], place)
    order: Sequence[str] = preference.draw(known, sha256(f"{company.seed} {case.uid}"))
    if not draws:
        order = sorted(known, key=lambda name: -known[name].mean)
    return preference.demoted(order, preference.held_back(seen, case.uid, case.team))[0]


def best(company: Company, _memory: Memory, case: Case) -> str:
    """Propose what is worth most by the simulation's own rules: the ceiling."""
    return max(company.ways[case.check_id], key=lambda name: company.worth(case, name))


_HEAD = (
    "| proposes first | regret | until the turn | to halfway | after | approved as shown | "
    "more than fixed | the best first | just rolled back |"
)
POLICIES: Mapping[str, Choose] = {
    "fixed order": fixed,
    "learned (Plumbline)": learned,
    "the same without drawing": learned_without_drawing,
    "most approved of the check": most_approved,
    "most approved by the team": most_approved_by_team,
    "at random": chance,
    "all-knowing (ceiling)": best,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one policy came to in one company."""

    regret: float
    before_turn: float
    after_turn: float
    last: float
    as_shown: float
    best_first: float
    again: int


def run(company: Company, choose: Choose, *, most: int = FINDINGS) -> Figures:
    """Let a policy propose for the findings of a year. Regrets are per hundred findings."""
    memory, lost, answered, shown, hits, again = Memory(), [], 0, 0, 0, 0
    for case in islice(company.cases(), most):
        back = preference.held_back(memory.of(case), case.uid, case.team)
        proposed = choose(company, memory, case)
        again += proposed in back and not back >= set(company.ways[case.check_id])
        worth = company.worth(case, best(company, memory, case))
        lost.append((case, worth - company.worth(case, proposed)))
        response = company.respond(case, proposed)
        memory.note(case, proposed, response)
        answered += bool(response.chosen or response.rejected)
        shown += response.chosen == proposed
        hits += math.isclose(worth, company.worth(case, proposed))
    turn, halfway = (START + timedelta(days=day) for day in (TURN, (TURN + DAYS) / 2))
    return Figures(
        _mean(loss for _, loss in lost),
        _mean(loss for case, loss in lost if case.at <= turn),
        _mean(loss for case, loss in lost if turn < case.at <= halfway),
        _mean(loss for case, loss in lost if case.at > halfway),
        100 * shown / answered,
        100 * hits / len(lost),
        again,
    )


def _mean(losses: Iterable[float]) -> float:
    known = list(losses)
    return 100 * statistics.fmean(known) if known else math.nan


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean over companies and half of its 95 % interval."""
    half = _T95[len(values)] * statistics.stdev(values) / math.sqrt(len(values))
    return statistics.fmean(values), half


def companies(number: int) -> list[Company]:
    """Draw companies with the real checks that have several fixes."""
    load()
    ways = {each: (DEFAULT, others[0].alternative) for each, others in ALTERNATIVES.items()}
    return [Company(seed, ways) for seed in range(number)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, choices=sorted(_T95), default=SEEDS)
    drawn = companies(parser.parse_args().seeds)
    print(f"SIMULATED: {len(drawn)} companies, {len(ALTERNATIVES)} checks; regret per 100 findings")
    print(_HEAD)
    usual = [run(company, fixed) for company in drawn]
    for name, choose in POLICIES.items():
        found = usual if choose is fixed else [run(company, choose) for company in drawn]
        print(_row(name, found, usual), flush=True)


def _row(name: str, found: Sequence[Figures], usual: Sequence[Figures]) -> str:
    def told(values: Sequence[float]) -> str:
        mean, half = interval(values)
        return f"{mean:.1f} ± {half:.1f}"

    gain = [mine.as_shown - its.as_shown for mine, its in zip(found, usual, strict=True)]
    cells = (
        name,
        told([each.regret for each in found]),
        told([each.before_turn for each in found]),
        told([each.after_turn for each in found]),
        told([each.last for each in found]),
        f"{told([each.as_shown for each in found])} %",
        told(gain),
        f"{told([each.best_first for each in found])} %",
        f"{statistics.fmean(each.again for each in found):.1f}",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()

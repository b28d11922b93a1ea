"""Which of several good fixes to propose first, learned from how those before were received.

Thompson sampling: what is known of each fix is a distribution, one value is drawn from each, and the
highest goes first. What people want (approved, passed over for another, rejected) and what holds
(verified, rolled back) are counted apart and multiplied. Drawing takes a seed, so that it can be
done again. Source: Russo et al., A Tutorial on Thompson Sampling (2018), chapters 3 and 4.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from core.identity import sha256
from core.proposal import Answer, Fate, Odds, Reception

USUAL = (3.0, 1.0)
"""Wanted and unwanted: the author's first is taken to be wanted three times in four, on four counts."""
OTHER = (1.0, 3.0)
"""The others once in four."""
HOLDS = (3.6, 0.4)
"""Held and undone: a fix whose proofs hold is taken to hold nine times in ten, on four counts."""
BORROWED = 4.0
"""What others decided, the author included, counts as four decisions of one's own at most."""
BESIDE = 0.5
"""Approving one of several speaks half as much against the others, which stand further down."""
HALF_LIFE = timedelta(days=180)
"""After half a year an answer counts half: teams and their rules change."""
SURE = 4.0
"""A draw takes every count for four. A review names every fix and each can be used instead, so an
answer tells of all of them and little is learned by trying. This and `BORROWED` were chosen on the
simulated companies 100 to 107 of `bench/reviewers.py`; docs/remediation.md reports on others."""
_DRAWS = 400


@dataclass(frozen=True, slots=True)
class Observed:
    """One thing that was seen of one fix: that it was wanted, or held, or not."""

    name: str
    team: str
    environment: str
    good: bool
    at: datetime
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """For whom something is proposed, and when."""

    team: str
    environment: str
    now: datetime


def wanted(receptions: Sequence[Reception], names: Sequence[str]) -> tuple[Observed, ...]:
    """Return whether people wanted what they were shown: one answer a finding and fix, the last.

    Where one was approved, what was shown before it is unwanted, and what was named beside it less so.
    """
    found = []
    for answered in by_finding(receptions):
        for name, each in answered.items():
            if each.answered_at:
                is_wanted = each.answer is Answer.APPROVED
                found.append(_observed(each, name, good=is_wanted, at=each.answered_at))
        found.extend(_not_chosen(answered, names))
    return tuple(found)


def by_finding(receptions: Sequence[Reception]) -> Iterator[Mapping[str, Reception]]:
    """Yield each finding's receptions by fix: of several plans of one fix the one answered last."""
    found: dict[str, dict[str, Reception]] = {}
    for each in receptions:
        known = found.setdefault(each.finding_uid, {})
        earlier = known.get(each.alternative)
        if earlier is None or _when(each) >= _when(earlier):
            known[each.alternative] = each
    yield from found.values()


def _when(each: Reception) -> float:
    return each.answered_at.timestamp() if each.answered_at else 0.0


def _not_chosen(answered: Mapping[str, Reception], names: Sequence[str]) -> Iterator[Observed]:
    approved = [each for each in answered.values() if each.answer is Answer.APPROVED]
    if not approved or approved[0].answered_at is None:
        return
    chosen, at = approved[0], approved[0].answered_at
    for name in names:
        if name in answered and answered[name].answered_at:
            continue
        passed_over = _observed(chosen, name, good=False, at=at)
        yield passed_over if name == chosen.first else replace(passed_over, weight=BESIDE)


def fared(receptions: Sequence[Reception]) -> tuple[Observed, ...]:
    """Return whether fixes held that were made."""
    return tuple(
        _observed(each, each.alternative, good=each.fate is Fate.HELD, at=each.fate_at)
        for each in receptions
        if each.fate_at
    )


def _observed(each: Reception, name: str, *, good: bool, at: datetime) -> Observed:
    return Observed(name, each.team, each.environment, good, at)


def odds(receptions: Sequence[Reception], names: Sequence[str], place: Place) -> Mapping[str, Odds]:
    """Return what is known of each fix for one team and environment; `names` in their fixed order."""
    answers, fates = wanted(receptions, names), fared(receptions)
    return {
        name: Odds(
            *_counts(answers, name, place, prior=OTHER if at else USUAL),
            *_counts(fates, name, place, prior=HOLDS),
        )
        for at, name in enumerate(names)
    }


def _counts(
    seen: Sequence[Observed], name: str, place: Place, *, prior: tuple[float, float]
) -> tuple[float, float]:
    """Return good and bad counts: one's own, on top of what is borrowed.

    Borrowed are the author's prior with what other teams decided, and on top of that what the team
    decided in other environments.
    """
    mine = [each for each in seen if each.name == name]
    far = [each for each in mine if each.team != place.team]
    own = [each for each in mine if each.team == place.team]
    here = [each for each in own if each.environment == place.environment]
    near = [each for each in own if each.environment != place.environment]
    everywhere = _at_most(_plus(prior, far, place.now))
    return _plus(_at_most(_plus(everywhere, near, place.now)), here, place.now)


def _plus(
    counts: tuple[float, float], seen: Sequence[Observed], now: datetime
) -> tuple[float, float]:
    good, bad = counts
    for each in seen:
        weight = each.weight * 0.5 ** (max(timedelta(), now - each.at) / HALF_LIFE)
        good, bad = (good + weight, bad) if each.good else (good, bad + weight)
    return good, bad


def _at_most(counts: tuple[float, float]) -> tuple[float, float]:
    """Return counts of the same share that are no more than what may be borrowed."""
    share = min(1.0, BORROWED / sum(counts))
    return counts[0] * share, counts[1] * share


def draw(known: Mapping[str, Odds], seed: str) -> tuple[str, ...]:
    """Return the fixes in the order in which they are proposed; the same for the same seed."""
    values = {name: _drawn(each, f"{seed} {name}") for name, each in known.items()}
    return tuple(sorted(sorted(values), key=lambda name: -values[name]))


def _drawn(each: Odds, seed: str) -> float:
    dice = Random(int(sha256(seed), 16))  # noqa: S311 - to be done again, not to be secret
    wanted = dice.betavariate(SURE * each.wanted, SURE * each.unwanted)
    return wanted * dice.betavariate(SURE * each.held, SURE * each.undone)


def share_first(known: Mapping[str, Odds]) -> Mapping[str, float]:
    """Return how often each fix would be drawn first, estimated from as many draws as tell 5 %."""
    firsts = [draw(known, f"share {n}")[0] for n in range(_DRAWS)]
    return {name: firsts.count(name) / _DRAWS for name in known}


def rolled_back(receptions: Sequence[Reception], name: str, team: str) -> Reception | None:
    """Return the rollback of a fix after which none of its kind has held; None where there is none.

    A team's own rollback counts for that team, and measured harm for everybody.
    """
    mine = [each for each in receptions if each.alternative == name and each.fate_at]
    own = [each for each in mine if each.team == team]
    return _last_bad(mine, Fate.HARMED) or _last_bad(own, Fate.UNDONE)


def _last_bad(seen: Sequence[Reception], fate: Fate) -> Reception | None:
    bad = [each for each in seen if each.fate is fate]
    last = max(bad, key=_fate_time, default=None)
    if last is None:
        return None
    held = [each for each in seen if each.fate is Fate.HELD]
    return None if any(_fate_time(each) > _fate_time(last) for each in held) else last


def _fate_time(each: Reception) -> float:
    return each.fate_at.timestamp() if each.fate_at else 0.0


def held_back(receptions: Sequence[Reception], finding_uid: str, team: str) -> frozenset[str]:
    """Return the fixes that do not go first: rejected for this very finding, or rolled back."""
    names = {each.alternative for each in receptions}
    back = {name for name in names if rolled_back(receptions, name, team)}
    return frozenset(back | rejected(receptions, finding_uid))


def rejected(receptions: Sequence[Reception], finding_uid: str) -> set[str]:
    """Return the fixes that were rejected for a finding."""
    own = [each for each in receptions if each.finding_uid == finding_uid]
    return {
        name
        for answered in by_finding(own)
        for name, each in answered.items()
        if each.answer is Answer.REJECTED
    }


def demoted(order: Sequence[str], back: frozenset[str]) -> tuple[str, ...]:
    """Return an order with what is held back at its end."""
    return (*(n for n in order if n not in back), *(n for n in order if n in back))

"""What was learned of several good fixes, in words: why one goes first, and what is known of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.proposal import Answer, Fate, Odds, Reception
from remediation.blueprint import load, ways
from remediation.preference import Place, by_finding, odds, rejected, rolled_back, share_first


@dataclass(frozen=True, slots=True)
class Times:
    """How many findings somebody decided on, and for how many of them one fix was chosen."""

    chosen: int
    of: int

    def __str__(self) -> str:
        return f"{self.chosen} of {self.of} time{'' if self.of == 1 else 's'}"


def times(receptions: Sequence[Reception], name: str) -> Times:
    """Return how often a fix was chosen of the findings that somebody decided on."""
    decided = [
        answered
        for answered in by_finding(receptions)
        if any(each.answer is not Answer.NONE for each in answered.values())
    ]
    chosen = [a for a in decided if name in a and a[name].answer is Answer.APPROVED]
    return Times(len(chosen), len(decided))


def because(
    receptions: Sequence[Reception],
    name: str,
    known: Mapping[str, Odds],
    *,
    finding_uid: str,
    team: str,
) -> str:
    """Say why a fix is proposed first; `known` in the fixed order. Empty where nothing is known."""
    said = (
        _times_said(receptions, name, team),
        _over_others(receptions, name, known, finding_uid, team),
    )
    return "; ".join(each for each in said if each)


def _over_others(
    receptions: Sequence[Reception],
    name: str,
    known: Mapping[str, Odds],
    finding_uid: str,
    team: str,
) -> str:
    usual = next(iter(known))
    undone = rolled_back(receptions, usual, team)
    if name != usual and usual in rejected(receptions, finding_uid):
        return "the usual fix was rejected for this finding"
    if name != usual and undone and undone.fate_at:
        how = "did harm" if undone.fate is Fate.HARMED else "was rolled back"
        return f"the usual fix {how} on {undone.fate_at:%d %b %Y}, and none has held since"
    if known[name].mean < max(each.mean for each in known.values()):
        return "it goes first this time to learn whether it is wanted"
    return ""


def _times_said(receptions: Sequence[Reception], name: str, team: str) -> str:
    own = times([each for each in receptions if each.team == team], name)
    if own.of:
        return f"chosen {own} by {team}" if team else f"chosen {own} where no owner is named"
    others = times(receptions, name)
    return f"chosen {others} by other teams" if others.of else ""


@dataclass(frozen=True, slots=True)
class Known:
    """What was learned of the fixes of one check, for one team in one environment; by fix."""

    check_id: str
    place: Place
    chosen: Mapping[str, Times]
    goes_first: Mapping[str, float]
    held_back: frozenset[str]

    def __str__(self) -> str:
        where = self.place.team or "no owner named"
        where += f" in {self.place.environment}" if self.place.environment else ""
        chosen = ", ".join(f"{name} chosen {each}" for name, each in self.chosen.items())
        first = max(self.goes_first, key=lambda name: self.goes_first[name])
        share = f"{first} goes first {self.goes_first[first]:.0%} of the time"
        back = "".join(
            f"; {name} was rolled back and waits until one held" for name in sorted(self.held_back)
        )
        return f"{self.check_id}, {where}: {chosen}; {share}{back}"


def learned(receptions: Sequence[Reception], now: datetime) -> tuple[Known, ...]:
    """Return what was learned wherever somebody answered, by check, team and environment."""
    load()
    by_check: dict[str, list[Reception]] = {}
    for each in receptions:
        by_check.setdefault(each.check_id, []).append(each)
    return tuple(
        _known(check_id, seen, Place(team, environment, now))
        for check_id, seen in sorted(by_check.items())
        for team, environment in sorted({(e.team, e.environment) for e in seen if e.answer})
    )


def _known(check_id: str, seen: Sequence[Reception], place: Place) -> Known:
    names = [way.alternative for way in ways(check_id)]
    here = [e for e in seen if (e.team, e.environment) == (place.team, place.environment)]
    known = odds(seen, names, place)
    back = frozenset(name for name in names if rolled_back(seen, name, place.team))
    shares = share_first({name: known[name] for name in names if name not in back} or known)
    return Known(
        check_id,
        place,
        {name: times(here, name) for name in names},
        {name: shares.get(name, 0.0) for name in names},
        back,
    )

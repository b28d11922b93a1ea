"""The answer to "Why?": what was read, where it is written, what it weighs, what was decided before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.types import Hop, LabelOrigin, Quote, Verdict


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of a file at a commit, with whatever may be secret left out.

    `about` says in words what they declare. Lines beyond those given run to `end_line`. `is_written`
    is False where the setting is declared nowhere: then they are the beginning of the resource.
    """

    about: str
    repository: str
    path: str
    start_line: int
    end_line: int
    lines: tuple[str, ...]
    url: str = ""
    commit: str = ""
    is_written: bool = True


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier decision on a finding like this one. It names no person.

    `alike` says what the two have in common, most telling first.
    """

    finding_uid: str
    check_id: str
    resource_name: str
    owner: str
    verdict: Verdict
    origin: LabelOrigin
    decided_at: datetime
    person: str = ""
    reason: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Why a finding is one and what its risk is made of, part by part; a part may be empty.

    `rule` names the rule, `found` what it saw. `quotes` is the configuration that makes it true and
    `passages` where that is declared; `unwritten` says why there is no passage. `risk` holds the
    arithmetic and what kind of number it is, `lower` the changes that would lower it, cheapest
    first. `ways` are those of an attack path. `advice` is the change to make by hand: a sentence,
    then code on the lines after it.
    """

    rule: str
    found: str
    read_at: datetime | None = None
    facts: tuple[str, ...] = ()
    quotes: tuple[tuple[str, Quote], ...] = ()
    ways: tuple[tuple[Hop, ...], ...] = ()
    passages: tuple[Passage, ...] = ()
    unwritten: str = ""
    not_checked: str = ""
    risk: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()
    comparison: str = ""
    precedents: tuple[Precedent, ...] = ()
    cost: str = ""
    advice: str = ""


VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.APPROVE: "real",
    Verdict.FALSE_POSITIVE: "a wrong detection",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.ACCEPTED_RISK: "an accepted risk",
}


def sum_up(precedents: Sequence[Precedent]) -> str:
    """Say in one sentence what was decided about findings like this one.

    The reason told is the one most often given with the commonest verdict.
    """
    if not precedents:
        return "Nobody has decided about a finding like this one yet."
    (verdict, count), *_ = Counter(each.verdict for each in precedents).most_common()
    reasons = Counter(each.reason for each in precedents if each.verdict is verdict and each.reason)
    because = f": {reasons.most_common(1)[0][0]}" if reasons else ""
    words = VERDICT_WORDS[verdict]
    if len(precedents) == 1:
        return f"The one finding like it that was decided about was called {words}{because}"
    return (
        f"{count} of {len(precedents)} decisions on findings like it called them {words}{because}"
    )

"""Whose word alone does not hide something severe: who is new here, and who is often wrong."""

import json
from collections import Counter
from collections.abc import Callable, Sequence

from app.world import World
from core.types import Card, Label, Person, Severity

_KNOWN = "labels.known"
_USUAL = 0.9  # right nine times of ten, as `explain.witness` believes of a stranger
_OTHERS = 2
"""People who know their way; one or two who label are the team, and there is nobody to ask."""

Doubt = Callable[[Person, Card], str]


def remember(world: World, labels: Sequence[Label]) -> None:
    """Keep how much each person has judged, and who is surely less often right than usual.

    It is made when the model is trained, since the bot may not wait for it.
    """
    from explain.examples import newest_words
    from explain.witness import examine

    words = newest_words(labels)
    witnesses = examine(words).witnesses
    judged = Counter(each.person for each in words)
    wrong = sorted(who for who, each in witnesses.items() if each.high < _USUAL)
    world.store.put(_KNOWN, json.dumps({"judged": judged, "often_wrong": wrong}))


def of(world: World) -> Doubt:
    """Return what says why somebody's dismissal of a finding is not enough; nothing where it is.

    The sentence says nothing of the person: how often somebody is right is for the operator.
    """
    settings = world.settings.labels

    def doubt(person: Person, card: Card) -> str:
        severity = card.finding.severity
        if settings.severe == "none" or severity.rank < Severity(settings.severe).rank:
            return ""
        known = json.loads(world.store.get(_KNOWN) or "{}")
        judged = known.get("judged", {})
        others = [who for who, n in judged.items() if n >= settings.newcomer and who != person.key]
        is_new = judged.get(person.key, 0) < settings.newcomer
        if len(others) < _OTHERS or not (is_new or person.key in known["often_wrong"]):
            return ""
        return f"It is {severity.value} by rule, and here one voice alone does not hide that."

    return doubt

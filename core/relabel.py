"""The operator's hand on labels: what counts no more, and what was meant otherwise."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.decide import job
from core.errors import DecisionError
from core.opinion import OF, WORDS, outcome, standing
from core.ports import Job, Store
from core.types import Decision, DecisionKind, Label, Person, Status, Verdict

CORRECTED_BY = "corrected_by"
"""Answer of a decision that the operator put right: who that was."""

_ALL = 1_000_000
_KINDS = {
    Verdict.APPROVE: DecisionKind.CONFIRM,
    Verdict.FALSE_POSITIVE: DecisionKind.FALSE_POSITIVE,
    Verdict.NOT_APPLICABLE: DecisionKind.NOT_APPLICABLE,
}


def take_back(
    store: Store, labels: Sequence[Label], *, person: Person, now: datetime, reason: str
) -> None:
    """Let labels count no more, whoever gave them; all or none.

    Findings that scans saw stand as they would without. The model is trained again.
    """
    decisions = [
        Decision(
            uid=uuid.uuid4().hex,
            finding_uid=each.finding_uid,
            kind=DecisionKind.TAKE_BACK,
            person=person,
            decided_at=now,
            reason=reason.strip(),
            answers={OF: each.person},
        )
        for each in labels
    ]
    uids = dict.fromkeys(each.finding_uid for each in labels)
    store.take_back(decisions, jobs=_followed(store, uids))


def would_open(store: Store, labels: Sequence[Label], *, now: datetime) -> int:
    """Count the findings that people closed, and that would be open without these labels."""
    gone: dict[str, set[str]] = {}
    for each in labels:
        gone.setdefault(each.finding_uid, set()).add(each.person)
    closed = store.cards(statuses=[Status.SUPPRESSED.value, Status.ACCEPTED.value], limit=_ALL)
    return sum(
        outcome(_without(card.decisions, gone[card.finding.uid]), now=now)[0] is Status.OPEN
        for card in closed
        if card.finding.uid in gone and card.finding.exemption is None
    )


def _without(decisions: Sequence[Decision], people: Collection[str]) -> tuple[Decision, ...]:
    return tuple(d for d in decisions if d.kind not in WORDS or d.person.key not in people)


def correct(  # noqa: PLR0913  # a correction has that many independent facts
    store: Store, label: Label, verdict: Verdict, *, person: Person, now: datetime, reason: str
) -> Label:
    """Give a label another verdict; it stays the word of whoever gave it, and that is on record.

    It is learned with the features that it had, as said now, so that an older import does not undo it.
    Raises: DecisionError for an accepted risk whose end nobody named.
    """
    corrected = replace(
        label,
        verdict=verdict,
        reason=reason.strip() or label.reason,
        labelled_at=now,
        about={},
    )
    store.correct_label(
        corrected,
        _decided(store, corrected, person, now),
        actor=person.key,
        jobs=_followed(store, [label.finding_uid]),
    )
    return corrected


def _decided(store: Store, label: Label, person: Person, now: datetime) -> Decision | None:
    """Return the decision that goes with a corrected label, where one went with it before."""
    said = standing(store.decisions(label.finding_uid))
    words = [d for d in said if d.kind in WORDS and d.person.key == label.person]
    if not words:
        return None  # imported: it never moved its finding
    if label.verdict not in _KINDS:
        raise DecisionError("An accepted risk needs an end. Have it accepted in Slack instead.")
    return Decision(
        uid=uuid.uuid4().hex,
        finding_uid=label.finding_uid,
        kind=_KINDS[label.verdict],
        person=words[-1].person,
        decided_at=now,
        reason=label.reason,
        answers={CORRECTED_BY: person.key},
    )


def _followed(store: Store, finding_uids: Iterable[str]) -> tuple[Job, ...]:
    """Return what follows: messages that stand in Slack brought up to date, and a training."""
    posted = (uid for uid in finding_uids if store.message_ref(uid))
    refreshed = (job("refresh", uid, {"finding_uid": uid}) for uid in posted)
    return (*refreshed, job("retrain", "retrain", {}))

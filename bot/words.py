"""How facts are said: money, moments, severities, standings."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.text import code, escape, prose
from core import claim, opinion, quorum
from core.decide import UNDER_WAY
from core.gate import Revert
from core.relabel import CORRECTED_BY
from core.types import (
    Card,
    Checks,
    ChecksState,
    CostImpact,
    Decision,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    Status,
    Withheld,
)

_ANNOUNCED = FixState.PLANNED
_WATCHING = "watching"
WATCHING_REASON = f"{_WATCHING}: who calls it is not known"
"""The reason of the snooze that "I don't know" leads to."""


def moment(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """Say when: the time for today, else the date too. 24 hours, in the team's zone."""
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{local:%H:%M}"
    return f"{local:%d %b %Y %H:%M}" if local.year != now.year else f"{local:%d %b %H:%M}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Say which day."""
    return f"{at.astimezone(zone):%d %b %Y}"


def cost(impact: CostImpact) -> str:
    """Say what a resource costs and what its fix changes, and how that is known."""
    if impact.monthly is None:
        runs = "running cost not known"
    else:
        runs = (
            f"runs at {claim.money(impact.monthly, impact.currency)} a month ({impact.basis.value})"
        )
    return f"{runs}; {claim.added(impact.fix_monthly_delta, impact.currency)}"


def severity(card: Card) -> str:
    """Return the severity word with a capital."""
    return card.finding.severity.value.capitalize()


def risk(card: Card) -> str:
    """Say the risk; "not scored" where the model abstained."""
    assessment = card.assessment
    if assessment is None or assessment.abstained:
        return "Risk not scored"
    if assessment.probability is None:
        return f"Risk {assessment.risk:.0f} (prior)"
    return f"Risk {assessment.risk:.0f} (probability {assessment.probability:.0%})"


def withheld(held: Withheld) -> str:
    """Say that the model holds a finding back, or that this is a spot check of what it would not show."""
    below = (
        f"its risk is below {held.threshold:.0f}, the threshold of model {code(held.model_version)}"
    )
    if held.drawn_at is None:
        return f"*Held back by the model*: {below}. It is not posted, but listed and counted"
    return (
        f"*Spot check*: the model would not have shown this, since {below}. It was drawn at random. "
        "Is it real? Your answer says what the model misses"
    )


def count(number: int, one: str, many: str = "") -> str:
    """Say how many: "1 gap", "3 gaps"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def person(decision: Decision) -> str:
    """Name who decided; a name, never a mention that would ring."""
    name = prose(decision.person.name or decision.person.user, 80)
    return f"{name} (put right by the operator)" if CORRECTED_BY in decision.answers else name


_VERDICTS = {
    DecisionKind.APPROVE_FIX: "it is real",
    DecisionKind.CONFIRM: "it is real",
    DecisionKind.FALSE_POSITIVE: "false positive",
    DecisionKind.NOT_APPLICABLE: "not applicable here",
    DecisionKind.ACCEPT_RISK: "risk accepted",
}


def verdict(decision: Decision) -> str:
    """Say in a few plain words what a decision says of its finding."""
    return _VERDICTS[decision.kind]


def is_other(decision: Decision, kind: DecisionKind) -> bool:
    """Whether a decision of this kind would say something else than one does."""
    return _VERDICTS[decision.kind] != _VERDICTS[kind]


def taken_back(decision: Decision, word: Decision) -> str:
    """Say in plain words whose word counts no more, and by whom it was taken back."""
    name = decision.person.name or decision.person.user
    is_own = word.person.key == decision.person.key
    whose = "" if is_own else f" what {word.person.name or word.person.user} said"
    said = f"{name} took back{whose}: {verdict(word)}"
    reason = f" ({decision.reason})" if decision.reason else ""
    return f"{said}{reason}. It counts no more."


def last(card: Card, *kinds: DecisionKind) -> Decision | None:
    """Return the latest decision of the given kinds that nobody took back."""
    chosen = [each for each in opinion.standing(card.decisions) if each.kind in kinds]
    return max(chosen, key=lambda decision: decision.decided_at, default=None)


def standing(card: Card, zone: ZoneInfo, *, now: datetime) -> str:
    """Say in one line of mrkdwn where the finding stands; empty while it is simply open."""
    status = card.finding.status
    if status is Status.FIXED and not (_verified(card.fix) or is_undoing(card)):
        at = card.finding.last_seen
        return f"*Fixed*, gone since {moment(at, zone, now=now)}" if at else "*Fixed*"
    exemption = card.finding.exemption
    if exemption and status in (Status.ACCEPTED, Status.SUPPRESSED):
        until = f" until {day(exemption.until, zone)}" if exemption.until else ""
        owner = f" of {code(exemption.owner)}" if exemption.owner else ""
        named = f"Accepted by exception {code(exemption.uid)}{owner}{until}"
        return f"*{named}*: {prose(exemption.reason, 300)}"
    if status is Status.SUPPRESSED:
        return _decided(
            "False positive", card, DecisionKind.FALSE_POSITIVE, DecisionKind.NOT_APPLICABLE
        )
    if status is Status.ACCEPTED:
        return _until("Risk accepted", card, DecisionKind.ACCEPT_RISK, zone)
    if status is Status.SNOOZED:
        return _until("Snoozed", card, DecisionKind.SNOOZE, zone)
    if (waiting := _awaiting(card, zone, now=now)) and not is_undoing(card):
        return waiting
    if card.fix is None:
        return _opinions(card)
    undoing = "Undoing the fix. " if is_undoing(card) else ""
    return f"{undoing}{_fixing(card, card.fix, zone, now=now)}"


def _opinions(card: Card) -> str:
    """Say what people think of an open finding, where somebody said something."""
    found = opinion.opinion(card.decisions)
    said = sorted((*found.real, *found.dismissing), key=lambda each: each.decided_at)
    named = "; ".join(f"{person(each)} says {verdict(each)}" for each in said[-3:])
    if found.is_open:
        return f"*Another opinion is needed*: {named}; see the thread"
    return f"*Called real*: {named}" if found.real else ""


def _awaiting(card: Card, zone: ZoneInfo, *, now: datetime) -> str:
    """Say how many approvals the current plan has, while it has some and needs more."""
    fix, plan = card.fix, card.plan
    if plan is None or plan.valid_until <= now or (fix and fix.state in UNDER_WAY):
        return ""
    given = len(quorum.of_card(card, at=now))
    if not 0 < given < plan.terms.approvals:
        return ""
    announced = f". {_fixing(card, fix, zone, now=now)}" if fix and fix.state is _ANNOUNCED else ""
    said, _, whose = approvals(card, plan, zone, now=now).partition(":")
    return f"*{said}*:{whose}; plan {digest(plan.digest)}{announced}"


def approvals(card: Card, plan: FixPlan, zone: ZoneInfo, *, now: datetime) -> str:
    """Say how many approvals of a plan hold, whose they are, and until when."""
    held = quorum.approvals(plan, card.decisions, at=now)
    said = f"Approvals {len(held)} of {plan.terms.approvals}"
    if not held:
        return said
    first = min(quorum.valid_until(plan, each) for each in held)
    until = moment(min(first, plan.valid_until), zone, now=now)
    return f"{said}: {', '.join(person(each) for each in held)}, until {until}"


def approved(card: Card, decision: Decision, zone: ZoneInfo, *, now: datetime) -> str:
    """Say in plain words who just approved, and what is still needed before anything happens."""
    plan = card.plan
    if plan is None:
        return ""
    given, needed = len(quorum.of_card(card, at=now)), plan.terms.approvals
    name = decision.person.name or decision.person.user
    said = f"{name} approved plan {digest(plan.digest)}: {given} of {needed}."
    if given >= needed:
        return f"{said} {'The live resource is being changed' if plan.live else 'The pull request is being opened'}."
    until = moment(min(quorum.valid_until(plan, decision), plan.valid_until), zone, now=now)
    missing = count(needed - given, "more approval is", "more approvals are")
    return f"{said} {missing} needed, by somebody else, until {until}."


def undo_asked(card: Card, decision: Decision, *, now: datetime) -> str:
    """Say who asks for a fix to be undone, while more people have to; empty once it is under way."""
    fix, plan = card.fix, card.plan
    if fix is None or plan is None or fix.state is FixState.REVERTING:
        return ""
    given = quorum.undoing(plan, card.decisions, since=fix.updated_at, at=now)
    missing = quorum.missing_to_undo(plan, card.decisions, since=fix.updated_at, at=now)
    if not missing:
        return ""
    name = decision.person.name or decision.person.user
    more = count(missing, "more person has", "more people have")
    return (
        f"{name} asks to undo this fix: {len(given)} of {plan.terms.approvals}. {more} to ask for it "
        "with Revert fix, in the finding's message."
    )


def undo_terms(card: Card, *, now: datetime) -> str:
    """Say what undoing a fix takes where one click is not enough; else nothing."""
    fix, plan = card.fix, card.plan
    if (
        fix is None
        or plan is None
        or plan.terms.revert is Revert.ANYONE
        or plan.terms.approvals < 2
    ):
        return ""
    given = quorum.undoing(plan, card.decisions, since=fix.updated_at, at=now)
    names = f" Asked so far: {', '.join(person(each) for each in given)}." if given else ""
    alone = (
        " Whoever approved it may undo it alone." if plan.terms.revert is Revert.APPROVER else ""
    )
    return f"{gates(plan)}: {plan.terms.approvals} people have to ask for this.{alone}{names}"


def rejected(decision: Decision) -> str:
    """Say in plain words who rejected a plan and what became of the approvals it had."""
    name = decision.person.name or decision.person.user
    return (
        f"{name} rejected plan {digest(decision.plan_digest)}: {decision.reason}. Nothing is "
        "changed, and approvals given before count no more."
    )


def answered(decision: Decision) -> str:
    """Say in plain words what somebody answered about a canary that could not be judged."""
    name = decision.person.name or decision.person.user
    if decision.kind is DecisionKind.GO_ON:
        return f"{name} lets the fixes that wait go ahead."
    return f"{name} has the canary observed as long again; the others wait."


def gates(plan: FixPlan) -> str:
    """Name the gates that a plan's terms come from."""
    return f"Gate {prose(' and '.join(plan.terms.gates), 200)}"


def is_undoing(card: Card) -> bool:
    """Whether the fix shown is one that takes an earlier fix back, and is not done yet."""
    fix, plan = card.fix, card.plan
    if fix is None or fix.state in {FixState.REVERTED, FixState.VERIFIED}:
        return False
    inverse = plan is not None and plan.digest == fix.plan_digest and bool(plan.reverts)
    return inverse or fix.state is FixState.REVERTING


def _verified(fix: Fix | None) -> bool:
    return fix is not None and fix.state in (FixState.VERIFIED, FixState.WORSE)


def _decided(words: str, card: Card, *kinds: DecisionKind) -> str:
    decision = last(card, *kinds)
    if decision is None:
        return f"*{words}*"
    if decision.kind is DecisionKind.NOT_APPLICABLE:
        words = "Not applicable here"
    reason = f": {prose(decision.reason, 300)}" if decision.reason else ""
    return f"*{words}*, says {person(decision)}{reason}"


def _until(words: str, card: Card, kind: DecisionKind, zone: ZoneInfo) -> str:
    decision = last(card, kind)
    if decision is None or decision.until is None:
        return f"*{words}*"
    if decision.reason == WATCHING_REASON:
        words = "Watching"
    reason = (
        f": {prose(decision.reason.removeprefix(f'{_WATCHING}: '), 300)}" if decision.reason else ""
    )
    return f"*{words} until {day(decision.until, zone)}* by {person(decision)}{reason}"


def _fixing(card: Card, fix: Fix, zone: ZoneInfo, *, now: datetime) -> str:
    detail = f": {prose(fix.detail, 300)}" if fix.detail else ""
    opening = f"; {prose(fix.detail, 300)}" if fix.detail else "; opening the pull request"
    is_live = card.plan is not None and card.plan.live is not None
    if is_live and not fix.detail:
        opening = "; changing the live resource"
    return {
        FixState.NONE: f"*Nothing was changed*{detail}" if detail else "",
        FixState.PLANNED: f"*Will be fixed automatically* {prose(fix.detail, 100)}; Review fix can stop it",
        FixState.APPROVED: f"*Plan {digest(fix.plan_digest)} approved*{_approvers(card, fix)}{opening}",
        FixState.PULL_REQUEST: f"*{_request(fix)} open{_checks(fix)}*{_reviewed(fix)}{_beside(fix)}; your branch protection decides who merges",
        FixState.MERGED: f"*{_request(fix)} merged*{_beside(fix)}, awaiting deployment",
        FixState.APPLIED: "*Live resource changed*, to be verified",
        FixState.VERIFIED: f"*Fixed, verified {moment(fix.updated_at, zone, now=now)}*",
        FixState.CLOSED: f"*{_request(fix)} closed without merging*; {_closed(fix)}",
        FixState.FAILED: f"*Fix failed*{'' if is_live else '; nothing was changed'}{detail}",
        FixState.REVERTING: f"*Inverse change under way*{detail}",
        FixState.REVERTED: f"*Fix reverted*; the finding is open again{detail}",
        FixState.RETURNED: f"*Fixed, and back again*{detail}",
        FixState.WORSE: f"*Fixed, but worse off since*{detail}",
    }[fix.state]


def _approvers(card: Card, fix: Fix) -> str:
    plan = card.plan if card.plan and card.plan.digest == fix.plan_digest else None
    held = quorum.approvals(plan, card.decisions, at=fix.updated_at) if plan else ()
    latest = last(card, DecisionKind.APPROVE_FIX, DecisionKind.AUTO_FIX)
    named = held or ((latest,) if latest else ())
    return f" by {', '.join(person(each) for each in named)}" if named else ""


def _request(fix: Fix) -> str:
    request = fix.pull_request
    return f"Pull request {link(request.url, f'#{request.number}')}" if request else "Pull request"


def _closed(fix: Fix) -> str:
    return prose(fix.detail, 300) if fix.detail else "the finding stays open"


_NAMED = 5
_CHECKS = {
    ChecksState.FAILED: "checks failed",
    ChecksState.PASSED: "checks passed",
    ChecksState.PENDING: "checks running",
}


def _checks(fix: Fix) -> str:
    checks = fix.pull_request.checks if fix.pull_request else Checks()
    if checks.state not in _CHECKS:
        return ""
    failed = f" ({prose(', '.join(checks.failed), 200)})" if checks.failed else ""
    return f", {_CHECKS[checks.state]}{failed}"


def _reviewed(fix: Fix) -> str:
    names = fix.pull_request.approved_by if fix.pull_request else ()
    return f", approved there by {prose(', '.join(names), 200)}" if names else ""


def _beside(fix: Fix) -> str:
    """Say that a pull request holds other fixes too: how many, and whose."""
    if not fix.beside:
        return ""
    named = ", ".join(code(name) for name in fix.beside[:_NAMED])
    more = f" and {len(fix.beside) - _NAMED} more" if len(fix.beside) > _NAMED else ""
    return f", one of {len(fix.beside) + 1} fixes in it, with {named}{more}"


def digest(value: str) -> str:
    """Shorten a digest to what a person compares."""
    return f"{value[:4]}..{value[-2:]}" if len(value) > 8 else escape(value)


def link(url: str, words: str) -> str:
    """Return a link, or only its words where the address is not a web address."""
    safe = url.startswith(("https://", "http://")) and not any(c in url for c in "|<>` \n")
    return f"<{escape(url)}|{escape(words)}>" if safe else code(words)

"""One finding as one message, in whatever state it is."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot import cut, words
from bot.block import (
    HEADER_MAX,
    Block,
    Message,
    actions,
    button,
    context,
    fitting,
    header,
    overflow,
    section,
)
from bot.ids import Action, More
from bot.text import code, prose
from core import drift, opinion
from core.decide import UNDER_WAY
from core.types import Card, FixState, Status

_FACT = 700
"""Characters of one fact; seven of them stay far below Slack's 12,000 a message."""
_REASONS = 3
_REVERTIBLE = (FixState.VERIFIED, FixState.WORSE)
_CONTEXT = (
    ("Reach", ("sensitive_in_reach", "stores_in_reach")),
    ("Use", ("calls_per_day",)),
)
"""Features that are said whatever they weigh: what is lost with this, and who would miss it."""


def message(
    card: Card, *, zone: ZoneInfo, now: datetime, copies: int = 0, note: str = ""
) -> Message:
    """Render a finding. `copies` counts findings with the same cause that this message speaks for."""
    headline = title(card)
    standing = words.standing(card, zone, now=now)
    facts = _facts(card) if _is_live(card) else ()
    blocks = [
        header(headline),
        context(_where(card, zone, now=now)),
        *([section(words.withheld(card.withheld))] if card.withheld else []),
        *([section(standing)] if standing else []),
        *(section(fact) for fact in facts),
        *(cut.blocks(card) if _is_live(card) else ()),
        *([context(prose(note, 300))] if note else []),
        context(_footing(card, copies)),
        actions(*_elements(card)),
    ]
    return Message(prose(headline, 300), fitting(blocks))


def title(card: Card) -> str:
    """Say how bad and what, in one line."""
    finding = card.finding
    told = finding.evidence.message or finding.title
    if finding.resource_name and finding.resource_name not in told:
        told = f"{finding.resource_name}: {told}"
    return f"{words.severity(card)}: {told}"


def _is_live(card: Card) -> bool:
    return card.finding.status in {Status.OPEN, Status.UNKNOWN}


def _where(card: Card, zone: ZoneInfo, *, now: datetime) -> str:
    finding = card.finding
    place = [card.environment, finding.region, finding.account]
    owner = f"Owner {code(finding.owner)}" if finding.owner else "No owner known"
    seen = finding.first_seen
    since = _since(seen, zone, now) if seen else ""
    said = [
        prose(", ".join(part for part in place if part), 200),
        owner,
        since,
        f"*{words.risk(card)}*",
    ]
    return ". ".join(part for part in said if part)


def _since(seen: datetime, zone: ZoneInfo, now: datetime) -> str:
    today = seen.astimezone(zone).date() == now.astimezone(zone).date()
    return "New today" if today else f"Open since {words.day(seen, zone)}"


def _facts(card: Card) -> tuple[str, ...]:
    finding = card.finding
    said = [_what(card)]
    if finding.evidence.locations and not finding.evidence.ways:
        said.append(
            ("Where", ", ".join(finding.evidence.locations[:5]) + _more(finding.evidence.locations))
        )
    said.append(("Why this risk", _reasons(card)))
    said += [(label, _sentence(card, features)) for label, features in _CONTEXT]
    if card.assessment:
        said.append(("Cost", words.cost(card.assessment.cost)))
    said.append(("Not checked", "; ".join(card.not_checked)))
    said.append(("Fix", _fix(card)))
    return tuple(f"*{label}:* {prose(text, _FACT)}" for label, text in said if text)


def _what(card: Card) -> tuple[str, str]:
    """Return the rule, or the whole message where the header has no room for it."""
    is_whole = len(title(card)) <= HEADER_MAX
    return ("Rule", card.finding.title) if is_whole else ("Open", card.finding.evidence.message)


def _more(locations: tuple[str, ...]) -> str:
    return f" and {len(locations) - 5} more" if len(locations) > 5 else ""


def _reasons(card: Card) -> str:
    if card.assessment is None:
        return ""
    if card.assessment.abstained:
        return "the model is unsure and gives no score; the severity comes from the rule"
    strongest = sorted(
        (each for each in card.assessment.explanation.contributions if each.sentence),
        key=lambda each: -abs(each.shap_value),
    )
    return "; ".join(each.sentence.rstrip(".") for each in strongest[:_REASONS])


def _sentence(card: Card, features: tuple[str, ...]) -> str:
    """Return what the first of these features that has something to say says."""
    told = card.assessment.explanation.contributions if card.assessment else ()
    said = {each.feature: each.sentence.rstrip(".") for each in told if each.sentence}
    return next((said[feature] for feature in features if feature in said), "")


def _fix(card: Card) -> str:
    if card.plan and not card.plan.reverts:
        place = card.plan.source or card.finding.source
        where = f", {place.file}:{place.start_line}" if place else ""
        return f"{card.plan.summary.rstrip('.')}{where}"
    if card.link and card.fix_available:
        prepared = f"a change to {card.link.path} in {card.link.repository} can be prepared"
        is_drift = card.finding.check_id == drift.CHECK_ID  # two ways out, of which one is ours
        return card.finding.remediation if is_drift else prepared
    if card.fix_available:
        return "no template declares this; a change of the live resource itself can be prepared"
    if card.no_fix_reason and not card.finding.evidence.ways:
        return f"{card.no_fix_reason.rstrip('.')}. {card.finding.remediation}".strip()
    return card.finding.remediation


def _footing(card: Card, copies: int) -> str:
    finding = card.finding
    said = [
        f"{words.count(copies, 'copy has', 'copies have')} the same cause" if copies else "",
        f"1 of {card.open_on_resource:,} open on this resource"
        if card.open_on_resource > 1
        else "",
        f"1 of {card.open_for_owner:,} open for this owner" if card.open_for_owner else "",
        f"check {code(finding.check_id)}",
        f"policy {code(finding.policy_commit.removeprefix('sha256:')[:8])}"
        if finding.policy_commit
        else "",
        f"{words.count(card.earlier_decisions_used, 'earlier decision')} of your team were used",
        f"id {code(finding.uid[:8])}",
    ]
    return "; ".join(part for part in said if part)


def _elements(card: Card) -> list[Block]:
    uid = card.finding.uid
    why = button("Why?", Action.WHY, uid)
    if not _is_live(card):
        return [*_after(card), *_otherwise(card), why]
    change = (More.CHANGE,) if opinion.has_words(card.decisions) else ()
    if card.fix and card.fix.state in UNDER_WAY:
        waits = card.fix.state is FixState.APPROVED and bool(card.fix.detail)
        stop = [button("Review fix", Action.REVIEW, uid)] if waits else []
        menu = _menu(uid, More.CHECK_AGAIN, More.WATERFALL, *change)
        return [*_pull_request(card), *stop, why, menu]
    review = (
        [button("Review fix", Action.REVIEW, uid, style="primary")] if card.fix_available else []
    )
    path = [button("Show path", Action.PATH, uid)] if card.finding.evidence.ways else []
    is_asked = card.withheld is not None or opinion.opinion(card.decisions).is_open
    return [
        *review,
        *([button("It is real", Action.CONFIRM, uid)] if is_asked else []),
        why,
        *path,
        button("Not mine", Action.NOT_MINE, uid),
        button("False positive", Action.FALSE_POSITIVE, uid),
        _menu(uid, More.SNOOZE, More.ACCEPT, More.CHECK_AGAIN, More.WATERFALL, *change),
    ]


def _otherwise(card: Card) -> list[Block]:
    """Return what can be said of a finding that people closed."""
    uid, by_people = card.finding.uid, card.finding.exemption is None
    if not by_people or not opinion.has_words(card.decisions):
        return []
    change = button("Change or take back", Action.CHANGE, uid)
    real = [button("It is real", Action.CONFIRM, uid)]
    return [*(real if card.finding.status is Status.SUPPRESSED else []), change]


def _after(card: Card) -> list[Block]:
    fix = card.fix
    if words.is_undoing(card):
        return _pull_request(card)
    if card.finding.status is not Status.FIXED or fix is None or fix.state not in _REVERTIBLE:
        return []
    return [*_pull_request(card), button("Revert fix", Action.REVERT, card.finding.uid)]


def _pull_request(card: Card) -> list[Block]:
    request = card.fix.pull_request if card.fix else None
    if request is None or not request.url.startswith(("https://", "http://")):
        return []
    words_ = f"Pull request #{request.number}"
    return [button(words_, Action.PULL_REQUEST, card.finding.uid, url=request.url)]


_MORE = {
    More.SNOOZE: "Snooze",
    More.ACCEPT: "Accept risk",
    More.CHECK_AGAIN: "Check again",
    More.WATERFALL: "Waterfall",
    More.CHANGE: "Change or take back",
}


def _menu(uid: str, *items: More) -> Block:
    return overflow(Action.MORE, {f"{item.value}:{uid}": _MORE[item] for item in items})

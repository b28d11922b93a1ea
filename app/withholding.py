"""Hold back what a promoted model is sure of, ask people about a slice of it, and stop if it errs."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from app.world import World
from core import withhold
from core.ports import Chat
from core.scan import risk_order
from core.types import Standing, Status, Withheld
from core.withhold import AUDITED, LEAST_ANSWERED, LEAST_REAL, LIKELY, Audited, Recall

AUDITED_DAYS = 90
_WEEK = timedelta(days=7)
_ALL = 1_000_000
_SEED = "withhold.seed"
_STOPPED = "withhold.stopped"
_TOLD = "withhold.told"
_SHOWN_UNTIL = "withhold.shown_until"
_SINCE = "withhold.since"
_SHADOW = "shadow:"


@dataclass(frozen=True, slots=True)
class Rule:
    """By which model and below which risk findings are held back; without a threshold, why not."""

    version: str
    threshold: float | None = None
    why: str = ""


def rule(world: World) -> Rule:
    """Return what is held back by the settings and the model in force; off unless all allows it."""
    settings, active = world.settings.model, world.store.active_model()
    card = next((each for each in world.store.models() if each.version == active), None)
    if settings.suppress == "off":
        return Rule(active or "", why="it is off in the settings (model.suppress)")
    if card is None:
        return Rule("", why="the model in force is a prior")
    figures = card.metrics
    if stopped := _stopped(world):
        return Rule(card.version, why=str(stopped["why"]))
    if "suppression_threshold" not in figures or (
        figures["suppression_recall"] < settings.suppress_recall
    ):
        asked = f"{settings.suppress_recall:.0%}"
        return Rule(card.version, why=f"the model was not judged at {asked} recall; retrain it")
    if figures["suppression_real"] < LEAST_REAL:
        n = f"{figures['suppression_real']:.0f}"
        why = f"only {n} decisions that it was judged by called a finding real; {LEAST_REAL} are needed"
        return Rule(card.version, why=why)
    return Rule(card.version, threshold=figures["suppression_threshold"])


# ── after each scan ───────────────────────────────────────────────────────────


def review(world: World, *, now: datetime) -> None:
    """Bring what is held back up to date with the last scan and the model in force.

    Where spot checks say that too much of what is real was held back, everything is let go.
    """
    _resume_where_judged(world, now=now)
    ruled = rule(world)
    if stopped := _misses_too_much(world, ruled, now=now):
        facts = {"version": ruled.version, "why": stopped, "told": False}
        world.store.put(_STOPPED, json.dumps(facts))
        world.store.audit("model.withholding_stopped", "plumbline", {"why": stopped})
        ruled = rule(world)
    before = {e.finding_uid: e for e in world.store.withheld()}
    held = _held(world, ruled, before, now=now)
    kept = {each.finding_uid for each in held}
    released = [u for u, e in before.items() if not e.released_at and u not in kept]
    after = {**before, **{e.finding_uid: before.get(e.finding_uid, e) for e in held}}
    pool = [e for u, e in after.items() if u in kept or e.drawn_at]
    drawn, seed = _drawn(world, pool, now=now)
    world.store.withhold(
        [each for each in held if _is_news(each, before.get(each.finding_uid))],
        released=released,
        drawn=drawn,
        facts={"model": ruled.version, "threshold": ruled.threshold, "seed": seed},
    )


def _stopped(world: World) -> Mapping[str, object]:
    """Return which model was stopped and why; nothing where none was."""
    stopped: Mapping[str, object] = json.loads(world.store.get(_STOPPED) or "{}")
    return stopped


def _resume_where_judged(world: World, *, now: datetime) -> None:
    """Begin anew where another model is in force, of which spot checks say that it keeps the recall."""
    stopped, active = _stopped(world), world.store.active_model()
    if not stopped or stopped["version"] == active:
        return
    card = next((each for each in world.store.models() if each.version == active), None)
    judged = [each.standing for each in card.criteria if each.name == AUDITED] if card else []
    if judged == [Standing.HOLDS]:
        resume(world, by="plumbline", now=now)


def resume(world: World, *, by: str, now: datetime) -> None:
    """Let the model in force hold findings back again, judged by spot checks from now on."""
    world.store.put(_STOPPED, "")
    world.store.put(_SINCE, now.isoformat())
    world.store.audit("model.withholding_resumed", by, {"version": rule(world).version})


def _held(
    world: World, ruled: Rule, before: Mapping[str, Withheld], *, now: datetime
) -> tuple[Withheld, ...]:
    if ruled.threshold is None:
        return ()
    posted, threshold = _posted(world), ruled.threshold
    return tuple(
        Withheld(card.finding.uid, now, ruled.version, threshold)
        for card in world.store.cards(limit=_ALL)
        if withhold.may_be_withheld(card, threshold=threshold, version=ruled.version)
        and (card.finding.uid not in posted or _is_asked(before.get(card.finding.uid)))
    )


def _posted(world: World) -> frozenset[str]:
    return frozenset(each.removeprefix(_SHADOW) for each in world.store.posted())


def _is_asked(known: Withheld | None) -> bool:
    """Whether a finding is held back and shown as a spot check only."""
    return known is not None and known.drawn_at is not None and known.released_at is None


def _is_news(each: Withheld, known: Withheld | None) -> bool:
    if known is None or known.released_at is not None:
        return True
    return (known.model_version, known.threshold) != (each.model_version, each.threshold)


def _drawn(world: World, pool: Sequence[Withheld], *, now: datetime) -> tuple[tuple[str, ...], str]:
    """Return which findings people are asked about from now on, and the seed that says so."""
    if not pool:
        return (), ""
    settings = world.settings.model
    recent = sum(each.drawn_at is not None and each.drawn_at > now - _WEEK for each in pool)
    missing = settings.spot_checks_week - recent
    seed = _seed(world)
    return withhold.draw(pool, seed=seed, share=settings.spot_check, missing=missing), seed


def _seed(world: World) -> str:
    """Return the seed of the draws; the audit trail has it with each of them."""
    if not world.store.get(_SEED):
        world.store.put(_SEED, secrets.token_hex(16))
    return world.store.get(_SEED)


def _misses_too_much(world: World, ruled: Rule, *, now: datetime) -> str:
    """Say that spot checks found too much, where that is likelier than a bad draw; else nothing."""
    found = _of_this_rule(world, now=now) if ruled.threshold is not None else None
    likely = found.recall(level=LIKELY) if found else None
    target = world.settings.model.suppress_recall
    if found is None or likely is None or likely.high >= target:
        return ""
    return (
        f"{found.real} of {found.answered} answered spot checks were real, which leaves an estimated "
        f"recall of {_percent(likely.estimate)}; {_percent(target)} is to be kept"
    )


# ── what spot checks say ──────────────────────────────────────────────────────


def audited(world: World, *, now: datetime) -> Audited:
    """Return what people said of what was shown and held back in the last 90 days."""
    return _audited(world, world.store.withheld(), now=now)


def _of_this_rule(world: World, *, now: datetime) -> Audited:
    """Return the same, less what was held back before it was begun anew."""
    began = world.store.get(_SINCE)
    every = world.store.withheld()
    return _audited(
        world,
        [e for e in every if not began or e.since >= datetime.fromisoformat(began)],
        now=now,
    )


def _audited(world: World, every: Sequence[Withheld], *, now: datetime) -> Audited:
    statuses = [each.value for each in Status]
    cards = {c.finding.uid: c for c in world.store.cards(statuses=statuses, limit=_ALL)}
    asked = {each.finding_uid for each in world.store.withheld() if each.drawn_at}
    since = now - timedelta(days=AUDITED_DAYS)
    return withhold.audited(cards, every, _posted(world) - asked, since=since)


def weights(world: World, *, now: datetime) -> Mapping[str, float]:
    """Return how many findings each spot check speaks for that was answered, by uid."""
    return withhold.weights(audited(world, now=now), world.store.withheld())


def lines(world: World, *, now: datetime) -> tuple[str, ...]:
    """Say whether findings are held back, how many, and what spot checks say, a thought a line."""
    ruled = rule(world)
    if ruled.threshold is None:
        head = f"Nothing is held back: {ruled.why}."
    else:
        held = sum(each.released_at is None for each in world.store.withheld())
        head = f"{held} held back by the model, with a risk below {ruled.threshold:.0f}."
    found = _of_this_rule(world, now=now)
    return (head, *_told(found, target=world.settings.model.suppress_recall))


def facts(world: World, *, now: datetime) -> Mapping[str, object]:
    """Return the same as plain values."""
    ruled, found = rule(world), _of_this_rule(world, now=now)
    recall = found.recall()
    return {
        "threshold": ruled.threshold,
        "why_not": ruled.why,
        "held_back": sum(each.released_at is None for each in world.store.withheld()),
        "spot_checks": {"drawn": found.drawn, "answered": found.answered, "real": found.real},
        "recall": asdict(recall) if recall else None,
        "recall_to_keep": world.settings.model.suppress_recall,
    }


def _told(found: Audited, *, target: float) -> tuple[str, ...]:
    if not found.drawn:
        return ()
    said = (
        f"Spot checks of the last {AUDITED_DAYS} days: {found.drawn} asked, {found.answered} answered, "
        f"{found.real} real."
    )
    recall = found.recall()
    if recall is None:
        return (f"{said} Too few to tell the recall.",)
    return (
        f"{said} {recall_sentence(recall, answered=found.answered)} {_percent(target)} is to be kept.",
    )


def recall_sentence(recall: Recall, *, answered: int) -> str:
    """Say a recall with its interval, and where too few answers stand behind it."""
    said = (
        f"Recall of what is shown is estimated at {_percent(recall.estimate)} "
        f"({_percent(recall.low)} to {_percent(recall.high)}, 95 %)"
    )
    few = (
        f"; too few to tell, {LEAST_ANSWERED} answers are needed"
        if answered < LEAST_ANSWERED
        else ""
    )
    return f"{said}{few}."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


# ── in the chat ───────────────────────────────────────────────────────────────


def tell(world: World, chat: Chat, *, now: datetime) -> None:
    """Show the spot checks and what was let go, say why that was, and once a day the numbers.

    What a stopped worker left unsaid is said the next time.
    """
    _tell_stopped(world, chat)
    posted, every = _posted(world), world.store.withheld()
    since = datetime.fromisoformat(world.store.get(_SHOWN_UNTIL) or now.isoformat())
    asked = [e.finding_uid for e in every if _is_asked(e)]
    let_go = [e.finding_uid for e in every if e.released_at and e.released_at >= since]
    shown = [world.store.card(uid) for uid in (*asked, *let_go) if uid not in posted]
    for card in sorted(shown, key=risk_order):
        if card.finding.status is Status.OPEN:
            chat.post_card(card)
    world.store.put(_SHOWN_UNTIL, now.isoformat())
    today = f"{now:%Y-%m-%d}"
    if any(not each.released_at for each in every) and world.store.get(_TOLD) != today:
        world.store.put(_TOLD, today)
        chat.announce("\n".join(lines(world, now=now)))


def _tell_stopped(world: World, chat: Chat) -> None:
    stopped = _stopped(world)
    if stopped and not stopped["told"]:
        chat.announce(
            f"The model holds nothing back any more: {stopped['why']}. What was held back is shown "
            "again, the riskiest first, until a model takes over that keeps the recall, or the operator "
            "says so."
        )
        world.store.put(_STOPPED, json.dumps({**stopped, "told": True}))

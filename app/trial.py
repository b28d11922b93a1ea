"""What becomes of a fix after it was verified: its trial as a canary, and the time it is watched."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from app import rollout as rollouts
from app.world import World
from core import scan as scanning
from core.decide import roll_back
from core.errors import AlreadyDecided, CloudError, Declined, PlumblineError
from core.health import Judgement, Outcome, Rule, judge
from core.identity import sha256
from core.ports import Chat
from core.quorum import PLUMBLINE
from core.trial import Rollout, Trial, TrialState
from core.types import Fix, FixPlan, FixState, Label, LabelOrigin, Resource, Shift, Status, Verdict

OBSERVE, WATCH, ANSWER = "observe", "watch", "answer"
_UNDONE = (FixState.REVERTING, FixState.REVERTED)
_UNDER_WAY = (
    TrialState.OBSERVING,
    TrialState.JUDGED,
    TrialState.WATCHING,
    TrialState.HARMED,
)
_DAY = timedelta(days=1)
_Said = tuple[Outcome, str]


@dataclass(frozen=True, slots=True)
class _Look:
    """A stretch of time whose metrics are judged by a rule; with `shift` those of few calls only."""

    since: datetime
    until: datetime
    rule: Rule
    shift: Shift | None = None


class Trials:
    """Judges the fixes of one world after they were made, and watches them.

    Each step is stored before what follows from it is done, and what follows can be done again.
    """

    def __init__(self, world: World, chat: Chat, *, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._chat = chat
        self._clock = clock

    def begin(self, fix: Fix) -> None:
        """Begin the trial of a fix whose finding is gone; once, however often this is called."""
        store, now = self._world.store, self._clock()
        plan = store.plan(fix.plan_digest)
        if plan.reverts or store.trial(plan.digest):
            return
        rollout = rollouts.of(self._world, plan)
        since = fix.updated_at if plan.live else now  # when a merge was deployed is not known
        observe = timedelta(minutes=self._world.settings.canary.observe_min)
        whole = store.card(plan.finding_uid).finding.resource_uid.partition("|")[0]
        trial = Trial(
            plan_digest=plan.digest,
            finding_uid=plan.finding_uid,
            state=TrialState.OBSERVING if rollout else TrialState.WATCHING,
            since=since,
            until=since + observe,
            rollout=rollout.uid if rollout else "",
            known=tuple(card.finding.uid for card in store.cards_on(whole)),
        )
        store.save_trial(trial)
        self._next(trial)

    def resume(self) -> None:
        """Queue the next step of every trial; a crash may have come before it was queued."""
        for trial in self._world.store.trials(states=_UNDER_WAY):
            self._next(trial)

    def _next(self, trial: Trial) -> None:
        store, payload = self._world.store, {"plan_digest": trial.plan_digest}
        if trial.state is TrialState.HARMED:
            store.enqueue(WATCH, trial.plan_digest, payload)
        elif trial.state is TrialState.WATCHING:
            when = self._clock() + timedelta(hours=self._world.settings.watch.every_h)
            store.enqueue(WATCH, trial.plan_digest, payload, run_at=when)
        else:
            store.enqueue(OBSERVE, trial.plan_digest, payload, run_at=trial.until)

    # ── the canary ────────────────────────────────────────────────────────────

    def observe(self, payload: Mapping[str, Any]) -> None:
        """Judge a canary once it was observed long enough, and act on it."""
        trial = self._world.store.trial(str(payload["plan_digest"]))
        if trial and trial.state is TrialState.OBSERVING:
            if self._was_undone(trial):
                return
            if self._clock() < trial.until:
                self._next(trial)
                return
            outcome, said = self._judged(trial)
            trial = replace(trial, state=TrialState.JUDGED, outcome=outcome, said=said)
            self._world.store.save_trial(trial)
        if trial and trial.state is TrialState.JUDGED:
            self._conclude(trial)

    def _was_undone(self, trial: Trial) -> bool:
        """End the trial of a fix that somebody takes back, and the rollout with it."""
        fix = self._world.store.fix(trial.plan_digest)
        if fix and fix.state not in _UNDONE:
            return False
        self._stop(trial, f"the fix of {self._name(trial)} was taken back.")
        self._world.store.save_trial(replace(trial, state=TrialState.OVER))
        return True

    def undone(self, digest: str) -> None:
        """Take note that a fix is being undone."""
        trial = self._world.store.trial(digest)
        if trial and trial.state in (TrialState.OBSERVING, TrialState.ASKED, TrialState.WATCHING):
            self._was_undone(trial)

    def _judged(self, trial: Trial) -> _Said:
        """Return what a rescan and the metrics say; the worse of the two decides."""
        try:
            rescan = self._rescanned(trial)
        except PlumblineError as error:
            rescan = (Outcome.INCONCLUSIVE, f"the resource could not be checked again: {error}")
        if rescan[0] is Outcome.FAIL:
            return rescan
        measured = self._measured_on_trial(trial)
        if rescan[0] is Outcome.INCONCLUSIVE and measured[0] is not Outcome.FAIL:
            return rescan
        return measured

    def _measured_on_trial(self, trial: Trial) -> _Said:
        """Return what the metrics say of the calls that the fix reached, and of all calls."""
        rule, shift = self._world.settings.canary.rule(), self._shift(trial)
        look = _Look(trial.since, trial.until, rule)
        whole = self._measured(trial, look)
        if shift is None or whole[0] is Outcome.FAIL:
            return whole
        fewer = replace(rule, drop=rule.drop * shift.weight)
        outcome, said = self._measured(trial, replace(look, rule=fewer, shift=shift))
        return outcome, f"version {shift.version} of alias {shift.alias}: {said}"

    def _shift(self, trial: Trial) -> Shift | None:
        plan = self._world.store.plan(trial.plan_digest)
        return plan.live.shift if plan.live else None

    def _rescanned(self, trial: Trial) -> _Said:
        """Look whether the finding is gone and nothing new is on the resource."""
        scanner, store = self._world.scanner(), self._world.store
        found = scanning.look_again(scanner, store.card(trial.finding_uid).finding)
        if any(each.uid == trial.finding_uid for each in found):
            return Outcome.FAIL, "the finding is there again"
        new = [each for each in found if each.uid not in trial.known and not each.hygiene]
        if new:
            return Outcome.FAIL, f"new on the resource: {'; '.join(each.title for each in new[:3])}"
        return Outcome.PASS, "the finding is gone and nothing new is on the resource"

    def _measured(self, trial: Trial, look: _Look) -> _Said:
        """Hold the metrics of a stretch of time against the same hours before the change."""
        uid = self._world.store.card(trial.finding_uid).finding.resource_uid.partition("|")[0]
        resource = self._world.store.resource(uid)
        if resource is None:
            return Outcome.INCONCLUSIVE, "the resource was not found again, so nothing is measured"
        metrics = self._world.metrics
        if not metrics.has(resource.type):
            return Outcome.PASS, f"{resource.type} has no metrics that would show harm"
        if not self._world.settings.aws.usage:
            return Outcome.INCONCLUSIVE, "metrics are not read (aws.usage is off)"
        try:
            said = self._compared(resource, trial, look)
        except CloudError as error:
            return Outcome.INCONCLUSIVE, f"the metrics could not be read: {error}"
        simulated = "simulated metrics: " if self._world.is_simulated else ""
        return said.outcome, f"{simulated}{said.said}"

    def _compared(self, resource: Resource, trial: Trial, look: _Look) -> Judgement:
        before, after = self._world.metrics.windows(
            resource,
            since=look.since,
            until=look.until,
            skip=max(0, ceil((look.until - trial.since) / _DAY) - 1),
            days=self._world.settings.canary.history_days,
            shift=look.shift,
        )
        return judge(before, after, look.rule)

    def _conclude(self, trial: Trial) -> None:
        """Do what follows from a judgement; again if it was begun before."""
        if trial.outcome is Outcome.FAIL:
            self._failed(trial)
        elif trial.outcome is Outcome.PASS:
            self._label(trial, Verdict.FIX_HELD, at=trial.until)
            self._stood(trial)
        elif waits := self._what_waits(trial):
            until = f"{trial.until:%Y-%m-%dT%H:%M}"
            self._chat.ask(
                trial.finding_uid,
                f"Whether this fix does harm cannot be told yet: {trial.said}. {waits}",
                once=f"asked {trial.plan_digest} {until}",
            )
            self._world.store.save_trial(replace(trial, state=TrialState.ASKED))
        else:
            self._stood(trial)  # nobody waits, so nobody is asked; it is watched like any fix

    def _what_waits(self, trial: Trial) -> str:
        """Say what does not go on before it is known whether the fix does harm; empty for nothing."""
        shift, waiting = self._shift(trial), self._waiting(trial)
        said = []
        if shift:
            said.append(
                f"Version {shift.version} keeps {shift.weight:.0%} of alias {shift.alias}'s calls."
            )
        if waiting:
            said.append(f"{waiting} more of the kind wait for it.")
        return " ".join(said)

    def _failed(self, trial: Trial) -> None:
        store, now = self._world.store, self._clock()
        plan, reason = store.plan(trial.plan_digest), f"Canary failed: {trial.said}"
        with suppress(AlreadyDecided):  # begun before a crash, or by somebody who was faster
            roll_back(store, plan, reason=reason, now=now)
        self._label(trial, Verdict.FIX_HARMED, at=trial.until)
        self._chat.say(
            trial.finding_uid,
            f"{reason}. The fix is rolled back{_way(plan)}.",
            once=f"failed {trial.plan_digest}",
        )
        self._stop(trial, f"the canary {self._name(trial)} failed ({trial.said}).")
        store.save_trial(replace(trial, state=TrialState.FAILED))

    def _stood(self, trial: Trial) -> None:
        """Let the others go ahead, and watch this one."""
        self._complete(trial)
        waiting = self._waiting(trial)
        if waiting and trial.outcome is Outcome.PASS:
            self._chat.say(
                trial.finding_uid,
                f"Canary passed: {trial.said}. {waiting} more of the kind follow in waves.",
                once=f"passed {trial.plan_digest}",
            )
        watched = replace(trial, state=TrialState.WATCHING)
        self._world.store.save_trial(watched)
        self._follow_up(watched)

    def _complete(self, trial: Trial) -> None:
        """Make what a live change left for the time after its trial, and say so."""
        plan, shift = self._world.store.plan(trial.plan_digest), self._shift(trial)
        if shift is None:
            return
        told = f"All calls of alias {shift.alias} go to version {shift.version} now."
        try:
            self._world.live_planner.complete(plan)
        except Declined as error:
            told = f"Alias {shift.alias} is left as it is: {error}"
        self._chat.say(trial.finding_uid, told, once=f"shifted {trial.plan_digest}")

    def _follow_up(self, trial: Trial) -> None:
        self._next(trial)
        if rollout := self._rollout(trial):
            rollouts.go_on(self._world, rollout)

    def answer(self, payload: Mapping[str, Any]) -> None:
        """Go on after a person answered what a trial could not decide; the answer is stored."""
        trial = self._world.store.trial(str(payload["plan_digest"]))
        if trial and trial.state is TrialState.WATCHING:
            self._complete(trial)
            self._follow_up(trial)
        elif trial and trial.state is TrialState.OBSERVING:
            self._next(trial)

    # ── watching ──────────────────────────────────────────────────────────────

    def watch(self, payload: Mapping[str, Any]) -> None:
        """Look whether a fix still holds; the first time that it does not ends the watch."""
        store, now = self._world.store, self._clock()
        trial = store.trial(str(payload["plan_digest"]))
        if trial and trial.state is TrialState.HARMED:
            self._take_back(trial)
        if trial is None or trial.state is not TrialState.WATCHING or self._was_undone(trial):
            return
        if now >= trial.since + self._watched_for:
            store.save_trial(replace(trial, state=TrialState.OVER))
            return
        card = scanning.recheck(self._world.scanner(), store.card(trial.finding_uid).finding)
        if card.finding.status is Status.OPEN:
            self._returned(trial)
            return
        look = _Look(self._recent(trial), now, self._watch_rule)
        outcome, said = self._measured(trial, look)
        if outcome is not Outcome.FAIL:
            self._next(trial)
        elif self._world.settings.watch.roll_back:
            harmed = replace(trial, state=TrialState.HARMED, said=said)
            store.save_trial(harmed)
            self._take_back(harmed)
        else:
            self._worse(trial, said)

    @property
    def _watched_for(self) -> timedelta:
        return timedelta(days=self._world.settings.watch.days)

    @property
    def _watch_rule(self) -> Rule:
        """The rule of the canary, its level shared among all looks of a watch."""
        watch, rule = self._world.settings.watch, self._world.settings.canary.rule()
        return replace(rule, level=rule.level / max(1.0, watch.days * 24 / watch.every_h))

    def _recent(self, trial: Trial) -> datetime:
        observe = timedelta(minutes=self._world.settings.canary.observe_min)
        return max(trial.since, self._clock() - observe)

    def reopened(self, finding_uids: tuple[str, ...]) -> None:
        """End the watch of fixes whose findings a scan saw again."""
        states = (TrialState.OBSERVING, TrialState.ASKED, TrialState.WATCHING)
        for trial in self._world.store.trials(states=states):
            if trial.finding_uid not in finding_uids:
                continue
            if trial.state is TrialState.WATCHING:
                self._returned(trial)
            else:  # a canary that is under trial failed it
                said = "the finding is there again"
                judged = replace(trial, state=TrialState.JUDGED, outcome=Outcome.FAIL, said=said)
                self._world.store.save_trial(judged)
                self._next(judged)

    def _returned(self, trial: Trial) -> None:
        store, now = self._world.store, self._clock()
        finding = store.card(trial.finding_uid).finding
        found = finding.evidence.message
        told = f"It is back: {found}. The fix of {trial.since:%d %b %H:%M} UTC had put it right."
        ended = replace(trial, state=TrialState.RETURNED, said=found)
        self._end(ended, FixState.RETURNED, told, at=now)

    def _take_back(self, trial: Trial) -> None:
        """Undo a fix that did harm while it was watched; again if it was begun before."""
        store, now = self._world.store, self._clock()
        plan, reason = store.plan(trial.plan_digest), f"Worse off since the fix: {trial.said}"
        with suppress(AlreadyDecided):  # begun before a crash, or by somebody who was faster
            roll_back(store, plan, reason=reason, now=now)
        self._label(trial, Verdict.FIX_HARMED, at=now)
        self._chat.say(
            trial.finding_uid,
            f"{reason}. The fix is rolled back{_way(plan)}.",
            once=f"harmed {trial.plan_digest}",
        )
        self._stop(trial, f"{self._name(trial)} is worse off since its fix ({trial.said}).")
        store.save_trial(replace(trial, state=TrialState.WORSE))

    def _worse(self, trial: Trial, said: str) -> None:
        told = f"Since the fix this is worse off: {said}. Revert fix takes the fix back."
        ended = replace(trial, state=TrialState.WORSE, said=said)
        self._end(ended, FixState.WORSE, told, at=self._clock())

    def _end(self, trial: Trial, fix_state: FixState, told: str, *, at: datetime) -> None:
        """Reopen what a fix had closed; said once, and the watch is over with it."""
        store = self._world.store
        fix = store.fix(trial.plan_digest)
        if fix and fix.state is FixState.VERIFIED:
            store.save_fix(replace(fix, state=fix_state, updated_at=at, detail=trial.said))
        if trial.state is TrialState.WORSE:
            self._label(trial, Verdict.FIX_HARMED, at=at)
            self._stop(trial, f"{self._name(trial)} is worse off since its fix ({trial.said}).")
        self._chat.post_card(store.card(trial.finding_uid))
        self._chat.say(trial.finding_uid, told, once=f"{trial.state} {trial.plan_digest}")
        store.save_trial(trial)

    # ── what all of these need ────────────────────────────────────────────────

    def _rollout(self, trial: Trial) -> Rollout | None:
        return self._world.store.rollout(trial.rollout) if trial.rollout else None

    def _waiting(self, trial: Trial) -> int:
        rollout = self._rollout(trial)
        return len(rollout.waiting) if rollout else 0

    def _stop(self, trial: Trial, reason: str) -> None:
        if rollout := self._rollout(trial):
            rollouts.stop(self._world, self._chat, rollout, reason=reason, now=self._clock())

    def _name(self, trial: Trial) -> str:
        return self._world.store.card(trial.finding_uid).finding.resource_name

    def _label(self, trial: Trial, verdict: Verdict, *, at: datetime) -> None:
        """Record how the fix fared; a label of the outcome, which says nothing of the finding."""
        card = self._world.store.card(trial.finding_uid)
        label = Label(
            uid=sha256(f"outcome\n{trial.plan_digest}")[:24],
            finding_uid=trial.finding_uid,
            check_id=card.finding.check_id,
            resource_uid=card.finding.resource_uid,
            verdict=verdict,
            person=PLUMBLINE,
            labelled_at=at,
            origin=LabelOrigin.OUTCOME,
            reason=trial.said,
            features=dict(card.assessment.features) if card.assessment else {},
        )
        self._world.store.add_labels([label])


def _way(plan: FixPlan) -> str:
    if plan.live:
        return " to its before-image"
    return " by a pull request with the inverse plan"

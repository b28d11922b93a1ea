"""Real templates in one account: deployed, scanned, posted, fixed in Git, deployed again, verified."""

import os
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Self

import yaml

from app.settings import (
    AwsSettings,
    GitSettings,
    LinkSettings,
    RepositorySettings,
    Settings,
)
from app.world import World, utc_now
from bench.real_templates import parameters_of
from core import scan as scanning
from core.decide import WHO_CALLS, decide
from core.errors import Declined, NoBlueprint, ProofFailed
from core.ports import Store
from core.scan import ScanOutcome
from core.types import (
    Card,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    LabelOrigin,
    Link,
    Person,
    Status,
)
from sandbox.aws import ACCOUNT, Aws, Deployer, Deployment
from sandbox.aws.readback import Outcome

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from remediation import GitPlanner, LocalForge
    from sandbox.slack import Workspace

REPOSITORY = "templates"
BRANCH = "main"
_MERGER = "dana"
_CHANNEL = "plumbline-findings"
_PERSON = Person(team="T0SIMULATED", user="U0SIMULATED", name="a simulated approver")
_ANSWERS = {WHO_CALLS: "signed_clients"}
_REFUSALS = (Declined, NoBlueprint, ProofFailed)
_SECRET = re.compile(r"`[^`]*`|\b[0-9a-f]{12,}\b")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one finding's fix: verified, or the reason why it is not."""

    check_id: str
    path: str
    address: str
    outcome: str
    detail: str = ""


@dataclass(slots=True)
class Stack:
    """One template as it is deployed. `path` is relative to the folder."""

    name: str
    path: str
    parameters: Mapping[str, str]
    deployment: Deployment


@dataclass(slots=True)
class Posted:
    """What Slack took: messages sent, findings without a message, and what was refused and why."""

    sent: int = 0
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(slots=True)
class RealWorld:
    """One moto account, one Git repository and one Slack workspace around real templates.

    A context manager. While it is entered, this process' AWS environment names the local AWS.
    """

    folder: Path
    workdir: Path
    stacks: dict[str, Stack] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)
    aws: Aws = field(init=False)
    deployer: Deployer = field(init=False)
    world: World = field(init=False)
    forge: "LocalForge" = field(init=False)
    planner: "GitPlanner" = field(init=False)
    workspace: "Workspace" = field(init=False)
    _exit: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        from sandbox.slack import Limits, Workspace

        with ExitStack() as stack:
            self.aws = stack.enter_context(Aws())
            stack.enter_context(_environment(self.aws.env))
            limits = Limits(message_per_s=0, tiers=False)
            self.workspace = stack.enter_context(Workspace(limits=limits))
            self.deployer = Deployer(self.aws)
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    # ── deploying ─────────────────────────────────────────────────────────────

    def deploy(self, paths: Sequence[Path]) -> None:
        """Deploy each template as a stack of its own, and keep them all in one repository."""
        with self._timed("deploy"):
            for number, path in enumerate(paths):
                self._deploy(number, path)
            self._keep()

    def _deploy(self, number: int, path: Path) -> None:
        relative = path.relative_to(self.folder).as_posix()
        slug = re.sub(r"[^A-Za-z0-9]+", "-", relative).strip("-")[:60].strip("-")
        name = f"t{number:03}-{slug}"
        data = path.read_bytes()
        parameters = parameters_of(self.aws, data, file=path.name)
        done = self.deployer.deploy(name, data, file=path.name, parameters=parameters)
        self.stacks[relative] = Stack(name, relative, parameters, done)

    def _keep(self) -> None:
        from remediation import LocalForge, create_key

        key = create_key(self.workdir / "keys" / "plumbline", comment="plumbline@localhost")
        bare = self.workdir / f"{REPOSITORY}.git"
        LocalForge.create(
            bare,
            files={path: (self.folder / path).read_bytes() for path in self.stacks},
            branch=BRANCH,
            url="http://127.0.0.1",
            signing_key=key,
            repository=REPOSITORY,
        )
        sources = self.workdir / "sources.yaml"
        rows = [
            {
                "stack": stack.name,
                "account": ACCOUNT,
                "region": self.aws.region,
                "repository": REPOSITORY,
                "path": stack.path,
            }
            for stack in self.stacks.values()
        ]
        sources.write_text(yaml.safe_dump({"stacks": rows}), encoding="utf-8")
        settings = Settings(
            aws=AwsSettings(regions=(self.aws.region,)),
            git=GitSettings(signing_key=key),
            link=LinkSettings(sources=sources),
            repository=(RepositorySettings(name=REPOSITORY, path=bare, url="http://127.0.0.1"),),
        )
        self.world = World(self.workdir / "home", settings)
        self.world.home.mkdir(parents=True, exist_ok=True)
        self._exit.callback(self.world.store.close)
        self._judge_here()
        forge = self.world.forges[REPOSITORY]
        assert isinstance(forge, LocalForge)  # noqa: S101  # the settings say so, for the type checker
        self.forge = forge

    def _judge_here(self) -> None:
        """Evaluate policies in this one thread: the worker's child for each look takes seconds."""
        from remediation import GitPlanner

        self.planner = GitPlanner(
            forges=self.world.forges,
            evaluate=self.world.evaluate,
            estate=self.world.settings.estate.estate(),
            clock=utc_now,
            secret_key=self.world.secret_key,
            policy_commit=self.world.policy_commit,
        )

    # ── scanning and posting ──────────────────────────────────────────────────

    def scan(self, name: str = "scan") -> ScanOutcome:
        """Read, check, assess and record the whole account; a crashed check is kept with its stack."""
        scanner = replace(self.world.scanner(), report=self._crashed)
        with self._timed(name):
            return scanning.scan(scanner)

    def _crashed(self, check: str, stack: str) -> None:
        self.crashes.append(f"{check}: {stack}")

    def post(self, cards: Sequence[Card]) -> Posted:
        """Post every card into the local workspace."""
        from structlog.testing import capture_logs

        from bot import BotSettings, Delivery, SlackChat, outbox_client

        channels = self.workspace.state.channels.values()
        channel = next(each.id for each in channels if each.name == _CHANNEL)
        settings = BotSettings(
            channel=channel,
            bot_token=self.workspace.bot_token,
            app_token=self.workspace.app_token,
            api_url=self.workspace.api_url,
        )
        store = self.world.store
        chat = SlackChat(store, settings, utc_now)
        delivery = Delivery(
            store, outbox_client(settings), utc_now, settings, sleep=lambda _seconds: None
        )
        with self._timed("post"), capture_logs() as logs:
            for card in cards:
                chat.post_card(card, channel=channel)
            sent = delivery.run(most=10 * len(cards) + 10)
        missing = [c.finding.uid for c in cards if store.message_ref(c.finding.uid) is None]
        return Posted(sent, tuple(missing), tuple(_refused(logs)))

    # ── fixing ────────────────────────────────────────────────────────────────

    def fix_one_of_each(
        self, cards: Sequence[Card], *, seed: int, attempts: int
    ) -> tuple[list[Attempt], list["Proposed"]]:
        """Plan, approve, merge and redeploy one finding of each blueprint; return what did not, and what did.

        Where a plan is declined, another finding of the blueprint is tried, `attempts` at most.
        """
        declined: list[Attempt] = []
        proposed: list[Proposed] = []
        for _, candidates in sorted(self._candidates(cards, seed).items()):
            for card in candidates[:attempts]:
                tried = self._fix(card)
                if isinstance(tried, Proposed):
                    proposed.append(tried)
                    break
                declined.append(tried)
        return declined, proposed

    def _candidates(self, cards: Sequence[Card], seed: int) -> dict[str, list[Card]]:
        """Return the findings that a blueprint may fix, those of wholly deployed stacks first."""
        found: dict[str, list[Card]] = {}
        for card in cards:
            if card.finding.status is Status.OPEN and card.fix_available and card.link:
                found.setdefault(card.finding.check_id, []).append(card)
        chooser = random.Random(seed)  # a sample, not a secret
        for candidates in found.values():
            chooser.shuffle(candidates)
            candidates.sort(key=self._is_partly)
        return {check: list(_one_a_template(each)) for check, each in found.items()}

    def _is_partly(self, card: Card) -> bool:
        return bool(card.link and self.stacks[card.link.path].deployment.errors)

    def _fix(self, card: Card) -> "Proposed | Attempt":
        link = card.link
        assert link  # noqa: S101  # candidates have one, for the type checker
        with self._timed("plan"):
            try:
                plan = self.planner.plan(card.finding, link)
            except _REFUSALS as error:
                return _attempt(card, link, f"{type(error).__name__}", reason_kind(str(error)))
        with self._timed("approve, commit, merge"):
            fix = self._approve(card, plan)
        with self._timed("redeploy"):
            errors, unkept = self._redeploy(link.path, fix)
        return Proposed(card, link, plan, fix, errors, unkept)

    def _approve(self, card: Card, plan: FixPlan) -> Fix:
        store = self.world.store
        store.save_plan(plan)
        decide(
            store,
            kind=DecisionKind.APPROVE_FIX,
            finding_uid=card.finding.uid,
            person=_PERSON,
            now=utc_now(),
            permit=lambda *_: "",
            plan_digest=plan.digest,
            answers=_ANSWERS if plan.asks_who_calls else {},
            origin=LabelOrigin.SIMULATED,
        )
        fix = self.planner.execute(plan, approvers=[_PERSON], audit_head=store.audit_head())
        assert fix.pull_request  # noqa: S101  # a fix that was just opened has one
        pull = self.forge.merge(fix.pull_request.number, by=_MERGER)
        fix = replace(fix, state=FixState.MERGED, pull_request=pull, updated_at=utc_now())
        store.save_fix(fix)
        return fix

    def _redeploy(self, path: str, fix: Fix) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Deploy the merged template; return errors, and properties that moto drops, that are new."""
        stack = self.stacks[path]
        head = self.forge.head(BRANCH)
        done = self.deployer.deploy(
            stack.name,
            self.forge.file(path, commit=head),
            file=Path(path).name,
            parameters=stack.parameters,
            commit=fix.commit,
        )
        unkept = _unkept(done) - _unkept(stack.deployment)
        errors = (error for error in done.errors if error not in stack.deployment.errors)
        return tuple(errors), tuple(sorted(unkept))

    def verify(self, proposed: Sequence["Proposed"], after: ScanOutcome) -> list[Attempt]:
        """Say of every merged fix whether a scan of the whole account finds it gone."""
        attempts = [each.verdict(after, self.world.store.links()) for each in proposed]
        for each, said in zip(proposed, attempts, strict=True):
            if said.outcome == VERIFIED:
                state = replace(each.fix, state=FixState.VERIFIED, updated_at=utc_now())
                self.world.store.save_fix(state)
        return attempts

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + monotonic() - started


VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A fix that is merged and deployed, the errors and the properties moto drops that came with it."""

    card: Card
    link: Link
    plan: FixPlan
    fix: Fix
    errors: tuple[str, ...]
    unkept: tuple[str, ...]

    def card_now(self, store: Store) -> Card:
        """Return the finding's card as it stands now."""
        return store.card(self.card.finding.uid)

    def verdict(self, after: ScanOutcome, links: Sequence[Link]) -> Attempt:
        """Say whether the finding is gone while its resource is still there."""
        place = (self.link.path, self.link.address)
        live = {resource.uid for resource in after.snapshot.resources}
        held = [x for x in links if (x.path, x.address) == place and x.live_uid in live]
        uids = {x.live_uid for x in held}
        here = [
            c
            for c in after.cards
            if c.finding.check_id == self.card.finding.check_id
            and c.finding.resource_uid in uids | {self.card.finding.resource_uid}
            and c.finding.status in (Status.OPEN, Status.UNKNOWN)
        ]
        if self.errors:
            return _attempt(self.card, self.link, "not deployed", self.errors[0])
        if not held:
            return _attempt(self.card, self.link, "the resource is gone too")
        if here and self.unkept:
            return _attempt(self.card, self.link, "moto does not keep it", ", ".join(self.unkept))
        if here:
            return _attempt(self.card, self.link, "still found", here[0].finding.evidence.message)
        return _attempt(self.card, self.link, VERIFIED)


def _unkept(done: Deployment) -> frozenset[str]:
    """Return the declared properties that moto cannot show."""
    return frozenset(
        f"{change.logical_id}.{check.path}"
        for change in done.changes
        for check in change.checks
        if check.outcome is Outcome.NOT_VERIFIABLE
    )


def _attempt(card: Card, link: Link, outcome: str, detail: str = "") -> Attempt:
    return Attempt(card.finding.check_id, link.path, link.address, outcome, detail)


def _one_a_template(cards: Sequence[Card]) -> Iterator[Card]:
    """Yield the first finding of each template, then no second: copies decline for one reason."""
    seen: set[str] = set()
    for card in cards:
        if card.link and card.link.path not in seen:
            seen.add(card.link.path)
            yield card


def reason_kind(text: str) -> str:
    """Reduce a reason to its kind: without the names in it."""
    return _SECRET.sub("…", text)


def _refused(logs: Sequence["MutableMapping[str, object]"]) -> Iterator[str]:
    for entry in logs:
        if entry["event"] in {"message_failed", "message_delayed", "message_without_destination"}:
            yield f"{entry['event']}: {entry.get('error')}"


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(wanted)
    os.environ.pop("AWS_PROFILE", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

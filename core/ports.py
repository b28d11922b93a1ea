"""The ports: what the use cases need of the world. Adapters live in the pillars and in app."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from core.health import Window
from core.proposal import Proposal, Reception
from core.trial import Rollout, Trial
from core.types import (
    Card,
    Changes,
    Decision,
    Finding,
    Fix,
    FixPlan,
    Gap,
    Label,
    Link,
    LiveCall,
    ModelCard,
    Person,
    PullRequest,
    Resource,
    ScanSummary,
    Shift,
    Snapshot,
    StepState,
    Withheld,
)
from core.workflow import Result

Check = Callable[[Snapshot], Iterator[Finding | Gap]]
"""A policy set or a detector: everything it has to say about a snapshot."""

Clock = Callable[[], datetime]
"""Returns the present as aware UTC."""


class Cloud(Protocol):
    """Reads configuration. Never data, code, secrets or parameters' values."""

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        """Read every supported resource (or only `types`); failed reads become gaps.

        With `types` the snapshot covers no place, since most of what is there was left out.
        Raises: CredentialsError when nothing can be read at all.
        """
        ...

    def read(self, resource: Resource) -> Snapshot:
        """Read one resource, and those that refer to it, again. Empty when it is gone."""
        ...


class LiveApi(Protocol):
    """Calls one account and Region under the role for live changes, which is not the scanner's."""

    def call(self, call: LiveCall, *, absent: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Make a call; None when the cloud answers with one of the codes in `absent`.

        Raises: CloudError.
        """
        ...


class Metrics(Protocol):
    """What the cloud counted of a resource."""

    def has(self, resource_type: str) -> bool:
        """Whether this type has metrics that say how it fares."""
        ...

    def windows(  # noqa: PLR0913  # keywords all
        self,
        resource: Resource,
        *,
        since: datetime,
        until: datetime,
        skip: int,
        days: int,
        shift: Shift | None = None,
    ) -> tuple[Sequence[Window], Window]:
        """Return the same hours of so many earlier days, oldest first, and the time itself.

        The latest `skip` days are left out. With `shift` the time itself counts only the calls that
        went to its version, and the earlier days those of its alias. Raises: CloudError.
        """
        ...


class LiveJournal(Protocol):
    """What was intended and done of each live change; written before and after each call."""

    def journal(self, digest: str) -> Mapping[int, StepState]:
        """Return where the steps of a plan stand; a step that was never begun is missing."""
        ...

    def write_step(self, digest: str, step: int, state: StepState, *, before: Any) -> None:
        """Record where a step stands, and in the audit chain. The first before-image is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Commit:
    """A signed change on a branch, before it is pushed."""

    branch: str
    message: str
    files: Mapping[str, bytes]
    trailers: Mapping[str, str]


class Forge(Protocol):
    """One Git repository and the place where its pull requests live."""

    repository: str

    def head(self, branch: str) -> str:
        """Return the commit a branch points at, freshly fetched."""
        ...

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's bytes at a commit. Raises: NotFound."""
        ...

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the paths of a commit."""
        ...

    def find_branch(self, branch: str) -> str | None:
        """Return the commit of a branch at the forge, None where there is no such branch."""
        ...

    def commit_signed(self, commit: Commit, *, base: str) -> str:
        """Write a signed commit on a new branch from `base` and push it; return its id.

        Raises: BranchMoved, ForgeError.
        """
        ...

    def commit_series(self, commits: Sequence[Commit], *, base: str) -> tuple[str, ...]:
        """Write signed commits on one new branch, each on the one before, and push them together.

        Return their ids. Raises: BranchMoved, ForgeError.
        """
        ...

    def open_pull_request(self, *, branch: str, into: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or return the one that is already open for the branch."""
        ...

    def pull_request(self, number: int) -> PullRequest:
        """Return a pull request as it stands now, with its checks and approvals."""
        ...

    def lines_url(self, path: str, *, commit: str, first: int, last: int) -> str:
        """Return where the forge shows lines of a file at a commit; empty where it has no page."""
        ...

    def changed_at(self, path: str, *, commit: str) -> datetime | None:
        """Return when a file was last changed up to a commit; None where that is not known."""
        ...

    def owners(self, paths: Sequence[str], *, commit: str) -> tuple[str, ...]:
        """Name whom the repository's CODEOWNERS file makes owners of files, as it writes them."""
        ...

    def ask_review(
        self, number: int, *, labels: Sequence[str], reviewers: Sequence[str]
    ) -> tuple[str, ...]:
        """Label a pull request and ask people for their review; say whom the forge refused, and why.

        `reviewers` are written as in CODEOWNERS: @user, @group/team, or an address.
        """
        ...

    def comment(self, number: int, text: str) -> None:
        """Say something on a pull request; the same words are said once."""
        ...

    def shortcomings(self) -> tuple[str, ...]:
        """Say what at the forge keeps us from proposing fixes, or would lose their signatures."""
        ...

    def audit_heads(self, branch: str) -> tuple[str, ...]:
        """List the audit heads that our own signed commits on a branch are anchored to."""
        ...

    def close_pull_request(self, number: int) -> PullRequest:
        """Close a pull request without merging it."""
        ...


class Chat(Protocol):
    """Shows findings to people. Durable: a message is queued, then delivered at the pace allowed."""

    def post_card(self, card: Card, *, channel: str | None = None) -> None:
        """Post a finding, or update its message where one exists."""
        ...

    def post_summary(
        self, summary: ScanSummary, cards: Sequence[Card], *, channel: str | None = None
    ) -> None:
        """Post what a scan found."""
        ...

    def say(self, finding_uid: str, text: str, *, once: str = "") -> None:
        """Say a plain text in a finding's thread. The text is escaped by the adapter.

        With `once`, a key under which this is said a single time however often it is called.
        """
        ...

    def ask(self, finding_uid: str, text: str, *, once: str) -> None:
        """Ask in a finding's thread what a trial could not decide, with a button for each answer.

        `once` is a key under which this is asked a single time.
        """
        ...

    def announce(self, text: str, *, channel: str | None = None) -> None:
        """Say a plain text in a channel."""
        ...

    def show_model(self, card: ModelCard, lines: Sequence[str]) -> None:
        """Show the admin what a new risk model would change, and ask where it needs a person."""
        ...

    def show_plan(self, view_id: str, card: Card, plan: FixPlan | None, refusal: str) -> None:
        """Fill an open review modal with the plan, or with the reason there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One durable unit of work. `key` is unique among unfinished jobs of its kind."""

    uid: str
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message on its way out. `uid` goes into Slack's message metadata."""

    uid: str
    channel: str
    method: str
    body: Mapping[str, Any]
    attempts: int
    subject: str = ""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a subject's message stands in Slack."""

    subject: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One link of the hash chain."""

    sequence: int
    at: datetime
    kind: str
    actor: str
    payload: Mapping[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What recording a scan changed."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    fixed: tuple[str, ...]
    reopened: tuple[str, ...]
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A label that counts no more: when it was taken back, by whom, and why."""

    label: Label
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the store keeps what served its purpose."""

    deliveries: timedelta
    messages: timedelta
    jobs: timedelta


class Store(Protocol):
    """Durable state, in use-case methods only. Each method is one transaction."""

    # scans and findings
    def record_scan(self, snapshot: Snapshot, cards: Sequence[Card]) -> ScanResult:
        """Store a snapshot's resource versions, findings and assessments; close what is gone.

        Only what the snapshot covers is closed: a finding elsewhere, or whose resource lies inside
        the scope of a gap, is not. First_seen is kept,
        people's decisions (accepted, snoozed, suppressed) are kept and expire with time.
        """
        ...

    def latest_snapshot(self) -> Snapshot | None: ...
    def snapshot_at(self, when: datetime) -> Snapshot | None: ...
    def changes(self, *, since: datetime, until: datetime) -> Changes:
        """Return what scans of this time saw change, and since when each resource is watched."""
        ...

    def scan_times(self, *, since: datetime) -> tuple[datetime, ...]:
        """List when scans were taken since a time, oldest first."""
        ...

    def card(self, finding_uid: str) -> Card:
        """Return a finding with all that is known of it. Raises: NotFound."""
        ...

    def cards(
        self, *, statuses: Sequence[str] = ("open",), limit: int = 100, owner: str = ""
    ) -> tuple[Card, ...]:
        """List cards, riskiest first."""
        ...

    def find_finding(self, prefix: str) -> str:
        """Resolve a uid or a unique prefix of one. Raises: NotFound."""
        ...

    def save_card(self, card: Card) -> None: ...
    def counts(self) -> Mapping[str, int]: ...

    # links between live resources and code
    def replace_links(self, links: Sequence[Link]) -> None: ...
    def links(self) -> tuple[Link, ...]: ...
    def link(self, live_uid: str) -> Link | None: ...

    # plans, fixes, decisions
    def save_plan(self, plan: FixPlan) -> None: ...
    def plan(self, digest: str) -> FixPlan:
        """Raises: NotFound."""
        ...

    def current_plan(self, finding_uid: str) -> FixPlan | None: ...
    def decide(
        self,
        decision: Decision,
        *,
        label: Label | None,
        jobs: Sequence[Job],
        once_approved: Sequence[Job] = (),
    ) -> None:
        """Record a decision, its label and the jobs it starts, all or nothing.

        `once_approved` start only if a plan has the last approval its terms need with this decision.
        Raises: StalePlan when approve_fix names a plan that is not the current one or has expired,
        AlreadyDecided when the fix of that plan was approved or the finding was closed before, when
        this person approved already, or when auto_fix is not announced any more.
        """
        ...

    def decisions(self, finding_uid: str = "") -> tuple[Decision, ...]: ...
    def save_fix(self, fix: Fix) -> None: ...
    def fix(self, plan_digest: str) -> Fix | None: ...
    def fixes(self, *, states: Sequence[str]) -> tuple[Fix, ...]: ...

    # which of several fixes is proposed first
    def receptions(self, check_id: str = "") -> tuple[Reception, ...]:
        """Return how plans of checks with several good fixes were received, first planned first."""
        ...

    def proposal(self, finding_uid: str) -> Proposal | None: ...
    def keep_proposal(self, drawn: Proposal) -> Proposal:
        """Keep an order that was drawn; of two for one finding the first. Returns the one kept."""
        ...

    # what becomes of fixes
    def save_trial(self, trial: Trial) -> None: ...
    def trial(self, plan_digest: str) -> Trial | None: ...
    def trials(self, *, states: Sequence[str]) -> tuple[Trial, ...]: ...
    def rollout(self, uid: str) -> Rollout | None: ...
    def latest_rollout(self, check_id: str, kind: str) -> Rollout | None: ...
    def change_rollout(
        self, rollout: Rollout, change: Callable[[Rollout], Rollout] = ...
    ) -> Rollout:
        """Write a rollout as `change` makes it of what is stored; of itself if it is new."""
        ...

    # labels and models
    def labels(self, *, include_simulated: bool = False) -> tuple[Label, ...]:
        """Return labels, oldest first.

        One that came without features has those of its finding as the last scan before it saw it,
        else as the first one did, and none while no scan has seen the finding.
        """
        ...

    def labels_like(
        self, finding: Finding, *, before: datetime, include_simulated: bool, most: int = 200
    ) -> tuple[tuple[Label, str], ...]:
        """Return the newest labels before a time on other findings that may be like one.

        Those of the same check, or on its owner's resources of the same type; each with the name of
        its resource, and without features.
        """
        ...

    def add_labels(self, labels: Sequence[Label]) -> int:
        """Add or correct labels; the same ones again change nothing. Return how many were new.

        One that was taken back since it was said does not come back.
        """
        ...

    def taken_back(self) -> tuple[TakenBack, ...]:
        """Return the labels that count no more, with who took them back; oldest first."""
        ...

    def take_back(self, decisions: Sequence[Decision], *, jobs: Sequence[Job]) -> None:
        """Record decisions of the kind TAKE_BACK, all or none; their findings need not be known."""
        ...

    def correct_label(
        self, label: Label, decision: Decision | None, *, actor: str, jobs: Sequence[Job]
    ) -> None:
        """Give a label another verdict; `decision` is that of its person which goes with it."""
        ...

    # what a model holds back
    def withheld(self) -> tuple[Withheld, ...]:
        """Return what was ever held back, oldest first; released ones say since when."""
        ...

    def withheld_of(self, finding_uid: str) -> Withheld | None: ...
    def withhold(
        self,
        held: Sequence[Withheld],
        *,
        released: Sequence[str],
        drawn: Sequence[str],
        facts: Mapping[str, Any],
    ) -> None:
        """Hold findings back, let others go, and mark those that people are asked about."""
        ...

    def save_model(self, card: ModelCard, text: str) -> None: ...
    def model_text(self, version: str) -> str: ...
    def models(self) -> tuple[ModelCard, ...]: ...
    def activate_model(self, version: str, *, reason: str) -> None: ...
    def active_model(self) -> str | None: ...

    # jobs
    def enqueue(
        self, kind: str, key: str, payload: Mapping[str, Any], *, run_at: datetime | None = None
    ) -> str:
        """Add a job unless an unfinished one of the same kind and key exists; return its uid."""
        ...

    def claim_job(self, *, lease_s: float) -> Job | None: ...
    def finish_job(
        self, uid: str, *, error: str = "", retry_at: datetime | None = None
    ) -> None: ...

    # Slack: what came in, what goes out, where it stands
    def first_delivery(self, delivery: str) -> bool:
        """Whether this delivery is seen for the first time; remembers it."""
        ...

    def queue_message(self, message: OutboxMessage) -> None: ...
    def next_message(self, *, lease_s: float) -> OutboxMessage | None: ...
    def message_sent(self, uid: str, *, ts: str) -> None: ...
    def message_failed(self, uid: str, *, error: str, retry_at: datetime | None) -> None: ...
    def message_ref(self, subject: str) -> MessageRef | None: ...
    def posted(self) -> frozenset[str]:
        """Return every subject whose message stands in the chat."""
        ...

    def subject_of(self, channel: str, ts: str) -> str | None: ...

    # small durable facts: paused, baseline posted, posted today
    def get(self, key: str, default: str = "") -> str: ...
    def put(self, key: str, value: str) -> None: ...

    def prune(self, kept: Retention, *, most: int) -> int:
        """Delete old deliveries, sent messages and finished jobs; return how many rows that were.

        At most `most` rows a table in one call, so that nobody waits long for the write lock. What is
        queued or under way, where messages stand, decisions, labels and the audit chain are kept.
        """
        ...

    # audit
    def audit(self, kind: str, actor: str, payload: Mapping[str, Any]) -> AuditRecord: ...
    def audit_head(self) -> str: ...
    def audit_records(self) -> Iterator[AuditRecord]: ...


class Planner(Protocol):
    """Turns a finding into an exact, proved change."""

    def can_fix(self, check_id: str) -> bool: ...
    def plan(self, finding: Finding, link: Link, *, order: Sequence[str] = ()) -> FixPlan:
        """Plan the first of the alternatives in `order` that holds; none named is the fixed order.

        Raises: NoBlueprint, Declined, ProofFailed, ForgeError.
        """
        ...

    def revert(self, plan: FixPlan) -> FixPlan:
        """Plan the inverse of an applied plan. Raises: Declined when it no longer applies."""
        ...

    def is_same_edit(self, approved: FixPlan, again: FixPlan) -> bool:
        """Whether a plan made again gives the very bytes that the approved edit gives there now."""
        ...

    def is_outdated(self, plan: FixPlan) -> bool:
        """Whether what a plan edits was changed by others since it was made."""
        ...

    def adopt(self, plan: FixPlan, finding_uid: str, check_id: str) -> FixPlan:
        """Return the plan of the same change for another finding, bound to a digest of its own."""
        ...

    def execute(self, plan: FixPlan, *, approvers: Sequence[Person], audit_head: str) -> Fix:
        """Commit, push and propose, exactly once however often it is called with this plan."""
        ...


class Executor(Protocol):
    """Decides what comes after a step of the remediation workflow."""

    def begin(self, job: Job) -> bool:
        """Take a step's job over; False when the step is to be done here and now."""
        ...

    def ended(self, job: Job, result: Result) -> None:
        """Go on after a step, or come back to it when it waits. Twice is the same as once."""
        ...

    def failed(self, job: Job, error: Exception, sentence: str) -> None:
        """Finish the job of a failed step: try again later, or have things put right."""
        ...

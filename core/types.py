"""The frozen vocabulary that every package shares.

Names follow OCSF (finding, uid, severity, evidence), FOCUS (charge, currency) and SHAP
(base_value, shap_value, feature). Time is aware UTC; money is `Decimal` with its currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.gate import Terms, Tier
from core.proposal import Proposal

Properties = Mapping[str, Any]
"""CloudFormation-shaped properties: what a template would declare, or a live resource has."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
"""A default argument; fields use a dict of their own, since a proxy cannot be pickled."""


class Severity(StrEnum):
    """How bad the harm could be, by rule. Labels never lower it."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Order, 4 for critical down to 0 for info."""
        return (
            Severity.INFO,
            Severity.LOW,
            Severity.MEDIUM,
            Severity.HIGH,
            Severity.CRITICAL,
        ).index(self)


class Status(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    SNOOZED = "snoozed"
    ACCEPTED = "accepted"
    FIXED = "fixed"


class FixState(StrEnum):
    """Where the fix of a finding stands."""

    NONE = "none"
    PLANNED = "planned"
    APPROVED = "approved"
    PULL_REQUEST = "pull_request"
    MERGED = "merged"
    APPLIED = "applied"
    VERIFIED = "verified"
    CLOSED = "closed"
    FAILED = "failed"
    REVERTING = "reverting"
    REVERTED = "reverted"
    RETURNED = "returned"
    WORSE = "worse"


class DecisionKind(StrEnum):
    """What may be decided about a finding or its fix: by people, and automatic fixing by a gate.

    GO_ON and WAIT_LONGER answer what the trial of a canary could not decide. CONFIRM says that a
    finding is real, and TAKE_BACK that somebody's words on it count no more.
    """

    APPROVE_FIX = "approve_fix"
    REJECT_FIX = "reject_fix"
    FALSE_POSITIVE = "false_positive"
    NOT_APPLICABLE = "not_applicable"
    ACCEPT_RISK = "accept_risk"
    SNOOZE = "snooze"
    NOT_MINE = "not_mine"
    REVERT_FIX = "revert_fix"
    AUTO_FIX = "auto_fix"
    GO_ON = "go_on"
    WAIT_LONGER = "wait_longer"
    CONFIRM = "confirm"
    TAKE_BACK = "take_back"


class Verdict(StrEnum):
    """What a label says of a finding; the last two say how its fix fared, and nothing of the finding."""

    APPROVE = "approve"
    FALSE_POSITIVE = "false_positive"
    NOT_APPLICABLE = "not_applicable"
    ACCEPTED_RISK = "accepted_risk"
    FIX_HELD = "fix_held"
    FIX_HARMED = "fix_harmed"

    @property
    def is_of_finding(self) -> bool:
        """Whether it says something of the finding, so that the risk model may learn from it."""
        return self not in (Verdict.FIX_HELD, Verdict.FIX_HARMED)


class Basis(StrEnum):
    """How a cost figure came about."""

    MEASURED = "measured"
    ESTIMATED = "estimated"


class LabelOrigin(StrEnum):
    """Who made a label. Simulated labels never count in a real workspace."""

    PERSON = "person"
    OUTCOME = "outcome"
    IMPORTED = "imported"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """A place in a file. Lines count from 1; `start_byte`/`end_byte` from 0, end exclusive."""

    file: str
    start_line: int
    end_line: int
    address: str = ""
    start_byte: int = 0
    end_byte: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """One measured quantity of a resource over a window, e.g. CloudWatch `Invocations`."""

    metric: str
    quantity: float
    unit: str
    window_days: float


@dataclass(frozen=True, slots=True)
class Resource:
    """One configured thing, live or declared, in CloudFormation's names.

    `uid` is the ARN of a live resource, `<parent ARN>|<type>|<key>` for a part without one, and
    `<repository>//<path>//<address>` for a declared one. `aliases` holds every string by which
    other resources may refer to this one (ARN, name, URL; `${LogicalId}` and `${LogicalId.Arn}` in
    templates). A value that could not be read or resolved is `unknown(reason)`; `unreadable` names
    the types of dependent resources that could not be listed. `places` says by property path where
    a property stands that is declared apart from the resource itself (a bucket's versioning).
    `metadata` is a declared resource's Metadata, where templates say which checks they do not want
    to hear of. `partial` marks a resource that is declared elsewhere, and here only in part.
    """

    uid: str
    type: str
    name: str
    properties: Properties
    provider: str = "aws"
    partition: str = "aws"
    account: str = ""
    region: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    changed_at: datetime | None = None
    usage: tuple[Usage, ...] = ()
    source: SourceSpan | None = None
    places: Mapping[str, SourceSpan] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False

    @property
    def is_live(self) -> bool:
        """Whether this was read from a cloud rather than from a template."""
        return self.source is None


UNKNOWN_KEY = "Fn::Unknown"


def unknown(reason: str) -> Mapping[str, str]:
    """Return the value that stands for one we could not read or resolve."""
    return {UNKNOWN_KEY: reason}


def is_unknown(value: object) -> bool:
    """Whether a property value is the unknown marker."""
    return isinstance(value, Mapping) and UNKNOWN_KEY in value


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a scan could not read or decide, and what that leaves undecided.

    `scope` is the API action ("lambda:GetPolicy"), policy or detector; `resource_uid` is empty
    when a whole list failed. `reason` is one of denied, throttled, failed, timeout, unsupported.
    """

    scope: str
    reason: str
    detail: str
    account: str = ""
    region: str = ""
    resource_uid: str = ""
    resource_type: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """An account and the regions of it that were read, whatever was found there.

    What belongs to no region is covered with its account. A list that failed inside is a gap.
    """

    account: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All resources read in one go, where they were looked for, and what could not be read.

    What is missing from a place that `coverage` does not name was not looked for: it says nothing.
    """

    uid: str
    taken_at: datetime
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...] = ()
    api_calls: Mapping[str, int] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()

    def covers(self, account: str, region: str) -> bool:
        """Whether a place was looked at. What carries no account belongs to every scan."""
        return not account or any(
            each.account == account and (not region or region in each.regions)
            for each in self.coverage
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What stored scans saw change, up to a time.

    `watched` says since when each resource has been seen, and `seen` when a scan found its properties
    or tags other than the scan before did, oldest first. What could be read less or more is no change.
    """

    watched: Mapping[str, datetime]
    seen: Mapping[str, tuple[datetime, ...]]


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of configuration as it was read: a statement of a policy, or a setting.

    `where` says in words which passage of the resource it is, `value` holds plain JSON types. Made
    by `core.quote`, which shortens it and leaves out what may be secret.
    """

    resource_uid: str
    where: str
    value: Any


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a step of an attack path begins or ends. The origin and the goal have no resource type."""

    uid: str
    name: str
    resource_type: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of an attack path, with what allows it.

    `is_cut` marks the step whose removal ends most ways. `quotes` are the statements and settings
    that allow it; a door that only follows from several resources may have none.
    """

    kind: str
    source: Stop
    target: Stop
    why: str
    certain: bool = True
    is_cut: bool = False
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What makes a finding true, in words and in facts that a reader can check.

    `ways` are those of an attack path, least effort first.
    """

    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    ways: tuple[tuple[Hop, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why a finding does not count: what somebody wrote down, and until when it holds.

    `uid` names the exception, or the other tool's comment that was taken over. `until` is None for
    a comment without an end, which is to be confirmed. `origin` is the file, with its line.
    """

    uid: str
    reason: str
    owner: str = ""
    until: datetime | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that one resource does not pass (or that could not be decided).

    `uid` is `identity.finding_uid(check_id, resource_uid)`. `locations` of the evidence are
    property paths inside the resource; the finding is fixed when all are gone.
    """

    uid: str
    check_id: str
    control: str
    title: str
    severity: Severity
    resource_uid: str
    resource_type: str
    resource_name: str
    evidence: Evidence
    status: Status = Status.OPEN
    provider: str = "aws"
    partition: str = "aws"
    account: str = ""
    region: str = ""
    owner: str | None = None
    confidence: float = 1.0
    references: tuple[str, ...] = ()
    compliance: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remediation: str = ""
    policy_commit: str = ""
    hygiene: bool = False
    anomaly_score: float | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    source: SourceSpan | None = None
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature's share of the raw score, in log-odds."""

    feature: str
    value: float
    shap_value: float
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A change that can be made, and the risk it would leave.

    `effort` is what it asks of people: 1 a setting, 2 a policy, 3 a migration. `monthly_delta` is
    what it adds to the bill a month; None where no price is known.
    """

    change: str
    feature: str
    risk_after: float
    effort: int = 1
    monthly_delta: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a finding has its risk. `base_value + sum(shap_value)` equals `raw_score` exactly."""

    raw_score: float
    base_value: float
    contributions: tuple[Contribution, ...]
    counterfactuals: tuple[Counterfactual, ...] = ()
    comparison: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """One priced line: quantity x unit price = monthly cost, with where the price comes from."""

    resource: str
    component: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    monthly_cost: Decimal
    basis: Basis
    source: str
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class CostImpact:
    """What a resource costs a month and what its fix would change. None means not known."""

    monthly: Decimal | None
    fix_monthly_delta: Decimal | None
    basis: Basis
    charges: tuple[Charge, ...] = ()
    fix_charges: tuple[Charge, ...] = ()
    note: str = ""
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A finding's risk (0 to 100), its explanation and its cost.

    `probability` is None while the model has fewer than 100 labels of this workspace's own.
    """

    finding_uid: str
    risk: float
    probability: float | None
    explanation: Explanation
    cost: CostImpact
    model_version: str
    abstained: bool = False
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace bytes `start` to `end` (exclusive) of a file with `replacement`."""

    start: int
    end: int
    replacement: bytes


@dataclass(frozen=True, slots=True)
class FileChange:
    """The edits of one file, valid only for the content whose SHA-256 is `before_sha256`."""

    path: str
    before_sha256: str
    after_sha256: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was checked about a plan."""

    name: str
    held: bool
    detail: str = ""


UNDO_IS_EXACT = "undo is exact"
"""The name of the proof that a plan's inverse undoes it."""


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One call to a cloud: "service:Operation" and what it is called with."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveStep:
    """One property of a live resource, from its before-image to what the fix makes of it.

    `apply` sets `after` and `undo` sets `before`, each whole, so that calling one again changes
    nothing more. `aspect` and `key` say how the answer to `read` is understood. Without `undo` what
    was made stays: it does nothing by itself.
    """

    aspect: str
    key: str
    read: LiveCall
    before: Any
    after: Any
    apply: LiveCall
    undo: LiveCall | None


@dataclass(frozen=True, slots=True)
class Shift:
    """The part of an alias's calls that goes to a new version of its function while that is on trial."""

    alias: str
    version: str
    weight: float


@dataclass(frozen=True, slots=True)
class LiveChange:
    """A change of a live resource that no template declares, step by step.

    `then` is made once what `steps` did has stood its trial; until then `shift` says who is affected.
    """

    resource_uid: str
    resource_type: str
    account: str
    region: str
    steps: tuple[LiveStep, ...]
    then: tuple[LiveStep, ...] = ()
    shift: Shift | None = None

    @property
    def every(self) -> tuple[LiveStep, ...]:
        """All steps, numbered as the journal numbers them."""
        return (*self.steps, *self.then)


class StepState(StrEnum):
    """Where a step of a live change stands in the journal."""

    INTENDED = "intended"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several good ways to fix a finding, as a person chooses among them.

    `refused` says why it cannot be had here, where that was found out.
    """

    name: str
    summary: str
    cost: str
    may_break: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class FixPlan:
    """An exact change, bound to its digest.

    `digest` is the SHA-256 over finding, repository, base commit and every file change; an approval names
    it and holds for nothing else. `tier` is the highest of what the change touches (a plan made
    before there were tiers counts as the highest), `terms` what its approval needs. `alternative`
    names which of the finding's `alternatives` this is; both are empty where there is one way only.
    `proposal` is how it came to be the first of them, `because` the same in words. `callers` says who
    uses what is changed, as far as that is known. `risk_before` and `risk_after` are of the resource.
    `carries` are digests of earlier plans of the very same edit, whose approvals count for this one.
    """

    digest: str
    finding_uid: str
    check_id: str
    repository: str
    base_branch: str
    base_commit: str
    changes: tuple[FileChange, ...]
    diff: str
    summary: str
    proofs: tuple[Proof, ...]
    created_at: datetime
    valid_until: datetime
    may_break: tuple[str, ...] = ()
    asks_who_calls: bool = False
    cost_delta: Decimal | None = None
    risk_before: float | None = None
    risk_after: float | None = None
    source: SourceSpan | None = None
    reverts: str = ""
    tier: Tier = Tier.NETWORK
    terms: Terms = field(default_factory=Terms)
    live: LiveChange | None = None
    replaces: str = ""
    alternative: str = ""
    alternatives: tuple[Alternative, ...] = ()
    proposal: Proposal | None = None
    because: str = ""
    callers: str = ""
    currency: str = "USD"
    carries: tuple[str, ...] = ()

    @property
    def has_tested_inverse(self) -> bool:
        """Whether it was tried on this very change that undoing it gives back every byte."""
        return any(proof.name == UNDO_IS_EXACT and proof.held for proof in self.proofs)

    @property
    def approved_as(self) -> frozenset[str]:
        """The digests that an approval of it may name."""
        return frozenset((self.digest, *self.carries))

    @property
    def chosen(self) -> Alternative | None:
        """Which of the finding's alternatives this is; None where there is one way only."""
        return next((each for each in self.alternatives if each.name == self.alternative), None)

    @property
    def is_usual(self) -> bool:
        """Whether it is the fix that goes first in the fixed order, which is the one priced."""
        return not self.alternatives or self.alternatives[0].name == self.alternative


class PullRequestState(StrEnum):
    """The forge's word on a pull request."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class ChecksState(StrEnum):
    """What the forge's checks (check runs, statuses, pipelines) say of a commit, all together."""

    NONE = "none"
    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checks:
    """The forge's checks of a pull request's head; `failed` names those that failed."""

    state: ChecksState = ChecksState.NONE
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A proposed change at the forge.

    `checks`, `approved_by` and `has_conflict` are as they were when it was last looked at.
    """

    repository: str
    number: int
    url: str
    branch: str
    state: PullRequestState
    head_commit: str
    merge_commit: str = ""
    merged_by: str = ""
    checks: Checks = Checks()
    approved_by: tuple[str, ...] = ()
    has_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who acted. Every Slack key carries enterprise and team."""

    team: str
    user: str
    enterprise: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """`enterprise/team/user`."""
        return f"{self.enterprise}/{self.team}/{self.user}"


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of one person on one finding."""

    uid: str
    finding_uid: str
    kind: DecisionKind
    person: Person
    decided_at: datetime
    reason: str = ""
    until: datetime | None = None
    plan_digest: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """What a person or a verified outcome said of a finding, with the features as they were.

    `about` is what the finding belongs to (`core.alike.about`): its owner, its type, its tags.
    """

    uid: str
    finding_uid: str
    check_id: str
    resource_uid: str
    verdict: Verdict
    person: str
    labelled_at: datetime
    origin: LabelOrigin
    reason: str = ""
    features: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Ties a live resource to the code that declares it, with the evidence for it.

    `commit` is the one at which the code was read; empty where that is not known.
    """

    live_uid: str
    repository: str
    path: str
    address: str
    evidence: str
    generated_by: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """The life of one plan after it was made.

    `beside` names the resources whose fixes its pull request proposes too.
    """

    plan_digest: str
    finding_uid: str
    state: FixState
    updated_at: datetime
    commit: str = ""
    pull_request: PullRequest | None = None
    detail: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A finding whose fix ends ways of an attack path, proved by searching again without it.

    `path_uid` names the finding of the path, `ends` says how many of its `ways` are then gone, `left`
    how many lead there all the same: others may come to light behind an open door that is closed.
    `by_fix` tells a change that a blueprint makes from a statement that is only taken away,
    `fix_available` whether the finding's fix can be reviewed.
    """

    path_uid: str
    path_target: str
    finding_uid: str
    check_id: str
    resource_name: str
    resource_type: str
    ends: int
    ways: int
    left: int = 0
    by_fix: bool = False
    fix_available: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether no way is left."""
        return not self.left

    @property
    def does(self) -> str:
        """What it does to the path, in words."""
        if self.is_whole:
            return "cuts this path"
        gone = "the way shown" if self.ways == 1 else f"{self.ends} of its {self.ways} ways"
        others = "1 other then leads" if self.left == 1 else f"{self.left} others then lead"
        return f"ends {gone}; {others} there"


@dataclass(frozen=True, slots=True)
class Withheld:
    """That a risk model holds a finding back; drawn ones are shown to people nonetheless.

    `threshold` is the risk, 0 to 100, that the finding stayed below.
    """

    finding_uid: str
    since: datetime
    model_version: str
    threshold: float
    drawn_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything one finding message shows; the chat adapter renders it.

    `cuts` are those of the path that this finding is, or those that its own fix makes.
    """

    finding: Finding
    assessment: Assessment | None
    fix: Fix | None = None
    plan: FixPlan | None = None
    link: Link | None = None
    decisions: tuple[Decision, ...] = ()
    open_for_owner: int = 0
    open_on_resource: int = 0
    earlier_decisions_used: int = 0
    fix_available: bool = False
    no_fix_reason: str = ""
    environment: str = ""
    not_checked: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class ScanSummary:
    """One scan in numbers, with the five findings that matter most."""

    scan_uid: str
    started_at: datetime
    finished_at: datetime
    resources: int
    by_severity: Mapping[str, int]
    hygiene: int
    undecided: int
    new: int
    fixed: int
    gaps: tuple[Gap, ...]
    top: tuple[str, ...]
    is_baseline: bool
    api_calls: int = 0
    by_type: Mapping[str, int] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that was read, in whichever account."""
        return tuple(sorted({region for each in self.coverage for region in each.regions}))


class Standing(StrEnum):
    """What one criterion says of a new model; UNKNOWN where it could not be measured."""

    HOLDS = "holds"
    ASKS = "asks"
    BLOCKS = "blocks"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question asked of a new model before it takes over, answered with its numbers."""

    name: str
    standing: Standing
    sentence: str


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Held-out decisions that were given about the same probability, and how many were real.

    `low` and `high` are the 95 % interval of the share that was (Wilson).
    """

    predicted: float
    decisions: int
    real: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curves:
    """How a version did on held-out decisions, as its pictures show it; shares from 0 to 1.

    `found` is, for each share of `effort` looked at from the highest score down, the share of the
    real ones among it; beside it that of the model it was compared with, and of severity alone.
    """

    decisions: int
    real: int
    reliability: tuple[ReliabilityBin, ...]
    effort: tuple[float, ...]
    found: tuple[float, ...]
    found_in_force: tuple[float, ...]
    found_by_severity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of one model version, in plain words and numbers.

    `curves` are None where too few decisions were held out.
    """

    version: str
    trained_at: datetime
    own_labels: int
    prior_rows: int
    status: str
    metrics: Mapping[str, float]
    text: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()
    curves: Curves | None = None


@dataclass(frozen=True, slots=True)
class Estate:
    """How this company names things: which tags say owner, environment and sensitivity."""

    owner_tags: Sequence[str] = ("owner", "team")
    environment_tags: Sequence[str] = ("environment", "env", "stage")
    sensitivity_tags: Sequence[str] = ("data", "data-classification", "sensitivity")
    tag_prefix: str = "plumbline:"
    trusted_accounts: Sequence[str] = ()

"""Choose the adapters: from settings to everything that a scan and a decision need."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import drift, exceptions, gates, live, policy_source, threat
from app import settings as configuration
from app.cut import cuts as find_cuts
from app.log import logger
from app.model import Models
from app.settings import RepositorySettings, Settings
from app.store import SqliteStore
from core.errors import Declined, NoBlueprint, SettingsError
from core.gate import Auto
from core.ports import Check, Forge, Metrics, Planner
from core.scan import Scanner
from core.types import EMPTY, Assessment, Card, Finding, FixPlan, Gap, Link, Resource, Snapshot

if TYPE_CHECKING:
    from collectors import AwsCloud
    from policies import PolicySet
    from remediation import GitPlanner, Review
    from remediation.live import LivePlanner
    from templates import Template

NO_CODE = "No template declares this resource, so there is no file to edit."
NO_BLUEPRINT = "There is no ready fix for this check."


def utc_now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


@dataclass
class World:
    """One home directory with its settings; adapters are made when first used."""

    home: Path
    settings: Settings
    _loading: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _loaded: "tuple[Mapping[str, str], PolicySet] | None" = field(
        default=None, init=False, repr=False
    )

    @classmethod
    def open(cls, home: Path) -> "World":
        """Open a home. Raises: SettingsError."""
        return cls(home, configuration.load(home))

    @cached_property
    def store(self) -> SqliteStore:
        """The durable record."""
        return SqliteStore(self.home / "plumbline.db", clock=utc_now)

    @cached_property
    def secret_key(self) -> bytes:
        """The key of this home's fingerprints."""
        return configuration.secret_key(self.home)

    @cached_property
    def models(self) -> Models:
        """The risk models of this workspace."""
        return Models(
            self.store,
            simulation=self.settings.model.simulation,
            exploited=partial(threat.catalogue, self),
        )

    @property
    def policy_set(self) -> "PolicySet":
        """The shipped policies and this company's own that are in force. Raises: PolicyError."""
        commits = policy_source.in_force(self)
        with self._loading:
            if self._loaded is None or self._loaded[0] != commits:
                self._loaded = (commits, self._load_policies(commits))
            return self._loaded[1]

    def _load_policies(self, commits: Mapping[str, str]) -> "PolicySet":
        import policies

        signed = policy_source.roots(self, commits)
        return policies.load((*self.settings.scan.policies, *signed), named=signed)

    def cloud(self, regions: Sequence[str] = ()) -> "AwsCloud":
        """Return the reader of the AWS account that the credentials belong to."""
        import collectors

        return collectors.AwsCloud(
            regions=list(regions or self.settings.aws.regions) or None,
            secret_key=self.secret_key,
            clock=utc_now,
            usage=self.settings.aws.usage,
        )

    @property
    def metrics(self) -> Metrics:
        """What the cloud counted of resources."""
        return self.cloud().metrics()

    @property
    def is_simulated(self) -> bool:
        """Whether the cloud is one that runs on this machine."""
        from collectors.cloud import is_local

        return is_local(os.environ.get("AWS_ENDPOINT_URL") or None)

    def checks(self) -> Mapping[str, Check]:
        """Return every policy set and detector, by name."""
        import detectors
        import policies

        estate = self.settings.estate.estate()
        checks = {
            "policies": policies.check(self.policy_set, estate=estate, clock=utc_now),
            "unusual configurations": detectors.unusual_configurations(estate=estate),
            "attack paths": detectors.paths(estate=estate),
            "drift": drift.check(self),
        }
        written = exceptions.in_force(self, now=utc_now())
        return {
            name: policies.with_exceptions(
                check, written, clock=utc_now, declared=lambda: exceptions.declared(self)
            )
            for name, check in checks.items()
        }

    @cached_property
    def forges(self) -> Mapping[str, Forge]:
        """The repositories that fixes can be proposed to, by name."""
        return {each.name: self._forge(each) for each in self.settings.repository}

    def _forge(self, repository: RepositorySettings) -> Forge:
        from app.forge import open_forge

        return open_forge(repository, self.settings.git, home=self.home)

    @cached_property
    def planner(self) -> "GitPlanner":
        """Turns findings into plans and plans into pull requests."""
        from remediation import GitPlanner

        return GitPlanner(
            forges=self.forges,
            evaluate=self.evaluate_apart,
            estate=self.settings.estate.estate(),
            clock=utc_now,
            secret_key=self.secret_key,
            branches={each.name: each.branch for each in self.settings.repository},
            policy_commit=self.policy_commit,
            review=self.review_of,
        )

    def review_of(self, plan: FixPlan) -> "Review":
        """Return how the pull request of a plan is labelled, and who is asked beside its owners."""
        from remediation import Review

        forge = self.settings.forge
        severity = self.store.card(plan.finding_uid).finding.severity.value
        named = (r.reviewers for r in self.settings.repository if r.name == plan.repository)
        return Review(
            labels=(*forge.labels, f"severity: {severity}", plan.check_id),
            reviewers=next(named, ()),
            code_owners=forge.code_owners,
        )

    @cached_property
    def declared_at(self) -> "dict[tuple[str, str, str, str, str], Template]":
        """Templates as they were read: by repository, path, commit, account and Region."""
        return {}

    @cached_property
    def live_planner(self) -> "LivePlanner":
        """Turns findings on what no template declares into changes of the live resource."""
        return live.planner(self)

    def planner_of(self, plan: FixPlan) -> Planner:
        """Return the planner that made a plan."""
        return self.live_planner if plan.live else self.planner

    def make_plan(
        self, finding: Finding, link: Link | None, *, order: Sequence[str] = ()
    ) -> FixPlan:
        """Plan the change of the template, or of the live resource where none declares it.

        Of several ways to change a template the first of `order` that holds.
        Raises: NoBlueprint, Declined, ProofFailed, ForgeError, CloudError.
        """
        if link is not None:
            return self.planner.plan(finding, link, order=order)
        if not live.is_offered(self.settings.live, finding, link):
            raise Declined(NO_CODE)
        live.require_undone(self.store, finding.uid)
        return self.live_planner.plan(finding)

    def policy_commit(self, check_id: str) -> str:
        """Return the commit of the policy behind a check; empty for one that is no policy."""
        policy = self.policy_set.by_id.get(check_id)
        return policy.commit if policy else ""

    def evaluate(self, resources: Sequence[Resource]) -> tuple[Finding, ...]:
        """Return what the policies find on resources, in this process."""
        import policies

        said = policies.evaluate(
            self.policy_set, resources, estate=self.settings.estate.estate(), now=utc_now()
        )
        return tuple(each for each in said if isinstance(each, Finding))

    def evaluate_apart(self, resources: Sequence[Resource]) -> tuple[Finding, ...]:
        """Return what the policies find on resources, in a child process.

        A Rego engine belongs to the thread that made it, and the worker has several.
        """
        import policies

        check = policies.check(self.policy_set, estate=self.settings.estate.estate(), clock=utc_now)
        snapshot = Snapshot("evaluate", utc_now(), tuple(resources))
        return tuple(each for each in check(snapshot) if isinstance(each, Finding))

    def link(self, snapshot: Snapshot) -> tuple[Link, ...]:
        """Tie live resources to the code that declares them, by evidence."""
        from app.link import link

        return link(self, snapshot)

    def fix_refusal(self, finding: Finding, link: Link | None) -> str:
        """Say why a finding cannot be fixed through Git; empty when it can be tried."""
        if live.is_offered(self.settings.live, finding, link):
            return ""
        if not self.planner.can_fix(finding.check_id):
            return NO_BLUEPRINT
        if link is None:
            return NO_CODE
        if link.generated_by:
            return f"The template is generated by {link.generated_by}; change its source instead."
        if link.repository not in self.forges:
            return f"Repository {link.repository} is not in the settings."
        return ""

    def may_fix_automatically(self, check_id: str, auto: Auto) -> bool:
        """Whether the blueprint of a check needs no person and touches only what may be changed."""
        import remediation.blueprint

        blueprint = remediation.blueprint.load().get(check_id)
        if blueprint is None or blueprint.asks_who_calls:
            return False
        return blueprint.tier in auto.tiers

    def gated_refusal(
        self, finding: Finding, link: Link | None, resource: Resource | None, *, held: gates.Gates
    ) -> str:
        """Say why no fix of a finding is offered, with these gates; empty when one can be tried."""
        return self.fix_refusal(finding, link) or held.refusal(finding, resource)

    def offer(self, card: Card) -> str:
        """Return the change to make by hand where only the template is missing, else nothing."""
        return self.advice(card.finding) if card.no_fix_reason == NO_CODE else ""

    def advice(self, finding: Finding) -> str:
        """Return the change to make by hand, as a sentence or a diff; empty where none is known."""
        import remediation

        resource = self.store.resource(finding.resource_uid)
        try:
            return remediation.suggest(
                finding,
                properties=resource.properties if resource else EMPTY,
                estate=self.settings.estate.estate(),
            )
        except NoBlueprint:
            return ""

    def scanner(self, regions: Sequence[str] = ()) -> Scanner:
        """Return a scan's parts."""
        estate = self.settings.estate.estate()

        def assess(findings: Sequence[Finding], snapshot: Snapshot) -> Sequence[Assessment]:
            return self.models.assess(findings, snapshot, estate=estate, now=utc_now())

        return Scanner(
            cloud=self.cloud(regions),
            checks=self.checks(),
            assess=assess,
            link=self.link,
            fix_refusal=partial(self.gated_refusal, held=gates.in_force(self)),
            store=self.store,
            clock=utc_now,
            estate=estate,
            report=_report,
            related_types=self.related_types,
            find_cuts=partial(find_cuts, estate=estate),
        )

    def related_types(self, check_id: str) -> tuple[str, ...]:
        """Return the types of the other resources that a check looks at."""
        for policy in self.policy_set.policies:
            if policy.check_id == check_id:
                prefix = "related."
                related = [read for read in policy.reads if read.startswith(prefix)]
                names = {read.removeprefix(prefix).split(".")[0] for read in related}
                return tuple(sorted({*names, *policy.resource_types})) if names else ()
        return ()

    def undecided_by(self, gap: Gap) -> tuple[str, ...]:
        """Return the checks that look at what a gap hides."""
        related = f"related.{gap.resource_type}"
        return tuple(
            policy.check_id
            for policy in self.policy_set.policies
            if gap.resource_type in policy.resource_types
            or any(read.startswith(related) for read in policy.reads)
        )

    def forge_of(self, repository: str) -> Forge:
        """Return a forge by its repository's name. Raises: SettingsError."""
        try:
            return self.forges[repository]
        except KeyError as error:
            raise SettingsError(f"Repository {repository} is not in the settings.") from error


def _report(check: str, stack: str) -> None:
    logger().error("check_crashed", check=check, stack=stack)

"""Live changes: whether one may be offered, and the calls under a role of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.settings import LiveSettings
from app.store import SqliteStore
from core.errors import CredentialsError, Declined
from core.scan import recheck
from core.types import Finding, FixPlan, FixState, Link, LiveCall

if TYPE_CHECKING:
    from app.world import World
    from collectors.wire import Wire
    from remediation.live import LivePlanner

PAGE = "docs/live-changes.md"
_DEADLINE_S = 300.0
_SESSION_NAME = "plumbline-live"


def is_offered(settings: LiveSettings, finding: Finding, link: Link | None) -> bool:
    """Whether the settings let a finding be put right on the live resource."""
    return not refusal(settings, finding, link)


def refusal(settings: LiveSettings, finding: Finding, link: Link | None) -> str:
    """Say why a finding is not put right on the live resource; empty where it may be."""
    if link is not None or finding.source is not None:
        return _declared(finding, link)
    if not settings.enabled:
        return f"Live changes are off: live.enabled in plumbline.toml switches them on ({PAGE})."
    if finding.check_id not in settings.checks:
        return f"live.checks in plumbline.toml does not name {finding.check_id} ({PAGE})."
    if finding.account not in settings.accounts:
        return f"live.accounts in plumbline.toml does not name account {finding.account} ({PAGE})."
    from remediation.live import load

    if finding.check_id not in load():
        return f"No live change is known for {finding.check_id}; plumbline live list has them all."
    return ""


def _declared(finding: Finding, link: Link | None) -> str:
    """Point to the declaration: what is changed beside it, the next deployment takes back."""
    if link is None:
        place = finding.source.file if finding.source else ""
    else:
        place = f"{link.repository}/{link.path} ({link.address})"
    return (
        f"{place} declares this resource, so it is changed there: Review fix in Slack, or "
        f"plumbline fix with --check {finding.check_id} on that file."
    )


def unfinished(store: SqliteStore) -> Iterator[FixPlan]:
    """Yield the live changes that failed, and of which something is still to be undone."""
    from remediation.live import unfinished as is_unfinished

    for fix in store.fixes(states=[FixState.FAILED.value]):
        plan = store.plan(fix.plan_digest)
        if plan.live and is_unfinished(plan, store.journal(plan.digest)):
            yield plan


def require_undone(store: SqliteStore, finding_uid: str) -> None:
    """Refuse a new plan while an earlier one is halfway, and have it undone. Raises: Declined."""
    for plan in unfinished(store):
        if plan.finding_uid == finding_uid:
            store.enqueue("execute", plan.digest, {"plan_digest": plan.digest})
            raise Declined(
                "An earlier change of this resource was broken off and is being undone. "
                "Look again in a minute, or have it done now: plumbline live resume."
            )


def done_sentence(plan: FixPlan) -> str:
    """Say in the finding's thread that a live change was made."""
    undo = "" if plan.reverts else " Revert puts the before-image back."
    shift = plan.live.shift if plan.live else None
    part = (
        f" Version {shift.version} takes {shift.weight:.0%} of the calls of alias {shift.alias}, and "
        "all of them once it stood its trial."
        if shift
        else ""
    )
    return f"The live resource was changed and read back: {plan.summary}.{part}{undo}"


def planner(world: "World") -> "LivePlanner":
    """Return the planner of live changes for a world."""
    from remediation.live import LivePlanner

    def decided_anew(finding: Finding) -> Finding:
        return recheck(world.scanner(), finding).finding

    return LivePlanner(
        open_api=lambda account, region: open_api(world.settings.live, account, region),
        journal=world.store,
        resource=world.store.resource,
        recheck=decided_anew,
        clock=lambda: datetime.now(UTC),
        secret_key=world.secret_key,
    )


@dataclass(frozen=True, slots=True)
class AwsApi:
    """Implements `core.ports.LiveApi` over the paced wire that scans use, under another role."""

    wire: "Wire"
    region: str

    def call(self, call: LiveCall, *, absent: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Make a call; None when AWS answers with one of the codes in `absent`."""
        from collectors.wire import CallFailed

        try:
            return self.wire.call(call.operation, self.region, **call.parameters)
        except CallFailed as error:
            if error.code in absent:
                return None
            raise


def open_api(settings: LiveSettings, account: str, region: str) -> AwsApi:
    """Return the calls of an account and Region under the role for live changes.

    Raises: CredentialsError when the role belongs to another account, or cannot be assumed.
    """
    import os

    from collectors.cloud import default_quotas
    from collectors.wire import Wire

    endpoint = os.environ.get("AWS_ENDPOINT_URL") or None
    session = _session(settings, endpoint, region)
    quotas = default_quotas(endpoint)
    wire = Wire(session, endpoint_url=endpoint, quotas=quotas, deadline_s=_DEADLINE_S)
    found = str(wire.call("sts:GetCallerIdentity", region)["Account"])
    if found != account:
        raise CredentialsError(
            f"The role for live changes belongs to account {found}, the resource to {account}. "
            "Nothing was changed; set live.role_arn to a role of that account."
        )
    return AwsApi(wire, region)


def _session(settings: LiveSettings, endpoint: str | None, region: str) -> Any:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        own = boto3.Session(profile_name=settings.profile or None)
        if not settings.role_arn:
            return own
        with_id = {"ExternalId": settings.external_id} if settings.external_id else {}
        assumed = own.client("sts", region_name=region, endpoint_url=endpoint).assume_role(
            RoleArn=settings.role_arn, RoleSessionName=_SESSION_NAME, **with_id
        )["Credentials"]
    except (BotoCoreError, ClientError) as error:
        raise CredentialsError(
            "The role for live changes cannot be assumed. Check live.role_arn and live.profile in "
            "the settings, and whom the role trusts."
        ) from error
    return boto3.Session(
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )

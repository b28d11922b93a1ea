"""`plumbline doctor`: what works, what is missing and how to get it, what a scan takes and costs."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import click

from app import gates, policy_source, threat
from app.cli.main import world
from app.cli.output import format_option, write_json
from app.world import World, utc_now
from core.errors import PlumblineError


class Health(StrEnum):
    """How one thing stands."""

    FINE = "fine"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    what: str
    health: Health
    said: str


@click.command()
@format_option
@click.pass_context
def doctor(ctx: click.Context, output_format: str) -> None:
    """Look at credentials, Slack, repositories and policies; change nothing."""
    looks = tuple(_looks(world(ctx)))
    if output_format == "json":
        records = [{"what": each.what, "health": each.health, "said": each.said} for each in looks]
        wrong = sum(each.health is not Health.FINE for each in looks)
        write_json(
            {"looks": records, "gaps": [], "summary": {"looks": len(looks), "not_fine": wrong}}
        )
    else:
        for each in looks:
            click.echo(f"{each.health.value:8} {each.what}: {each.said}")
    sys.exit(any(each.health is Health.WRONG for each in looks))


def _looks(opened: World) -> Iterator[Look]:
    for what, look in (
        ("policies", _policies),
        ("gates", _gates),
        ("Slack", _slack),
        ("AWS", _aws),
        ("repositories", _repositories),
        ("workflow", _workflow),
        ("threat intelligence", _threat),
        ("audit chain", _audit),
    ):
        yield from _one(what, look, opened)


def _one(
    what: str, look: Callable[[World], Iterator[tuple[Health, str]]], opened: World
) -> Iterator[Look]:
    try:
        for health, said in look(opened):
            yield Look(what, health, said)
    except PlumblineError as error:
        yield Look(what, Health.WRONG, str(error))


def _policies(opened: World) -> Iterator[tuple[Health, str]]:
    from policies.guard import binary

    every = opened.policy_set.policies
    yield Health.FINE, f"{len(every)} loaded, commit {opened.policy_set.commit[:12]}."
    for each in opened.settings.policy_repository:
        trial = policy_source.try_newest(opened, each.name)
        if trial.refusal:
            yield Health.WRONG, trial.refusal
        else:
            yield (
                Health.FINE,
                f"repository {each.name}: {trial.commit[:12]} by {trial.signer} is good.",
            )
    program = binary.find()
    if program is None:
        yield Health.MISSING, binary.MISSING
    else:
        yield Health.FINE, f"Guard policies are evaluated by {program}."


def _gates(opened: World) -> Iterator[tuple[Health, str]]:
    from core.gate import Mode

    rules = [row.rule for row in gates.in_force(opened).rows]
    if not rules:
        yield (
            Health.FINE,
            "none for fixes: one approval opens a pull request, nothing is automatic.",
        )
        return
    acting = [each.uid for each in rules if each.mode is Mode.AUTO]
    named = f"automatic: {', '.join(acting)}" if acting else "nothing is automatic"
    yield Health.FINE, f"{len(rules)} for fixes; {named}."


def _workflow(opened: World) -> Iterator[tuple[Health, str]]:
    chosen = opened.settings.workflow.executor
    if chosen == "embedded":
        yield Health.FINE, "our own queue runs the steps of a fix."
    elif chosen == "outside":
        yield Health.FINE, "an orchestrator outside calls the steps of a fix."
    else:
        from app.deployment import is_current
        from app.step_functions import StepFunctions

        machine = StepFunctions(opened.settings.workflow)
        if is_current(machine):
            yield Health.FINE, f"state machine {machine.settings.name} runs the steps of a fix."
        else:
            yield (
                Health.WRONG,
                "the state machine is of another version. Run plumbline workflow deploy.",
            )


def _threat(opened: World) -> Iterator[tuple[Health, str]]:
    known = threat.catalogue(opened)
    if known is None:
        yield (
            Health.MISSING,
            "no catalogue of known exploited vulnerabilities; `plumbline threat fetch` gets CISA's.",
        )
    elif old := known.stale(utc_now().date()):
        yield Health.MISSING, old
    else:
        yield (
            Health.FINE,
            f"CISA's catalogue of {known.dated}, {len(known.entries)} vulnerabilities.",
        )


def _slack(opened: World) -> Iterator[tuple[Health, str]]:
    from slack_sdk.errors import SlackApiError, SlackClientError

    from app.chat import bot_settings
    from bot.privacy import Privacy
    from bot.transport import web_client

    settings = bot_settings(opened)
    client = web_client(settings)
    try:
        who = client.auth_test()
        yield Health.FINE, f"the bot token belongs to {who['user']} in {who['team']}."
        if not settings.channel:
            yield Health.MISSING, "slack.channel is not set; findings have nowhere to go."
            return
        refusal = Privacy(client, settings).refusal(settings.channel)
        yield (Health.WRONG, refusal) if refusal else (Health.FINE, "the channel is private.")
    except SlackApiError as error:
        yield (
            Health.WRONG,
            f"Slack answered {error.response['error']}; check the token and channel.",
        )
    except (SlackClientError, OSError) as error:
        yield Health.WRONG, f"Slack cannot be reached at {settings.api_url}: {error}."


def _aws(opened: World) -> Iterator[tuple[Health, str]]:
    """Read the estate once, record nothing, and say what a scan takes and what it cannot see."""
    import collectors

    cloud = opened.cloud()
    who = cloud.who()
    yield Health.FINE, f"credentials of account {who['account']}, {who['arn']}."
    snapshot = cloud.collect()
    calls = sum(snapshot.api_calls.values())
    seconds = collectors.Quotas().duration_s(snapshot.api_calls)
    yield (
        Health.FINE,
        (
            f"{len(snapshot.resources)} resources; a scan makes {calls} calls, takes at least "
            f"{seconds:.0f} s within a third of the API quotas, and costs at most "
            f"{_scan_charge(snapshot.api_calls):.4f} USD in API charges (estimated)."
        ),
    )
    for gap in snapshot.gaps:
        blind = opened.undecided_by(gap)
        yield Health.MISSING, f"{gap.scope} {gap.reason}: {len(blind)} checks undecided."


_METRICS_A_CALL = 500  # GetMetricData takes at most 500 queries
_USD_A_METRIC = 0.01 / 1000  # https://aws.amazon.com/cloudwatch/pricing/, 2024-11
_USD_A_SECRETS_CALL = 0.05 / 10_000  # https://aws.amazon.com/secrets-manager/pricing/, 2024-11
_USD_AN_S3_CALL = 0.005 / 1000  # the dearest class of request; https://aws.amazon.com/s3/pricing/


def _scan_charge(api_calls: Mapping[str, int]) -> float:
    """Return the most that a scan's calls can cost; other AWS control-plane reads are free."""
    total = api_calls.get("cloudwatch:GetMetricData", 0) * _METRICS_A_CALL * _USD_A_METRIC
    for call, count in api_calls.items():
        if call.startswith("secretsmanager:"):
            total += count * _USD_A_SECRETS_CALL
        if call.startswith("s3:"):
            total += count * _USD_AN_S3_CALL
    return total


def _repositories(opened: World) -> Iterator[tuple[Health, str]]:
    if not opened.settings.repository:
        yield Health.MISSING, "none in the settings; fixes can only be described, not proposed."
        return
    for name, forge in opened.forges.items():
        branch = next(each.branch for each in opened.settings.repository if each.name == name)
        yield Health.FINE, f"{name}: {branch} is at {forge.head(branch)[:10]}."
        for said in forge.shortcomings():
            yield Health.WRONG, f"{said}."


def _audit(opened: World) -> Iterator[tuple[Health, str]]:
    from app.store import audit

    count = audit.verify(opened.store.audit_records())
    yield Health.FINE, f"{count} records hold."

"""`plumbline workflow`: the remediation workflow shown, exported, deployed, and done step by step."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.outside import End
from app.world import World
from core.errors import SettingsError
from core.workflow import REMEDIATION, Step, WaitsFor

_EXIT = {End.DONE: 0, End.WAITING: 75, End.AGAIN: 1, End.FAILED: 1}
"""75 is EX_TEMPFAIL of sysexits.h: not at its end yet, to be called again."""


@click.group()
def workflow() -> None:
    """The steps of a fix, on whichever orchestrator runs them."""


@workflow.command()
@format_option
def show(output_format: str) -> None:
    """Show each step: what it does, what follows, what is tried again and who is waited for."""
    steps = REMEDIATION.steps.values()
    if output_format == "json":
        document = {"name": REMEDIATION.name, "starts": list(REMEDIATION.starts)}
        write_json({**document, "steps": [_record(each) for each in steps]})
        return
    columns = ("step", "what it does", "waits for", "outcomes", "tried again after", "then")
    table(columns, [_row(each) for each in steps])


@workflow.command()
@click.option(
    "--to",
    "target",
    type=click.Choice(["stepfunctions", "airflow", "logicapps", "iam"]),
    required=True,
    help="State machine, DAG, workflow definition, or the IAM policies of state machine and worker.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)
@click.pass_context
def export(ctx: click.Context, target: str, output: Path | None) -> None:
    """Write the workflow in another orchestrator's language; the same text each time."""
    text = _exported(world(ctx), target)
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@workflow.command()
@click.pass_context
def deploy(ctx: click.Context) -> None:
    """Create or update the state machine, its queue and its role in AWS."""
    from app.deployment import deploy as put
    from app.step_functions import StepFunctions

    for line in put(StepFunctions(world(ctx).settings.workflow)):
        click.echo(line)


@workflow.command()
@click.argument("digest")
@click.option(
    "--from",
    "start",
    type=click.Choice(REMEDIATION.starts),
    default=REMEDIATION.starts[0],
    show_default=True,
    help="The step that the run begins with.",
)
@click.pass_context
def run(ctx: click.Context, digest: str, start: str) -> None:
    """Start a run on Step Functions for the plan of this digest; prints its ARN."""
    from app.step_functions import StepFunctions

    opened = world(ctx)
    if opened.settings.workflow.executor != "stepfunctions":
        raise SettingsError('Set workflow.executor = "stepfunctions" first.')
    plan = opened.store.plan(digest)
    click.echo(StepFunctions(opened.settings.workflow).run(start, plan.digest, opened.store))


@workflow.command()
@click.argument("name", type=click.Choice(list(REMEDIATION.steps)))
@click.option("--plan", "digest", required=True, help="Digest of the plan that the step is for.")
@click.pass_context
def step(ctx: click.Context, name: str, digest: str) -> None:
    """Do one step and print its outcome as JSON.

    Exit code 0: done. 75: it waits, call it again. 1: it failed, and `retry` says whether to try
    again. Needs `workflow.executor = "outside"`.
    """
    from app.outside import do

    called = do(_called_from_outside(ctx), name, digest)
    click.echo(json.dumps(called.document))
    sys.exit(_EXIT[called.end])


@workflow.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port to listen on.")
@click.pass_context
def listen(ctx: click.Context, host: str, port: int) -> None:
    """Do steps for callers over HTTP who hold PLUMBLINE_STEP_TOKEN; put HTTPS in front of it.

    POST /STEP with {"plan_digest": ...} answers 200: done, 202: waits, 503: try again, 422: failed.
    Needs `workflow.executor = "outside"`.
    """
    from app.outside import serve, step_token

    serve(_called_from_outside(ctx), (host, port), token=step_token())


def _called_from_outside(ctx: click.Context) -> World:
    opened = world(ctx)
    if opened.settings.workflow.executor != "outside":
        raise SettingsError('Set workflow.executor = "outside" to have steps called from outside.')
    return opened


def _exported(opened: World, target: str) -> str:
    from remediation.orchestration import airflow, logic_apps

    if target == "airflow":
        look_s = max(1, round(opened.settings.scan.follow_s))
        return airflow.dag(REMEDIATION, command="plumbline", look_s=look_s)
    if target == "logicapps":
        return _json(logic_apps.definition(REMEDIATION))
    return _json(_aws(opened, target))


def _aws(opened: World, target: str) -> dict[str, Any]:
    """Return the state machine or its policies, for the account that the settings name."""
    from app.step_functions import StepFunctions
    from remediation.orchestration import states_language as asl

    machine = StepFunctions(opened.settings.workflow)
    queue, arn = machine.queue_arn, machine.machine_arn
    if target == "stepfunctions":
        _, _, _, region, account, name = queue.split(":")
        return asl.definition(
            REMEDIATION, queue_url=f"https://sqs.{region}.amazonaws.com/{account}/{name}"
        )
    return {
        "state_machine_role": {
            "trust": asl.machine_trust(account=machine.account, machine_arn=arn),
            "policy": asl.machine_policy(queue_arn=queue),
        },
        "worker": asl.worker_policy(queue_arn=queue, machine_arn=arn),
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _record(each: Step) -> dict[str, Any]:
    return {
        "name": each.name,
        "summary": each.summary,
        "waits_for": each.waits_for.value,
        "patience_s": each.patience.total_seconds() if each.patience else None,
        "outcomes": {outcome.value: following for outcome, following in each.outcomes.items()},
        "retry": {
            "errors": [error.__name__ for error in each.retry.errors],
            "attempts": each.retry.attempts,
            "interval_s": each.retry.interval_s,
            "rate": each.retry.rate,
            "longest_s": each.retry.longest_s,
        },
        "undo": each.undo,
    }


def _row(each: Step) -> list[str]:
    retry = each.retry
    times = "without end" if retry.attempts is None else f"{retry.attempts} attempts"
    return [
        each.name,
        each.summary,
        "" if each.waits_for is WaitsFor.NOBODY else each.waits_for.value,
        ", ".join(f"{o.value} → {following or 'end'}" for o, following in each.outcomes.items()),
        f"{', '.join(error.__name__ for error in retry.errors)}: {times}",
        each.undo,
    ]

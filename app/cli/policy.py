"""`plumbline policy`: the policies in force, their cases, and what a change of them would do."""

import sys
from pathlib import Path
from typing import Any

import click

from app import backtest as backtesting
from app import policy_source
from app.cli import coverage as covering
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.cli.scan import with_policies
from core.compliance import find


@click.group()
def policy() -> None:
    """List, test, verify and backtest policies."""


_policies_option = click.option(
    "--policies", type=click.Path(exists=True, path_type=Path), help="Add policies."
)


@policy.command("list")
@_policies_option
@format_option
@click.pass_context
def list_(ctx: click.Context, policies: Path | None, output_format: str) -> None:
    """List every policy in force."""
    opened = with_policies(world(ctx), policies) if policies else world(ctx)
    every = opened.policy_set.policies
    if output_format == "json":
        records = [
            {
                "check_id": each.check_id,
                "control": each.control,
                "title": each.title,
                "severity": each.severity.value,
                "resource_types": list(each.resource_types),
                "languages": [each.language.value],
                "references": list(each.references),
                "compliance": {name: list(ids) for name, ids in each.compliance.items()},
                "commit": each.commit,
            }
            for each in every
        ]
        write_json({"policies": records, "gaps": [], "summary": {"policies": len(records)}})
        return
    rows = [[each.check_id, each.language.value, each.severity.value, each.title] for each in every]
    table(("check", "language", "severity", "title"), rows)


@policy.command("test")
@_policies_option
@format_option
@click.pass_context
def test(ctx: click.Context, policies: Path | None, output_format: str) -> None:
    """Run every policy's cases."""
    from policies import run_cases

    opened = with_policies(world(ctx), policies) if policies else world(ctx)
    results = tuple(run_cases(opened.policy_set))
    failed = [each for each in results if not each.held]
    summary = {"cases": len(results), "failed": len(failed)}
    if output_format == "json":
        records = [
            {
                "check_id": each.check_id,
                "case": each.name,
                "held": each.held,
                "expected": each.expected,
                "got": each.got,
                "message": each.message,
            }
            for each in results
        ]
        write_json({"cases": records, "gaps": [], "summary": summary})
    else:
        for each in failed:
            click.echo(
                f"{each.check_id}: {each.name}: expected {each.expected}, got {each.got} {each.message}"
            )
        click.echo(f"{len(results) - len(failed)} of {len(results)} cases hold.")
    sys.exit(bool(failed))


@policy.command("verify")
@format_option
@click.pass_context
def verify(ctx: click.Context, output_format: str) -> None:
    """Fetch the policy repositories and judge their newest commits; put none in force."""
    opened = world(ctx)
    trials = [
        policy_source.try_newest(opened, each.name) for each in opened.settings.policy_repository
    ]
    refused = [each for each in trials if each.refusal]
    if output_format == "json":
        shipped = opened.policy_set
        summary = {"repositories": len(trials), "refused": len(refused), "commit": shipped.commit}
        records = [
            {
                "name": each.name,
                "commit": each.commit,
                "in_force": each.in_force,
                "signer": each.signer,
                "policies": each.policies,
                "cases": each.cases,
                "without_cases": each.without_cases,
                "refusal": each.refusal,
            }
            for each in trials
        ]
        write_json({"repositories": records, "gaps": [], "summary": summary})
    else:
        rows = [
            [each.name, each.commit[:12], each.in_force[:12], each.signer, _verdict(each)]
            for each in trials
        ]
        table(("repository", "newest", "in force", "signer", "verdict"), rows)
        click.echo(f"{len(trials)} repositories, {len(refused)} refused.", err=True)
    sys.exit(bool(refused))


def _verdict(trial: policy_source.Trial) -> str:
    if trial.refusal:
        return trial.refusal
    untested = f", {trial.without_cases} policies without a case" if trial.without_cases else ""
    taking = "takes over with the next scan" if trial.takes_over else "in force"
    return f"{taking}; {trial.cases} cases hold{untested}"


@policy.command("backtest")
@click.option(
    "--policies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Directory of policies as they would be.",
)
@click.option(
    "--instead-of",
    metavar="NAME",
    help="Policy repository, or directory in the settings, that they would replace.",
)
@click.option("--days", type=click.FloatRange(min=0), default=30, show_default=True)
@format_option
@click.pass_context
def backtest(
    ctx: click.Context, policies: Path, instead_of: str | None, days: float, output_format: str
) -> None:
    """Say what a change of policies would have flagged or cleared on stored snapshots."""
    opened = world(ctx)
    after = policy_source.changed_set(opened, policies, instead_of=instead_of)
    compared = backtesting.over_days(opened, before=opened.policy_set, after=after, days=days)
    records = [
        {"change": change, **_difference(each)}
        for change, every in (("flagged", compared.flagged), ("cleared", compared.cleared))
        for each in every
    ]
    if output_format == "json":
        summary = {
            "scans": [at.isoformat() for at in compared.scans],
            "flagged": len(compared.flagged),
            "cleared": len(compared.cleared),
        }
        gaps = [{"scope": gap.scope, "detail": gap.detail} for gap in compared.gaps]
        write_json({"changes": records, "gaps": gaps, "summary": summary})
        return
    columns = ("change", "check_id", "severity", "resource_name", "scans")
    table(columns, [[str(record[name]) for name in columns] for record in records])
    for gap in compared.gaps:
        click.echo(f"gap: {gap.scope} {gap.detail}", err=True)
    click.echo(_told(compared, days), err=True)


def _told(compared: backtesting.Backtest, days: float) -> str:
    if not compared.scans:
        return f"There is no stored scan of the last {days:g} days; run plumbline scan first."
    return (
        f"On {len(compared.scans)} scans of the last {days:g} days: {len(compared.flagged)} more "
        f"flagged, {len(compared.cleared)} cleared."
    )


def _difference(each: backtesting.Difference) -> dict[str, Any]:
    return {
        "uid": each.finding.uid,
        "check_id": each.finding.check_id,
        "severity": each.finding.severity.value,
        "resource_uid": each.finding.resource_uid,
        "resource_name": each.finding.resource_name,
        "message": each.finding.evidence.message,
        "scans": each.scans,
        "first": each.first.isoformat(),
        "last": each.last.isoformat(),
    }


@policy.command("coverage")
@_policies_option
@click.option("--framework", default="", help="Only this one, with each requirement's reason.")
@format_option
@click.pass_context
def coverage(ctx: click.Context, policies: Path | None, framework: str, output_format: str) -> None:
    """Say how many requirements of each framework checks speak to, and why the rest have none."""
    opened = with_policies(world(ctx), policies) if policies else world(ctx)
    every = opened.policy_set.baselines
    chosen = (find(every, framework),) if framework else every
    if output_format == "json":
        records = [covering.record(each, opened.policy_set) for each in chosen]
        summary = {"frameworks": len(records), "commit": opened.policy_set.commit}
        write_json({"frameworks": records, "gaps": [], "summary": summary})
    elif framework:
        table(covering.ONE, covering.rows(chosen[0], opened.policy_set))
        click.echo(chosen[0].scope, err=True)
    else:
        table(covering.EVERY, [covering.row(each, opened.policy_set) for each in chosen])


@policy.command("install-guard")
def install_guard() -> None:
    """Install cfn-guard, which evaluates Guard policies, from its locked package."""
    from policies.guard.binary import install

    click.echo(f"cfn-guard is at {install()}.")

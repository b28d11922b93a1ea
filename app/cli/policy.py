"""`plumbline policy`: the policies in force and their cases."""

import sys
from pathlib import Path

import click

from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.cli.scan import with_policies


@click.group()
def policy() -> None:
    """List and test the policies in force."""


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
                "languages": [each.language],
                "references": list(each.references),
                "compliance": {name: list(ids) for name, ids in each.compliance.items()},
                "commit": each.commit,
            }
            for each in every
        ]
        write_json({"policies": records, "gaps": [], "summary": {"policies": len(records)}})
        return
    rows = [[each.check_id, each.severity.value, each.title] for each in every]
    table(("check", "severity", "title"), rows)


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

"""`plumbline check`: the same policies on templates, before deployment."""

import sys
from pathlib import Path

import click

from app import export, record
from app.cli.main import world
from app.cli.output import (
    FINDING_COLUMNS,
    fail_on_option,
    finding_format_option,
    finding_rows,
    is_failure,
    table,
    write_json,
)
from app.cli.scan import with_policies
from app.reading import read_apart
from app.templating import Checked, check_templates
from app.world import utc_now


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--policies", type=click.Path(exists=True, path_type=Path), help="Add policies.")
@finding_format_option
@fail_on_option
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
    policies: Path | None,
    output_format: str,
    output: Path | None,
    fail_on: str,
) -> None:
    """Check CloudFormation and SAM templates and Terraform modules under PATHS. Keeps no state."""
    opened = with_policies(world(ctx), policies) if policies else world(ctx)
    checked = check_templates(opened, paths, read=read_apart)
    _print(checked, output_format=output_format, output=output)
    if any(is_failure(card, fail_on) for card in checked.cards):
        sys.exit(1)
    if checked.unreadable and all(path.is_file() for path in paths):
        sys.exit(2)


def _print(checked: Checked, *, output_format: str, output: Path | None) -> None:
    summary = {
        "templates": checked.templates,
        "resources": checked.resources,
        "findings": len(checked.cards),
        "unreadable": checked.unreadable,
        "notes": list(checked.notes),
    }
    if output_format == "json":
        write_json(record.scan_document(checked.cards, checked.gaps, summary), output)
        return
    if output_format != "table":
        write_json(export.document(output_format, checked.cards, at=utc_now()), output)
        return
    table(FINDING_COLUMNS, finding_rows(checked.cards), output)
    for note in checked.notes:
        click.echo(f"note: {note}", err=True)
    for gap in checked.gaps:
        click.echo(f"gap: {gap.detail}", err=True)
    click.echo(
        f"{checked.templates} templates, {checked.resources} resources: "
        f"{len(checked.cards)} findings, {checked.unreadable} unreadable.",
        err=True,
    )

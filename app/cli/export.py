"""`plumbline export`: stored findings in other systems' formats."""

from pathlib import Path

import click

from app import export as exporting
from app import record
from app.cli.main import world
from app.cli.output import FINDING_COLUMNS, finding_format_option, finding_rows, table, write_json
from app.world import utc_now
from core.types import Status


@click.command()
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([each.value for each in Status]),
    default=("open",),
    show_default=True,
    help="Status to export; may be given again.",
)
@finding_format_option
@click.pass_context
def export(
    ctx: click.Context, statuses: tuple[str, ...], output_format: str, output: Path | None
) -> None:
    """Write the stored findings, riskiest first."""
    cards = world(ctx).store.cards(statuses=statuses, limit=1_000_000)
    if output_format == "table":
        table(FINDING_COLUMNS, finding_rows(cards), output)
    elif output_format == "json":
        write_json(record.scan_document(cards, (), {"findings": len(cards)}), output)
    else:
        write_json(exporting.document(output_format, cards, at=utc_now()), output)

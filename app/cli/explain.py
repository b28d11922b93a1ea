"""`plumbline explain`: why a finding has its risk, and what would lower it."""

from pathlib import Path

import click

from app import record
from app.cli.main import world
from app.cli.output import format_option, write_json
from core.errors import NotFound


@click.command()
@click.argument("finding")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Waterfall as PNG.")
@format_option
@click.pass_context
def explain(ctx: click.Context, finding: str, plot: Path | None, output_format: str) -> None:
    """Explain FINDING (its id, or the first characters of it)."""
    opened = world(ctx)
    card = opened.store.card(opened.store.find_finding(finding))
    if card.assessment is None:
        raise NotFound("This finding was not assessed yet. Run plumbline scan first.")
    if plot:
        import explain.plot

        plot.write_bytes(explain.plot.waterfall(card.assessment, title=card.finding.title))
    if output_format == "json":
        write_json(record.finding(card))
        return
    from app.why import why

    for line in why(card, advise=opened.advice):
        click.echo(line)

"""`plumbline explain`: why a finding has its risk, and what would lower it."""

from pathlib import Path

import click

from app import pictures, record, why
from app.cli.main import world
from app.cli.output import format_option, write_json
from app.world import utc_now
from core.errors import NotFound


@click.command()
@click.argument("finding")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Waterfall as PNG; of an attack path the path, and the waterfall beside it.",
)
@format_option
@click.pass_context
def explain(ctx: click.Context, finding: str, plot: Path | None, output_format: str) -> None:
    """Explain FINDING (its id, or the first characters of it).

    The rule, the configuration that makes it true, the lines that declare it, what each step of an
    attack path rests on, the risk, what would lower it, and what was decided about findings like it.
    """
    opened = world(ctx)
    card = opened.store.card(opened.store.find_finding(finding))
    if card.assessment is None:
        raise NotFound("This finding was not assessed yet. Run plumbline scan first.")
    if plot:
        for written in pictures.write(card, plot):
            click.echo(f"{written} written.", err=True)
    told = why.why(opened, card, now=utc_now())
    if output_format == "json":
        write_json(record.explanation(card, told))
        return
    for line in why.lines(told):
        click.echo(line)

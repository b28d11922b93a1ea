"""`plumbline findings`: what the last scans found and where it stands, without reading anything anew."""

from pathlib import Path

import click

from app import record
from app.cli.main import world
from app.cli.output import (
    FINDING_COLUMNS,
    finding_format_option,
    finding_rows,
    table,
    write_json,
)
from app.world import utc_now
from core.types import Card, Status

_ALL = 1_000_000


@click.command()
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([each.value for each in Status]),
    help="Only findings that stand so; may be given again. Open ones by default.",
)
@click.option("--suppressed", is_flag=True, help="Only those that the risk model holds back.")
@click.option("--owner", help="Only findings of this owner.")
@click.option("--check", help="Only findings of this check.")
@click.option("--search", help="Only findings with this text in name, title, evidence or check.")
@finding_format_option
@click.pass_context
def findings(  # one parameter an option
    ctx: click.Context,
    statuses: tuple[str, ...],
    suppressed: bool,
    owner: str | None,
    check: str | None,
    search: str | None,
    output_format: str,
    output: Path | None,
) -> None:
    """List stored findings, riskiest first; what the risk model holds back is among them."""
    opened = world(ctx)
    every = opened.store.cards(statuses=statuses or (Status.OPEN.value,), limit=_ALL)
    cards = [
        card
        for card in every
        if (card.withheld is not None or not suppressed)
        and owner in (None, card.finding.owner)
        and check in (None, card.finding.check_id)
        and (search or "").casefold() in _searched(card)
    ]
    if output_format == "table":
        table(FINDING_COLUMNS, finding_rows(cards), output)
    elif output_format == "json":
        held = sum(card.withheld is not None for card in cards)
        summary = {"findings": len(cards), "held_back": held}
        write_json(record.scan_document(cards, (), summary), output)
    else:
        from app import export

        write_json(export.document(output_format, cards, at=utc_now()), output)


def _searched(card: Card) -> str:
    found = card.finding
    words = (found.resource_name, found.resource_uid, found.title, found.evidence.message)
    return " ".join((*words, found.check_id)).casefold()

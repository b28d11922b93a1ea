"""`plumbline audit`: the chain of what was decided and done."""

import click

from app.cli.main import world
from app.cli.output import format_option, write_json
from app.store import audit as chain


@click.group()
def audit() -> None:
    """Check the audit chain."""


@audit.command()
@format_option
@click.pass_context
def verify(ctx: click.Context, output_format: str) -> None:
    """Verify the chain, and that every head anchored in a signed commit is in it."""
    opened = world(ctx)
    anchors: list[str] = []
    branches = {each.name: each.branch for each in opened.settings.repository}
    for name, forge in opened.forges.items():
        anchors.extend(forge.audit_heads(branches[name]))
    count = chain.verify(opened.store.audit_records(), anchors=anchors)
    head = opened.store.audit_head()
    if output_format == "json":
        summary = {"records": count, "anchors": len(anchors), "head": head}
        write_json({"records": [], "gaps": [], "summary": summary})
    else:
        click.echo(f"{count} records hold; {len(anchors)} signed commits anchor them. Head {head}")

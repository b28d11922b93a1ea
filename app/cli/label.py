"""`plumbline label`: bring past triage in, take labels out, as JSON lines."""

import json
from pathlib import Path

import click

from app import label_file
from app.cli.main import world


@click.group()
def label() -> None:
    """Import and export labels."""


@label.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export_(ctx: click.Context, file: Path) -> None:
    """Write every label to FILE, one JSON object a line."""
    labels = world(ctx).store.labels(include_simulated=True)
    lines = [json.dumps(label_file.record(each), ensure_ascii=False) for each in labels]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    click.echo(f"{len(lines)} labels written to {file}.", err=True)


@label.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def import_(ctx: click.Context, file: Path) -> None:
    """Read labels from FILE, one JSON object a line.

    Each has finding_uid, or check_id and resource_uid; verdict (approve, false_positive,
    not_applicable, accepted_risk), person and time, and may have a reason. A label is joined to its
    finding as the last scan before it saw it, else as the first one did; one whose finding no scan
    has seen waits for the scan that does. A line that cannot be read refuses the whole file; the
    same file twice changes nothing.
    """
    store = world(ctx).store
    given = label_file.read(file)
    added = store.add_labels(given)
    uids = {each.uid for each in given}
    stored = [each for each in store.labels(include_simulated=True) if each.uid in uids]
    joined = sum(bool(each.features) for each in stored)
    click.echo(
        f"{len(given)} labels read, none refused: {added} new. {joined} joined to their finding, "
        f"{len(stored) - joined} wait for a scan that sees it.",
        err=True,
    )

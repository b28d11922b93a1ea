"""`plumbline label`: bring past triage in, take labels out, as JSON lines."""

import json
from pathlib import Path

import click

from app import label_file
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.store.codec import to_plain


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
    not_applicable, accepted_risk) and time, and may have a person and a reason. Lines without a
    person count as one person's. A label is joined to its
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


@label.command()
@format_option
@click.pass_context
def people(ctx: click.Context, output_format: str) -> None:
    """Show how far each person's labels count, and how often they are right.

    For the operator: an estimate from findings that several people judged, with its 95 % interval,
    drawn to the usual where little is known. It measures no person and is posted nowhere.
    """
    from explain.people import standing

    opened = world(ctx)
    found = standing(opened.models.labels(), opened.settings.labels.limits())
    if output_format == "json":
        records = [to_plain(each) for each in found]
        write_json({"people": records, "gaps": [], "summary": {"people": len(found)}})
        return
    rows = [
        [
            each.person,
            str(each.witness.labels),
            f"{each.weight:.1f}",
            f"{each.share:.0%}",
            f"{each.witness.right:.0%} ({each.witness.low:.0%} to {each.witness.high:.0%})",
            str(each.witness.shared),
            "; ".join(each.reasons),
        ]
        for each in found
    ]
    table(("person", "labels", "count as", "share", "right", "judged with others", "because"), rows)

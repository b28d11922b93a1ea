"""`plumbline drift`: where live resources are not as their templates declare."""

import sys

import click

from app import drift as pairing
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.store.codec import to_plain
from core.drift import CHECK_ID
from core.scan import run_checks
from core.types import Finding

_COLUMNS = ("resource", "declared in", "difference", "ahead")


@click.command()
@click.option("--region", "regions", multiple=True, help="Region to read; may be given again.")
@format_option
@click.pass_context
def drift(ctx: click.Context, regions: tuple[str, ...], output_format: str) -> None:
    """Compare what is live with the templates that declare it; nothing is stored or posted.

    Which side is ahead is told from Git and from the scans of this home. CloudFormation and SAM.
    """
    opened = world(ctx)
    snapshot = opened.cloud(regions).collect()
    check = pairing.check(opened, links=opened.link(snapshot))
    findings, gaps = run_checks(
        {CHECK_ID: check}, snapshot, report=lambda _name, stack: click.echo(stack, err=True)
    )
    if output_format == "json":
        drifts = [_record(each) for each in findings]
        document = {
            "drifts": drifts,
            "gaps": [to_plain(gap) for gap in (*snapshot.gaps, *gaps)],
            "summary": {"resources": len(snapshot.resources), "drifted": len(drifts)},
        }
        write_json(document)
    else:
        table(_COLUMNS, [_row(each) for each in findings])
        for gap in gaps:
            click.echo(f"gap: {gap.scope} {gap.reason}: {gap.detail}", err=True)
    sys.exit(bool(findings))


def _record(found: Finding) -> dict[str, object]:
    return {
        "uid": found.uid,
        "resource_uid": found.resource_uid,
        "resource_type": found.resource_type,
        "resource_name": found.resource_name,
        "region": found.region,
        "account": found.account,
        **found.evidence.facts,
    }


def _row(found: Finding) -> tuple[str, ...]:
    facts = found.evidence.facts
    ahead = f"{facts['ahead']}: {facts['why']}"
    return (found.resource_name, str(facts["declared_in"]), found.evidence.message, ahead)

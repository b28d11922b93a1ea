"""`plumbline scan`: one scan of the live estate."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import compliance, policy_source, record, threat, withholding
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
from app.store.codec import to_plain
from app.world import World, utc_now
from core import scan as scanning
from core.errors import UsageError

if TYPE_CHECKING:
    from collectors import AwsCloud


@click.command()
@click.option("--region", "regions", multiple=True, help="Region to scan; may be given again.")
@click.option("--account", help="Refuse to scan any account but this one.")
@click.option("--policies", type=click.Path(exists=True, path_type=Path), help="Add policies.")
@click.option("--no-post", is_flag=True, help="Say nothing in Slack.")
@finding_format_option
@fail_on_option
@click.pass_context
def scan(
    ctx: click.Context,
    regions: tuple[str, ...],
    account: str | None,
    policies: Path | None,
    no_post: bool,
    output_format: str,
    output: Path | None,
    fail_on: str,
) -> None:
    """Scan the AWS account that the credentials belong to."""
    opened = world(ctx)
    if policies:
        opened = with_policies(opened, policies)
    for sentence in policy_source.refresh(opened):
        click.echo(sentence, err=True)
    if old := threat.stale(opened, today=utc_now().date()):
        click.echo(old, err=True)
    scanner = opened.scanner(regions)
    if account:
        require_account(opened.cloud(regions), account)
    outcome = scanning.scan(scanner)
    withholding.review(opened, now=utc_now())
    compliance.after_scan(opened, now=utc_now())
    if not no_post and opened.settings.slack.channel:
        from app.chat import open_chat

        chat = open_chat(opened)
        scanning.post(outcome, store=opened.store, chat=chat)
        withholding.tell(opened, chat, now=utc_now())
    print_scan(outcome, output_format=output_format, output=output)
    sys.exit(any(is_failure(card, fail_on) for card in outcome.cards))


def with_policies(opened: World, path: Path) -> World:
    """Return the world with one more directory of policies."""
    extra = (*opened.settings.scan.policies, path)
    section = opened.settings.scan.model_copy(update={"policies": extra})
    return World(opened.home, opened.settings.model_copy(update={"scan": section}))


def require_account(cloud: "AwsCloud", account: str) -> None:
    """Raise UsageError when the credentials belong to another account."""
    actual = cloud.who()["account"]
    if actual != account:
        raise UsageError(f"The credentials belong to account {actual}, not {account}.")


def print_scan(outcome: scanning.ScanOutcome, *, output_format: str, output: Path | None) -> None:
    """Print a scan's findings, gaps and summary."""
    summary = outcome.summary
    if output_format == "table":
        table(FINDING_COLUMNS, finding_rows(outcome.cards), output)
        click.echo(sentence(outcome), err=True)
        for each in summary.gaps:
            place = each.resource_uid or each.resource_type
            click.echo(f"gap: {each.scope} {each.reason}: {each.detail} {place}".rstrip(), err=True)
        return
    if output_format == "json":
        facts = to_plain(summary)
        facts.pop("gaps")
        write_json(record.scan_document(outcome.cards, summary.gaps, facts), output)
        return
    from app import export

    write_json(export.document(output_format, outcome.cards, at=summary.finished_at), output)


def sentence(outcome: scanning.ScanOutcome) -> str:
    """Say a scan in one line: "312 functions in eu-west-1: 35 findings, 260 hygiene, ..."."""
    summary = outcome.summary
    functions = summary.by_type.get("AWS::Lambda::Function", 0)
    where = f" in {', '.join(summary.regions)}" if summary.regions else ""
    return (
        f"{functions} functions, {summary.resources} resources{where}: "
        f"{sum(summary.by_severity.values())} findings, {summary.hygiene} hygiene, "
        f"{summary.undecided} undecided, {len(summary.gaps)} gaps; "
        f"{summary.api_calls} API calls."
    )

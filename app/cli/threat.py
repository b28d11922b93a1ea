"""`plumbline threat`: what is known of attackers, and of what day."""

import click

from app import threat as known
from app.cli.main import world
from app.cli.output import format_option, write_json
from app.world import utc_now


@click.group()
def threat() -> None:
    """Fetch and show what is known of attackers."""


@threat.command()
@click.option("--url", default=known.URL, show_default=True, help="Where to fetch it from, HTTPS.")
@click.pass_context
def fetch(ctx: click.Context, url: str) -> None:
    """Fetch CISA's catalogue of known exploited vulnerabilities into the home directory."""
    opened = world(ctx)
    fresh, before = known.fetch(opened, url, download=known.download)
    new = {e.cve for e in fresh.entries} - {e.cve for e in (before.entries if before else ())}
    click.echo(
        f"CISA's catalogue of {fresh.dated}: {len(fresh.entries)} vulnerabilities, {len(new)} new here."
    )
    if (used := known.place(opened)) != opened.home / known.FILE_NAME:
        click.echo(f"Scans go on reading {used}, as threat.kev in the settings says.", err=True)


@threat.command()
@format_option
@click.pass_context
def show(ctx: click.Context, output_format: str) -> None:
    """Show which catalogues are in use, and of what day."""
    from explain.threat import attack

    opened = world(ctx)
    found = known.catalogue(opened)
    old = found.stale(utc_now().date()) if found else ""
    if output_format == "json":
        kev = {
            "place": str(known.place(opened)),
            "dated": found.dated.isoformat() if found else None,
            "vulnerabilities": len(found.entries) if found else 0,
            "stale": bool(old),
        }
        techniques = {"version": attack.version(), "techniques": len(attack.techniques())}
        write_json({"kev": kev, "attack": techniques, "gaps": [], "summary": {"stale": bool(old)}})
        return
    click.echo(
        f"Known exploited vulnerabilities: {len(found.entries)}, of {found.dated}, {known.place(opened)}."
        if found
        else "Known exploited vulnerabilities: none; `plumbline threat fetch` gets CISA's catalogue."
    )
    if old:
        click.echo(old)
    click.echo(f"ATT&CK: {attack.version()}, {len(attack.techniques())} techniques.")

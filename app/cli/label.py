"""`plumbline label`: bring past triage in, take labels out, list, delete and correct them."""

import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from app import label_file
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.store.codec import to_plain
from app.world import World, utc_now
from core import relabel
from core.errors import NotFound, UsageError
from core.types import Label, Person, Verdict

_VERDICTS = [each.value for each in Verdict if each.is_of_finding]
_UID_LEAST = 4


@click.group()
def label() -> None:
    """Import, export, list, delete and correct labels."""


@label.command("list")
@click.option("--person", help="Only what this person said.")
@click.option("--finding", help="Only labels of this finding, by id or the beginning of one.")
@click.option("--check", help="Only labels of findings of this check.")
@click.option("--verdict", type=click.Choice(_VERDICTS), help="Only labels that say this.")
@click.option("--taken-back", is_flag=True, help="Those that count no more, instead.")
@format_option
@click.pass_context
def list_(  # one parameter an option
    ctx: click.Context,
    person: str | None,
    finding: str | None,
    check: str | None,
    verdict: str | None,
    taken_back: bool,
    output_format: str,
) -> None:
    """List labels, oldest first: those that count, or those that were taken back."""
    store = world(ctx).store
    gone = {each.label.uid: each for each in store.taken_back()} if taken_back else {}
    every = (
        [each.label for each in gone.values()]
        if taken_back
        else _that_count(store.labels(include_simulated=True))
    )
    found = [
        each
        for each in every
        if person in (None, each.person)
        and each.finding_uid.startswith((finding or "").lower())
        and check in (None, each.check_id)
        and verdict in (None, each.verdict.value)
    ]
    records = [{"uid": each.uid, **label_file.record(each)} for each in found]
    for record in records:
        if past := gone.get(str(record["uid"])):
            record["taken_back"] = {
                "time": past.at.isoformat(),
                "by": past.actor,
                "reason": past.reason,
            }
    if output_format == "json":
        write_json({"labels": records, "gaps": [], "summary": {"labels": len(records)}})
        return
    columns = ("uid", "time", "person", "verdict", "check_id", "resource_uid", "origin", "reason")
    shown = [{**record, "uid": str(record["uid"])[:8]} for record in records]
    table(columns, [[str(record[name]) for name in columns] for record in shown])


def _that_count(labels: Sequence[Label]) -> tuple[Label, ...]:
    return tuple(each for each in labels if each.verdict.is_of_finding)


def _operator() -> Person:
    """Return who acts at this command line, as the system names them."""
    user = getpass.getuser()
    return Person(team="", user=f"operator:{user}", name=f"{user} (operator)")


def _chosen(opened: World, uids: Sequence[str], person: str | None) -> tuple[Label, ...]:
    """Return the labels of these uids or beginnings of one, and those of a person."""
    every = _that_count(opened.store.labels(include_simulated=True))
    named = [_named(every, uid) for uid in uids]
    theirs = [each for each in every if person is not None and each.person == person]
    if person is not None and not theirs:
        raise NotFound(
            f"No label of {person} counts. `plumbline label people` lists who said what."
        )
    return tuple({each.uid: each for each in (*named, *theirs)}.values())


def _named(labels: Sequence[Label], uid: str) -> Label:
    found = [each for each in labels if each.uid.startswith(uid.lower())]
    if len(uid) < _UID_LEAST or len(found) != 1:
        many = "More than one label begins" if len(found) > 1 else "No label begins"
        raise NotFound(f"{many} with {uid}; `plumbline label list` shows their ids.")
    return found[0]


@label.command()
@click.argument("labels", nargs=-1, metavar="[LABEL]...")
@click.option("--person", help="Every label of this person, who left or cannot be believed.")
@click.option("--reason", default="", help="Kept in the audit trail.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting every label of a person.")
@click.pass_context
def delete(  # one parameter an option
    ctx: click.Context,
    labels: tuple[str, ...],
    person: str | None,
    reason: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Let labels count no more: each LABEL by its id, or all of one person.

    Findings return to where they would stand without them, the risk model is trained again, and the
    audit trail keeps what was said, who deleted it and why. Importing the same file again does not
    bring them back.
    """
    if not labels and person is None:
        raise UsageError("Which labels? Give their ids, or --person.")
    opened = world(ctx)
    chosen = _chosen(opened, labels, person)
    said = _what_goes(opened, chosen)
    if dry_run:
        click.echo(f"{said} Nothing was changed.")
        return
    if person is not None and not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"{said} Say --yes to delete them, or --dry-run to look first.")
        click.confirm(f"{said} Delete them?", abort=True)
    relabel.take_back(opened.store, chosen, person=_operator(), now=utc_now(), reason=reason)
    click.echo(f"{said} They count no more; the worker trains the model again.")


def _what_goes(opened: World, chosen: Sequence[Label]) -> str:
    """Count what would go, by verdict, and the findings that are closed and would be looked at anew."""
    counts = [
        f"{sum(e.verdict == v for e in chosen)} {v}"
        for v in _VERDICTS
        if any(e.verdict == v for e in chosen)
    ]
    people = len({each.person for each in chosen})
    noun = "label" if len(chosen) == 1 else "labels"
    who = "1 person" if people == 1 else f"{people} people"
    opening = relabel.would_open(opened.store, chosen, now=utc_now())
    opened_again = "1 finding opens again" if opening == 1 else f"{opening} findings open again"
    return f"{len(chosen)} {noun} of {who} ({', '.join(counts)}); {opened_again}."


@label.command()
@click.argument("uid", metavar="LABEL")
@click.argument("verdict", type=click.Choice(_VERDICTS))
@click.option("--reason", default="", help="Instead of the label's own reason.")
@click.pass_context
def correct(ctx: click.Context, uid: str, verdict: str, reason: str) -> None:
    """Give a LABEL another VERDICT; it stays the word of whoever gave it.

    The audit trail says who corrected it. Where the label closed its finding, or left it open, the
    finding follows.
    """
    opened = world(ctx)
    [found] = _chosen(opened, [uid], None)
    if found.verdict == verdict:
        raise UsageError(f"This label says {verdict} already.")
    relabel.correct(
        opened.store,
        found,
        Verdict(verdict),
        person=_operator(),
        now=utc_now(),
        reason=reason,
    )
    click.echo(f"{found.uid[:8]} of {found.person}: {found.verdict.value} is now {verdict}.")


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
    gone = len(uids) - len(stored)
    more = f" {gone} were taken back here and stay so." if gone else ""
    click.echo(
        f"{len(given)} labels read, none refused: {added} new. {joined} joined to their finding, "
        f"{len(stored) - joined} wait for a scan that sees it.{more}",
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

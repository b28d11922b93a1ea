"""`plumbline label`: bring past triage in, take labels out, as JSON lines."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli.main import world
from core.errors import NotFound, UsageError
from core.identity import finding_uid, sha256
from core.ports import Store
from core.types import Label, LabelOrigin, Verdict


@click.group()
def label() -> None:
    """Import and export labels."""


@label.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export_(ctx: click.Context, file: Path) -> None:
    """Write every label to FILE, one JSON object a line."""
    labels = world(ctx).store.labels(include_simulated=True)
    lines = [json.dumps(_record(each), ensure_ascii=False) for each in labels]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    click.echo(f"{len(lines)} labels written to {file}.", err=True)


@label.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def import_(ctx: click.Context, file: Path) -> None:
    """Read labels from FILE; a line that cannot be read refuses the whole file."""
    store = world(ctx).store
    labels = [
        _label(number, line, store)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    ]
    added = store.add_labels(labels)
    joined = sum(bool(each.features) for each in labels)
    click.echo(f"{len(labels)} labels read, {added} new, {joined} joined to a finding.", err=True)


def _record(each: Label) -> dict[str, Any]:
    return {
        "finding_uid": each.finding_uid,
        "check_id": each.check_id,
        "resource_uid": each.resource_uid,
        "verdict": each.verdict.value,
        "reason": each.reason,
        "person": each.person,
        "time": each.labelled_at.isoformat(),
        "origin": each.origin.value,
        "features": dict(each.features),
    }


def _label(number: int, line: str, store: Store) -> Label:
    try:
        row = json.loads(line)
        verdict = Verdict(row["verdict"])
        when = datetime.fromisoformat(row["time"])
        person = str(row["person"])
        uid = str(row.get("finding_uid") or finding_uid(row["check_id"], row["resource_uid"]))
        origin = LabelOrigin(row.get("origin", LabelOrigin.IMPORTED.value))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"Line {number} is not a label: {error}. Nothing was imported.") from error
    if when.tzinfo is None:
        raise UsageError(f"Line {number}: time has no zone. Nothing was imported.")
    check_id, resource_uid, features = _join(uid, row, store)
    return Label(
        uid=sha256(f"{uid}\n{person}")[:24],
        finding_uid=uid,
        check_id=check_id,
        resource_uid=resource_uid,
        verdict=verdict,
        person=person,
        labelled_at=when,
        origin=origin,
        reason=str(row.get("reason", "")),
        features=features,
    )


def _join(uid: str, row: Any, store: Store) -> tuple[str, str, dict[str, float]]:
    try:
        card = store.card(uid)
    except NotFound:
        return str(row.get("check_id", "")), str(row.get("resource_uid", "")), _given(row)
    known = dict(card.assessment.features) if card.assessment else {}
    return card.finding.check_id, card.finding.resource_uid, _given(row) or known


def _given(row: Any) -> dict[str, float]:
    return {str(name): float(value) for name, value in (row.get("features") or {}).items()}

"""`plumbline forecast`: violations that are to come."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.forecast import Outlook, outlook
from app.world import utc_now
from core.compliance import Due
from detectors import Prediction, Skill


@click.command()
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--horizon-days", type=click.IntRange(1, 730), default=90, show_default=True,
    help="How far to look ahead.",
)  # fmt: skip
@click.option("--control", "controls", multiple=True, help="Only this control; may be given again.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True)
@format_option
@click.pass_context
def forecast(
    ctx: click.Context,
    folder: Path | None,
    horizon_days: int,
    controls: tuple[str, ...],
    top: int,
    output_format: str,
) -> None:
    """Say which controls will be violated, by date alone or by what usually changes.

    FOLDER is in a Git repository of templates, whose history is learned from; without it, the stored
    scans are.
    """
    opened = world(ctx)
    seen = outlook(opened, horizon=timedelta(days=horizon_days), now=utc_now(), folder=folder)
    due = [each for each in seen.due if not controls or each.finding.control in controls]
    likely = [
        each for each in seen.forecast.predictions if not controls or each.control in controls
    ][:top]
    checks = {policy.control: policy.check_id for policy in opened.policy_set.policies}
    records = [*(_due(each) for each in due), *(_likely(each, checks) for each in likely)]
    if output_format == "json":
        write_json({"forecasts": records, "gaps": [], "summary": _summary(seen, horizon_days)})
        return
    columns = ("unit", "control", "probability", "due", "reasons")
    table(columns, [_cells(record) for record in records])
    click.echo(_told(seen), err=True)


def _due(each: Due) -> dict[str, Any]:
    return {
        "unit": each.finding.resource_uid,
        "control": each.finding.control,
        "check_id": each.finding.check_id,
        "probability": None,
        "due": each.on.date().isoformat(),
        "reasons": [f"by the date alone: {each.finding.evidence.message}"],
        "log_odds": {},
    }


def _likely(each: Prediction, checks: dict[str, str]) -> dict[str, Any]:
    return {
        "unit": each.unit,
        "control": each.control,
        "check_id": checks[each.control],
        "probability": each.probability,
        "due": None,
        "reasons": list(each.reasons),
        "log_odds": dict(each.log_odds),
    }


def _cells(record: dict[str, Any]) -> list[str]:
    chance = record["probability"]
    said = "" if chance is None else "under 0.1 %" if chance < 0.001 else f"{chance:.1%}"
    return [
        record["unit"], record["control"], said, record["due"] or "", "; ".join(record["reasons"]),
    ]  # fmt: skip


def _summary(seen: Outlook, horizon_days: int) -> dict[str, Any]:
    learned = seen.forecast
    return {
        "horizon_days": horizon_days,
        "due": len(seen.due),
        "units": learned.units,
        "changes": learned.changes,
        "events": learned.events,
        "thin": learned.thin,
        "skill": _skill(learned.skill) if learned.skill else None,
    }


def _skill(skill: Skill) -> dict[str, Any]:
    return {
        "rows": skill.rows,
        "seen": skill.seen,
        "expected": round(skill.expected, 2),
        "base_rate": skill.base_rate,
        "average_precision": skill.average_precision,
        "interval": list(skill.interval),
        "by_age": skill.by_age,
        "brier": skill.brier,
        "brier_of_base_rate": skill.brier_of_base_rate,
    }


def _told(seen: Outlook) -> str:
    learned = seen.forecast
    if learned.thin:
        return f"{len(seen.due)} due by date. {learned.thin}"
    if learned.skill is None:
        measured = "How good it is cannot be measured yet"
    else:
        skill = learned.skill
        measured = (
            f"Forward in time, {skill.expected:.0f} expected and {skill.seen} seen; average "
            f"precision {skill.average_precision:.3f} ({skill.interval[0]:.3f} to "
            f"{skill.interval[1]:.3f}), {skill.base_rate:.4f} in a random order"
        )
    return (
        f"{len(seen.due)} due by date. Learned from {learned.changes} changes to {learned.units} "
        f"units, {learned.events} of which added a violation. {measured}."
    )

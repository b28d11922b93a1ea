"""How good forecasts of violations are on real history: templates that people changed for years.

Run: `python -m bench.forecast`. Reads the development data beside the repository (versions of real
templates, MIT-0); the score is a development score. Each fold trains on what was known before it.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import policies
import templates
from app.history import observe
from core.errors import UnreadableTemplate
from core.types import Estate
from detectors import Observation, forecast

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "iac_history" / "versions.jsonl"
HORIZONS_DAYS = (30, 90, 180)


def observations() -> tuple[Observation, ...]:
    """Read every version of every template, and what the policies say of it as of its date."""
    policy_set = policies.load()
    found: list[Observation] = []
    latest: dict[str, datetime] = {}
    versions = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    for each in sorted(versions, key=lambda each: (each["pattern"], each["path"], each["version"])):
        unit = f"{each['pattern']}/{each['path']}"
        at = datetime.fromisoformat(each["date"]).astimezone(UTC)
        at = latest[unit] = max(at, latest.get(unit, at))  # the order of history counts
        try:
            read = templates.read(each["text"].encode(), file=each["path"], secret_key=b"benchmark")
        except UnreadableTemplate:
            continue
        found.append(observe(policy_set, unit, at, read.resources, Estate()))
    return tuple(found)


def main() -> None:
    """Print the skill at each horizon."""
    if not DATA.is_file():
        print("The development data is not beside this checkout; nothing was measured.")
        return
    started = time.perf_counter()
    history = observations()
    now = max(each.at for each in history)
    print(f"{len(history)} versions read and judged in {time.perf_counter() - started:.0f} s")
    print(
        "| horizon, days | events seen | expected | AP | 95 % | AP youngest first "
        "| AP random order | Brier | Brier of base rate |"
    )
    print("|" + "---|" * 9)
    for days in HORIZONS_DAYS:
        seen = forecast(history, horizon=timedelta(days=days), now=now)
        if seen.skill is None:
            print(f"| {days} | {seen.thin or 'no fold could be tried'} |")
            continue
        skill = seen.skill
        print(
            f"| {days} | {skill.seen} | {skill.expected:.1f} | {skill.average_precision:.3f} "
            f"| {skill.interval[0]:.3f} to {skill.interval[1]:.3f} | {skill.by_age:.3f} "
            f"| {skill.base_rate:.4f} | {skill.brier:.5f} | {skill.brier_of_base_rate:.5f} |"
        )
    print(f"{seen.changes} changes to {seen.units} templates, {seen.events} added a violation.")


if __name__ == "__main__":
    main()

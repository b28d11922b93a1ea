"""How good forecasts of violations are on real history: templates that people changed for years.

Run: `python -m bench.forecast`. Reads the development data beside the repository (versions of real
templates, MIT-0); the score is a development score. Each fold trains on what was known before it.
"""

import time
from datetime import timedelta

import policies
from app.history import observe
from bench import history
from core.types import Estate
from detectors import Observation, forecast

HORIZONS_DAYS = (30, 90, 180)


def observations() -> tuple[Observation, ...]:
    """Read every version of every template, and what the policies say of it as of its date."""
    policy_set = policies.load()
    return tuple(
        observe(policy_set, each.unit, each.at, each.resources, Estate())
        for each in history.versions()
    )


def main() -> None:
    """Print the skill at each horizon."""
    if not history.DATA.is_file():
        print(history.ABSENT)
        return
    started = time.perf_counter()
    seen_before = observations()
    now = max(each.at for each in seen_before)
    print(f"{len(seen_before)} versions read and judged in {time.perf_counter() - started:.0f} s")
    print(
        "| horizon, days | events seen | expected | AP | 95 % | AP youngest first "
        "| AP random order | Brier | Brier of base rate |"
    )
    print("|" + "---|" * 9)
    for days in HORIZONS_DAYS:
        seen = forecast(seen_before, horizon=timedelta(days=days), now=now)
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

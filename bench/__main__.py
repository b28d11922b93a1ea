"""Run every measurement and print its figures. `make bench` runs this.

Name some to run only those: .venv/bin/python -m bench scan policies
"""

import os
import platform
import runpy
import sys
from datetime import UTC, datetime

MEASUREMENTS = (
    "start",
    "ack",
    "scan",
    "policies",
    "check",
    "guard",
    "risk",
    "outside",
    "anomaly",
    "teams",
    "bandit",
    "path",
    "forecast",
    "lived",
    "compliance",
    "real_templates",
    "template_fixes",
    "terraform_fixes",
    "real_input",
    "verdicts",
    "peers",
)


def main() -> None:
    """Run the named measurements, or all, one after the other."""
    chosen = sys.argv[1:] or list(MEASUREMENTS)
    unknown = sorted(set(chosen) - set(MEASUREMENTS))
    if unknown:
        sys.exit(f"No such measurement: {', '.join(unknown)}. There are {', '.join(MEASUREMENTS)}.")
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.machine()}; shared machines vary from run to run"
    )
    for name in chosen:
        print(f"\n== {name}", flush=True)
        sys.argv = [f"bench.{name}"]
        runpy.run_module(f"bench.{name}", run_name="__main__")


if __name__ == "__main__":
    main()

"""Templates checked a second: `plumbline check` over real templates, start-up apart.

Run: `python -m bench.check [PATH ...]`. Without paths the development data beside the repository is
checked, and nothing is measured where that is absent. Start-up is what one small template takes.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "data" / "templates"
TARGET_A_SECOND = 40
_SMALL = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"


def _check(home: str, paths: list[str]) -> tuple[float, dict[str, int]]:
    """Return the seconds that a check takes, and its summary."""
    output = Path(home) / "findings.json"
    command = [sys.executable, "-m", "app.cli", "--home", home, "check", *paths]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--format", "json", "--output", str(output)], capture_output=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 1):
        sys.exit(done.stderr.decode())
    summary: dict[str, int] = json.loads(output.read_text(encoding="utf-8"))["summary"]
    return seconds, summary


def main(paths: list[str]) -> None:
    """Print the figures."""
    paths = paths or [str(SHARED)]
    if not all(Path(path).exists() for path in paths):
        print(f"Not measured: {', '.join(paths)} is absent.")
        return
    with tempfile.TemporaryDirectory() as home:
        small = Path(home) / "small.yaml"
        small.write_text(_SMALL, encoding="utf-8")
        _check(home, [str(small)])  # what is written to disk once is no start-up
        start_s, _ = _check(home, [str(small)])
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        total_s, summary = _check(home, paths)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work_s = total_s - start_s
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rate = summary["templates"] / work_s
    print(
        f"{summary['templates']} templates, {summary['resources']:,} resources, "
        f"{summary['findings']:,} findings: {total_s:.1f} s, of which start-up {start_s:.1f} s; "
        f"{rate:.0f} templates a second after it (target {TARGET_A_SECOND}); "
        f"{cpu_s:.1f} CPU-seconds in all; load {os.getloadavg()[0]:.1f}"
    )
    print(f"largest process: {after.ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])

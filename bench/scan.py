"""What a scan costs: wall time, own CPU, API calls and peak memory, at 300 and 1,000 functions.

moto runs in another process and each scan in a fresh child, so that the figures are the scan's own.
A local endpoint has no AWS quota, so the token buckets are off here; the time the same calls take
within a third of AWS's quotas is computed from the quota table and printed beside it. moto and the
scan share the machine with whatever else runs there: load_1m is the load average when a scan ended.
floor_s is what the endpoint alone needs for the same requests (bench.replay).

wall_s is taken with the endpoint on one core and the scan on another, as AWS would be elsewhere;
free_s is the same scan where the system places both as it likes: threads of one interpreter then
wake each other across cores, which costs both processes a fifth of their time.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import replay
from bench.estate import CREDENTIALS, REGION, Estate, moto_process
from core.types import Snapshot

SIZES = (300, 1000)
TARGETS = {"wall_s": 20, "cpu_s": 12, "api_calls": 7500, "peak_mib": 300}
"""Upper bounds at 1,000 functions."""
_SENDERS = (1, 2, 4)


def scanned(endpoint: str, *, requests: list[bytes] | None = None) -> Snapshot:
    """Scan the estate at `endpoint`, keeping the bytes of every request where a list is given."""
    import boto3

    from collectors import AwsCloud

    session = boto3.Session(**CREDENTIALS)
    if requests is not None:
        replay.record(session, requests)
    cloud = AwsCloud(
        session_factory=lambda: session,
        regions=[REGION],
        secret_key=b"benchmark",
        clock=lambda: datetime.now(UTC),
        endpoint_url=endpoint,
    )
    return cloud.collect()


def floor_s(endpoint: str) -> float:
    """Return how long the endpoint needs for a scan's requests when the client costs nothing."""
    requests: list[bytes] = []
    scanned(endpoint, requests=requests)
    return round(min(replay.replay(endpoint, requests, senders=n) for n in _SENDERS), 2)


def measure(endpoint: str) -> dict[str, Any]:
    """Scan the estate at `endpoint` in this process and return the figures."""
    started, cpu = time.perf_counter(), time.process_time()
    from collectors import Quotas

    snapshot = scanned(endpoint)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    calls = sum(snapshot.api_calls.values())
    return {
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "api_calls": calls,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "resources": len(snapshot.resources),
        "calls_per_resource": round(calls / max(len(snapshot.resources), 1), 3),
        "gaps": [f"{gap.scope} {gap.reason}" for gap in snapshot.gaps],
        "paced_s": round(Quotas().duration_s(snapshot.api_calls)),
        "load_1m": round(os.getloadavg()[0], 1),
        "calls": snapshot.api_calls,
    }


def run(functions: int) -> dict[str, Any]:
    """Build an estate of this size, scan it in fresh children, return the figures."""
    with moto_process() as (endpoint, server):
        Estate(endpoint, functions).build()
        free = _in_child(endpoint)
        with _cores_apart(server):
            figures = _in_child(endpoint)
            floor = floor_s(endpoint)
    return {"functions": functions, "floor_s": floor, "free_s": free["wall_s"], **figures}


def _in_child(endpoint: str) -> dict[str, Any]:
    child = subprocess.run(
        [sys.executable, "-m", "bench.scan", "--measure", endpoint],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(child.stdout)
    return figures


@contextlib.contextmanager
def _cores_apart(server: int) -> Iterator[None]:
    """Hold the endpoint on the first core, this process and its children on the last (Linux)."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    for thread in Path(f"/proc/{server}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {min(cores)})
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def main(arguments: Sequence[str]) -> None:
    """Print the figures of each size as a table, and as JSON with --json."""
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measure(arguments[1])))
        return
    sizes = [int(each) for each in arguments if each.isdigit()] or list(SIZES)
    rows = [run(size) for size in sizes]
    if "--json" in arguments:
        print(json.dumps(rows, indent=2))
        return
    names = ("functions", "resources", "wall_s", "free_s", "floor_s", "cpu_s", "api_calls", "calls_per_resource",
             "peak_mib", "paced_s", "load_1m")  # fmt: skip
    print("| " + " | ".join(names) + " |")
    print("|" + "---|" * len(names))
    for row in rows:
        print("| " + " | ".join(str(row[name]) for name in names) + " |")
    print("Quota pacing: off (local endpoint). paced_s: the same calls within a third of AWS's.")
    for row in rows:
        if row["functions"] == SIZES[-1]:
            for name, limit in TARGETS.items():
                verdict = "met" if row[name] <= limit else "MISSED"
                print(f"{name} at most {limit}: {row[name]}, {verdict}")
        print(f"Gaps at {row['functions']}: {', '.join(row['gaps']) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])

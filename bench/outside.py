"""Labels from outside: what `label import`, `model train` and `scan` make of strangers' triage.

A moto estate is scanned. People with a rule of their own label findings on half of its resources, some
of them wrongly; the file is imported, the model trained, and the estate scanned again, each as a
person does it on the command line. Measured is the second scan's risk of findings on the other half,
which nobody labelled, against the rule. Everything here is generated.

Run: `python -m bench.outside [--functions N]`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.estate import CREDENTIALS, REGION, Estate, moto_server
from explain.evaluate import calibration_error_by_chance, expected_calibration_error

Finding = Mapping[str, Any]
_START = datetime(2026, 10, 1, 9, tzinfo=UTC)
_RANK = ("info", "low", "medium", "high", "critical")
_ENVIRONMENTS = ("prod", "test", "dev")  # bench.estate tags them in turn


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How people label: what they want fixed, how many of them err, and how often."""

    name: str
    wants: Callable[[Finding], bool]
    labels: int = 300
    errs: float = 0.05
    adversarial: float = 0.0
    at_once: bool = False


def environment(finding: Finding) -> str:
    """Return the environment that a resource of the estate is tagged with."""
    number = str(finding["resource_name"]).rpartition("-")[2]
    return _ENVIRONMENTS[int(number) % 3] if number.isdigit() else ""


def severe(finding: Finding) -> bool:
    """Whether a finding is at least of medium severity."""
    return _RANK.index(finding["severity"]) >= _RANK.index("medium")


def _liked(check_id: str) -> bool:
    return sum(map(ord, check_id)) % 5 < 2  # two checks of five, for no reason a scanner knows


BEHAVIOURS = (
    Behaviour("careful, by check", lambda f: _liked(f["check_id"])),
    Behaviour("hasty, by check", lambda f: _liked(f["check_id"]), errs=0.25),
    Behaviour("production first", lambda f: environment(f) == "prod" and severe(f)),
    Behaviour("check in production", lambda f: environment(f) == "prod" and _liked(f["check_id"])),
    Behaviour("three teams that care", lambda f: f["owner"] in ("team-1", "team-4", "team-7")),
    Behaviour("one service", lambda f: ":S3:" in f["resource_type"]),
    Behaviour("100 labels, by check", lambda f: _liked(f["check_id"]), labels=100),
    Behaviour("a fifth by an adversary", lambda f: _liked(f["check_id"]), adversarial=0.2),
    Behaviour("an export of one second", lambda f: _liked(f["check_id"]), at_once=True),
)


def is_labelled(finding: Finding) -> bool:
    """Whether the finding's resource is of the half that people label."""
    whole = str(finding["resource_uid"]).partition("|")[0]
    return sum(map(ord, whole)) % 2 == 0


def lines(findings: Sequence[Finding], behaviour: Behaviour, *, seed: int = 1) -> Iterator[str]:
    """Yield labels as lines of a file; findings are named by check and resource."""
    random = np.random.default_rng(seed)
    chosen = [finding for finding in findings if is_labelled(finding)]
    for n in range(behaviour.labels):
        if n % len(chosen) == 0:  # a further person for each time that all was judged
            order = random.permutation(len(chosen))
        finding = chosen[order[n % len(chosen)]]
        turned = random.random() < behaviour.adversarial
        wrong = turned or random.random() < behaviour.errs
        real = behaviour.wants(finding) != wrong
        when = (
            _START if behaviour.at_once else _START + timedelta(hours=2 * n / behaviour.labels * 24)
        )
        yield json.dumps(
            {
                "check_id": finding["check_id"],
                "resource_uid": finding["resource_uid"],
                "verdict": "approve" if real else ("not_applicable", "false_positive")[n % 2],
                "person": "mallory" if turned else f"person-{n % 3}-{n // len(chosen)}",
                "time": when.isoformat(),
            }
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What a scan says of findings that nobody labelled, measured against the rule."""

    version: str
    area: float
    calibration_error: float
    by_chance: float


def told(findings: Sequence[Finding], behaviour: Behaviour) -> Told:
    """Measure the risks of a scan; `area` is that under the ROC curve."""
    rest = [finding for finding in findings if not is_labelled(finding)]
    risk = np.array([finding["risk"] / 100 for finding in rest])
    wanted = np.array([float(behaviour.wants(finding)) for finding in rest])
    return Told(
        findings[0]["model_version"],
        area(wanted, risk),
        expected_calibration_error(wanted, risk),
        float(calibration_error_by_chance(risk).mean()),
    )


def area(truth: NDArray[np.float64], score: NDArray[np.float64]) -> float:
    """Return how often a wanted finding scores above another one, ties counted half."""
    real, rest = score[truth > 0], score[truth == 0]
    above = (real[:, None] > rest).mean() + (real[:, None] == rest).mean() / 2
    return float(above)


def plumbline(home: Path, *arguments: str, endpoint: str) -> str:
    """Run the command line in a process of its own; return what it prints."""
    environ = {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": REGION,
    }
    command = [sys.executable, "-m", "app.cli", "--home", str(home), *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # 1: a scan with gaps, since moto does not serve every call
        raise RuntimeError(done.stderr)
    return done.stdout


def scan(home: Path, *, endpoint: str) -> list[Finding]:
    """Scan and return the findings as JSON gives them."""
    found = plumbline(home, "scan", "--no-post", "--format", "json", endpoint=endpoint)
    findings: list[Finding] = json.loads(found)["findings"]
    return findings


def learn(
    home: Path, findings: Sequence[Finding], behaviour: Behaviour, *, endpoint: str
) -> tuple[list[Finding], str]:
    """Import a behaviour's labels, train, scan again; return the findings and what training said."""
    file = home / "labels.jsonl"
    file.write_text("\n".join(lines(findings, behaviour)), encoding="utf-8")
    plumbline(home, "label", "import", str(file), endpoint=endpoint)
    said = plumbline(home, "model", "train", endpoint=endpoint)
    return scan(home, endpoint=endpoint), said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=100)
    parser.add_argument("--behaviour", action="append", help="By name; all by default.")
    arguments = parser.parse_args()
    print(
        "| behaviour | labels | area before | after | calibration error before | after | by chance |"
    )
    print("|---|---|---|---|---|---|---|")
    with moto_server() as endpoint, tempfile.TemporaryDirectory() as place:
        Estate(endpoint, arguments.functions).build()
        first = Path(place) / "first"
        findings = scan(first, endpoint=endpoint)
        for behaviour in BEHAVIOURS:
            if arguments.behaviour and behaviour.name not in arguments.behaviour:
                continue
            home = Path(place) / "home"
            shutil.copytree(first, home)
            after, said = learn(home, findings, behaviour, endpoint=endpoint)
            was, now = told(findings, behaviour), told(after, behaviour)
            print(
                f"| {behaviour.name} | {behaviour.labels} | {was.area:.3f} | {now.area:.3f} "
                f"| {was.calibration_error:.3f} | {now.calibration_error:.3f} | {now.by_chance:.3f} |",
                flush=True,
            )
            if was.version == now.version:
                print(f"stays in shadow: {said}")
            shutil.rmtree(home)


if __name__ == "__main__":
    main()

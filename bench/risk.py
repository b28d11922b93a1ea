"""Findings scored and explained per second, and the time to retrain, on one core.

Run: `python -m bench.risk [--findings N] [--labels N]`. Rows and labels are generated. `--scene` also
times the features over a generated estate.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from bench import anomaly
from core.identity import finding_uid
from core.types import (
    Basis,
    CostImpact,
    Estate,
    Evidence,
    Finding,
    Label,
    LabelOrigin,
    Severity,
    Snapshot,
    Verdict,
)
from explain import assess, prior
from explain.evaluate import average_precision, log_loss
from explain.feature import names
from explain.model import Model, shipped
from explain.train import retrain

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def findings_of(snapshot: Snapshot, count: int) -> list[Finding]:
    """Draw findings on a snapshot's resources."""
    random = np.random.default_rng(1)
    severities = list(Severity)
    out = []
    for n in range(count):
        resource = snapshot.resources[n % len(snapshot.resources)]
        check_id = f"PL-GENERATED-{n // len(snapshot.resources):03d}"
        out.append(
            Finding(
                finding_uid(check_id, resource.uid),
                check_id,
                check_id,
                "generated",
                severities[int(random.integers(len(severities)))],
                resource.uid,
                resource.type,
                resource.name,
                Evidence("generated"),
            )
        )
    return out


def labels_of(count: int) -> list[Label]:
    """Draw labels from the prior's own facts, so that there is something to learn."""
    x, y = prior.rows(seed=7, count=count)
    columns = names()
    return [
        Label(
            str(n),
            str(n),
            "PL-GENERATED",
            f"resource-{n // 3}",
            Verdict.APPROVE if y[n] else Verdict.FALSE_POSITIVE,
            "generated",
            NOW - timedelta(minutes=count - n),
            LabelOrigin.IMPORTED,
            features={c: float(v) for c, v in zip(columns, x[n], strict=True) if v == v},  # noqa: PLR0124  # NaN
        )
        for n in range(count)
    ]


def time_assess(model: Model, count: int) -> None:
    snapshot = anomaly.generate(1).snapshot
    findings = findings_of(snapshot, count)
    cost = CostImpact(Decimal("4.10"), Decimal(0), Basis.ESTIMATED)
    costs = {f.uid: cost for f in findings}
    assess(findings[:1], snapshot, model=model, costs=costs, labels=(), estate=Estate(), now=NOW)
    started, cpu = time.perf_counter(), time.process_time()
    assess(findings, snapshot, model=model, costs=costs, labels=(), estate=Estate(), now=NOW)
    wall, used = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"{count:,} findings on {len(snapshot.resources):,} resources, features, score, contributions, "
        f"counterfactuals and sentences: {wall:.2f} s ({used:.2f} CPU-seconds), {count / wall:,.0f} a second"
    )


def time_retrain(model: Model, count: int) -> None:
    labels = labels_of(count)
    started, cpu = time.perf_counter(), time.process_time()
    candidate = retrain(labels, base=model, now=NOW)
    used = time.process_time() - cpu
    print(
        f"retraining on {count:,} generated labels with its comparison: "
        f"{time.perf_counter() - started:.1f} s ({used:.1f} CPU-seconds); {candidate.why}"
    )


def against_unconstrained(model: Model) -> None:
    """Print what the constraints and the small size cost, on generated rows of the prior."""
    import lightgbm

    x, y = prior.rows()
    test_x, test_y = prior.rows(seed=99, count=5000)
    free = lightgbm.train(
        {"objective": "binary", "num_leaves": 63, "learning_rate": 0.05, "seed": 1, "verbosity": -1,
         "deterministic": True, "force_row_wise": True, "num_threads": 1},
        lightgbm.Dataset(x, y), num_boost_round=300,
    )  # fmt: skip
    for name, probability in (
        ("shipped", model.risk(test_x) / 100),
        ("unconstrained, 300 trees of 63 leaves", free.predict(test_x)),
    ):
        print(
            f"{name}: log loss {log_loss(test_y, probability):.4f}, average precision {average_precision(test_y, probability):.4f} on generated rows"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--labels", type=int, default=50_000)
    arguments = parser.parse_args()
    model = shipped()
    trees, leaves = model.size()
    print(f"shipped model: {trees} trees, {leaves:,} leaves, {len(model.features)} features")
    time_assess(model, arguments.findings)
    time_retrain(model, arguments.labels)
    against_unconstrained(model)


if __name__ == "__main__":
    main()

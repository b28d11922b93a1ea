"""Strangers' triage of a scanned estate, through `label import`, `model train` and `scan`."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import outside
from bench.estate import Estate, moto_server
from bench.outside import Behaviour, Finding


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as address:
        Estate(address, 30).build()
        yield address


@pytest.fixture
def scanned(tmp_path: Path, endpoint: str) -> list[Finding]:
    return outside.scan(tmp_path, endpoint=endpoint)


@pytest.mark.slow
@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(
            "check", lambda f: f["check_id"][-1] in "159", labels=300, errs=0.1, at_once=True
        ),
        Behaviour("many", lambda f: outside.environment(f) == "prod", labels=5000, adversarial=0.2),
    ],
    ids=lambda behaviour: behaviour.name,
)
def test_the_next_scan_ranks_what_nobody_labelled_as_people_would(
    tmp_path: Path, endpoint: str, scanned: list[Finding], behaviour: Behaviour
) -> None:
    after, said = outside.learn(tmp_path, scanned, behaviour, endpoint=endpoint)

    was, now = outside.told(scanned, behaviour), outside.told(after, behaviour)
    assert now.version.startswith("own-"), said
    assert now.area > max(was.area, 0.85)
    assert now.calibration_error < 0.12
    for finding in after:
        assert 0 <= finding["probability"] <= 1
        added = math.fsum(each["shap_value"] for each in finding["contributions"])
        assert finding["base_value"] + added == pytest.approx(finding["raw_score"], abs=1e-9)

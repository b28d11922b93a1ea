"""Real templates go through the whole loop: deployed, scanned, posted, fixed in Git, verified."""

from pathlib import Path

import pytest

from bench.real_input import Report, run, sample

TEMPLATES = Path(__file__).parents[2].parent / "shared" / "data" / "templates"
SEED, SIZE = 2026, 8

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def report() -> Report:
    if not TEMPLATES.is_dir():
        pytest.skip("the development data (shared/data/templates) is not beside the repository")
    return run(TEMPLATES, sample(TEMPLATES, SIZE, SEED), seed=SEED, attempts=1)


def test_real_templates_are_deployed_and_scanned_without_a_crash(report: Report) -> None:
    assert report.templates == SIZE
    assert report.crashes == []
    assert report.created > SIZE
    assert report.resources > SIZE
    assert sum(report.severities.values()) > SIZE


def test_every_gap_and_every_undecided_finding_says_why(report: Report) -> None:
    assert report.silent_gaps == []


def test_every_finding_is_assessed_and_adds_up(report: Report) -> None:
    assert (report.not_assessed, report.wrong_sums) == ([], [])


def test_slack_takes_every_card(report: Report) -> None:
    assert (report.refused, report.not_posted) == ([], [])
    assert report.posted >= sum(report.severities.values())


def test_one_finding_of_each_blueprint_is_fixed_or_says_why_not(report: Report) -> None:
    assert all(attempt.detail for attempt in report.declined)
    assert [attempt for attempt in report.merged if attempt not in report.verified] == []
    assert len(report.verified) > len(report.declined)

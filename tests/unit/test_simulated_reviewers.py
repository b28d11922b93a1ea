"""The simulated reviewers are as they were frozen, and learning from them beats the fixed order."""

import statistics

from bench import bandit
from bench.reviewers import Company
from core.identity import digest


def test_the_reviewers_are_as_they_were_when_the_order_was_measured_on_them() -> None:
    """Change them only with a reason, and measure every figure of docs/remediation.md anew."""
    company = Company(0, {"a": ("default", "other"), "b": ("default", "other")})
    cases = [
        (case.uid, case.check_id, case.team, case.environment, case.likes_other)
        for case in company.cases()
    ]

    assert digest(cases[:200])[:16] == "1880120d172c5b05"


def test_what_is_learned_loses_less_than_the_fixed_order_and_proposes_nothing_just_rolled_back() -> (
    None
):
    companies = bandit.companies(3)
    usual = [bandit.run(each, bandit.fixed, most=300) for each in companies]
    learned = [bandit.run(each, bandit.learned, most=300) for each in companies]

    assert statistics.fmean(each.regret for each in learned) < statistics.fmean(
        each.regret for each in usual
    )
    assert [each.again for each in learned] == [0, 0, 0]

"""A seeded sample of real templates is deployed; whatever fails says why."""

import random
from pathlib import Path

import pytest

from bench.real_templates import deploy_all, templates, verdict
from sandbox.aws.readback import Outcome

TEMPLATES = Path(__file__).parents[2].parent / "shared" / "data" / "templates"
SEED, SIZE = 2026, 20


@pytest.mark.shared
@pytest.mark.slow
def test_real_templates_deploy_or_say_why_not() -> None:
    if not TEMPLATES.is_dir():
        pytest.skip("the development data (shared/data/templates) is not beside the repository")
    chosen = tuple(sorted(random.Random(SEED).sample(templates(TEMPLATES), SIZE)))

    done = [deployment for _, deployment in deploy_all(chosen, TEMPLATES)]

    wholly = [d for d in done if verdict(d).startswith("wholly")]
    assert len(wholly) >= SIZE // 4
    assert all(d.errors for d in done if d not in wholly)
    checks = [c for d in done for change in d.changes for c in change.checks]
    assert all(c.detail for c in checks if c.outcome is not Outcome.READ_BACK)

"""Features and facts over templates that other people wrote (development data, beside the repository)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import explain
import templates
from core.errors import UnreadableTemplate
from core.identity import finding_uid
from core.types import Estate, Evidence, Finding, Gap, Resource, Severity, Snapshot
from detectors import unusual_configurations
from explain.model import shipped

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "templates"
NOW = datetime(2026, 11, 22, tzinfo=UTC)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(
        not SHARED.is_dir(), reason="the development data is not beside the repository"
    ),
]


@pytest.fixture(scope="module")
def resources() -> tuple[Resource, ...]:
    found: list[Resource] = []
    paths = sorted(p for p in SHARED.rglob("*") if p.suffix in (".yaml", ".yml", ".json"))
    for path in paths[::4]:
        try:
            read = templates.read(
                path.read_bytes(), file=str(path.relative_to(SHARED)), secret_key=b"k"
            )
        except UnreadableTemplate:
            continue
        found += read.resources
    assert len(found) > 200, "too little was read to say anything"
    return tuple(found)


def test_every_resource_of_real_templates_can_be_scored_exactly(
    resources: tuple[Resource, ...],
) -> None:
    findings = [
        Finding(
            finding_uid("PL-1", r.uid),
            "PL-1",
            "c",
            "t",
            Severity.MEDIUM,
            r.uid,
            r.type,
            r.name,
            Evidence("m"),
        )
        for r in resources
    ]

    assessed = explain.assess(
        findings,
        Snapshot("s", NOW, resources),
        model=shipped(),
        costs={},
        labels=[],
        estate=Estate(),
        now=NOW,
    )

    assert len(assessed) == len(findings)
    for each in assessed:
        total = each.explanation.base_value + sum(
            c.shap_value for c in each.explanation.contributions
        )
        assert total == pytest.approx(each.explanation.raw_score, abs=1e-9)
        assert explain.arithmetic(each)


def test_unusual_configurations_hold_on_real_templates(resources: tuple[Resource, ...]) -> None:
    said = list(unusual_configurations(estate=Estate())(Snapshot("s", NOW, resources)))

    assert said
    for each in said:
        assert isinstance(each, Gap) or each.evidence.facts["unusual"]

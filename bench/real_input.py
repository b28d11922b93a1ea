"""Take real templates through the whole loop, and print the figures of docs/real-input.md.

    python -m bench.real_input [FOLDER] [--sample N] [--attempts N] [--seed S] [--json FILE]

Every template is deployed into one moto account; the account is scanned, assessed and posted into
a local Slack workspace; for one finding of each blueprint a fix is planned, approved by a simulated
person, committed, merged and deployed, and a second scan says whether the finding is gone.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.real_templates import DEVELOPMENT_DATA, templates, verdict
from bench.real_world import VERIFIED, Attempt, Posted, RealWorld
from core.scan import ScanOutcome
from core.types import Card, Status
from sandbox.aws.readback import Outcome

SEED = 2026
ATTEMPTS = 2
_EXACT = 1e-9


@dataclass(slots=True)
class Report:
    """The figures of one run, and what must be empty: crashes, silent gaps, wrong sums."""

    templates: int = 0
    deployed: Mapping[str, int] = field(default_factory=dict)
    created: int = 0
    read_back: int = 0
    resources: int = 0
    linked: int = 0
    severities: Mapping[str, int] = field(default_factory=dict)
    hygiene: int = 0
    undecided: int = 0
    gaps: Mapping[str, int] = field(default_factory=dict)
    posted: int = 0
    declined: list[Attempt] = field(default_factory=list)
    merged: list[Attempt] = field(default_factory=list)
    seconds: Mapping[str, float] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)
    silent_gaps: list[str] = field(default_factory=list)
    not_assessed: list[str] = field(default_factory=list)
    wrong_sums: list[str] = field(default_factory=list)
    not_posted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def verified(self) -> list[Attempt]:
        """The fixes whose finding a second scan did not find any more."""
        return [each for each in self.merged if each.outcome == VERIFIED]


def sample(folder: Path, size: int, seed: int) -> tuple[Path, ...]:
    """Return the templates below a folder; a seeded choice of them where a size is given."""
    found = templates(folder)
    if size and size < len(found):
        found = tuple(sorted(random.Random(seed).sample(found, size)))
    return found


def run(
    folder: Path, paths: Sequence[Path], *, seed: int = SEED, attempts: int = ATTEMPTS
) -> Report:
    """Take templates through the loop and return the figures."""
    report = Report(templates=len(paths))
    with tempfile.TemporaryDirectory() as workdir, RealWorld(folder, Path(workdir)) as real:
        real.deploy(paths)
        _count_deployments(report, real)
        outcome = real.scan()
        _count_scan(report, real, outcome)
        _count_posted(report, real.post(outcome.cards))
        report.declined, proposed = real.fix_one_of_each(
            outcome.cards, seed=seed, attempts=attempts
        )
        after = real.scan("scan again")
        report.merged = real.verify(proposed, after)
        _count_posted(report, real.post([each.card_now(real.world.store) for each in proposed]))
        report.silent_gaps += _silent(after)
        report.crashes, report.seconds = real.crashes, real.seconds
    return report


def _count_deployments(report: Report, real: RealWorld) -> None:
    done = [stack.deployment for stack in real.stacks.values()]
    report.deployed = Counter(verdict(each) for each in done)
    changes = [change for each in done for change in each.changes]
    report.created = sum(change.action == "created" for change in changes)
    report.read_back = sum(each.count(Outcome.READ_BACK) for each in done)


def _count_scan(report: Report, real: RealWorld, outcome: ScanOutcome) -> None:
    summary = outcome.summary
    report.resources = summary.resources
    report.linked = len(real.world.store.links())
    report.severities = summary.by_severity
    report.hygiene, report.undecided = summary.hygiene, summary.undecided
    report.gaps = Counter(f"{gap.scope}: {gap.reason}" for gap in summary.gaps)
    report.silent_gaps += _silent(outcome)
    for card in outcome.cards:
        if card.assessment is None:
            report.not_assessed.append(card.finding.uid)
        elif not _adds_up(card):
            report.wrong_sums.append(card.finding.uid)


def _silent(outcome: ScanOutcome) -> list[str]:
    """Name the gaps that do not say why, and undecided findings without a sentence."""
    gaps = [g.scope for g in outcome.snapshot.gaps if not (g.scope and g.reason and g.detail)]
    unknown = [c.finding for c in outcome.cards if c.finding.status is Status.UNKNOWN]
    return gaps + [f.uid for f in unknown if not f.evidence.message]


def _adds_up(card: Card) -> bool:
    if card.assessment is None:
        return False
    told = card.assessment.explanation
    total = told.base_value + sum(each.shap_value for each in told.contributions)
    return abs(total - told.raw_score) <= _EXACT


def _count_posted(report: Report, posted: Posted) -> None:
    report.posted += posted.sent
    report.not_posted += posted.missing
    report.refused += posted.refused


# ── printing ──────────────────────────────────────────────────────────────────


def lines(report: Report) -> Iterator[str]:
    """Yield the figures as Markdown."""
    yield "| what | figure |"
    yield "|---|---|"
    for what, figure in _rows(report):
        yield f"| {what} | {figure} |"
    yield "\n| fixed and verified | in |\n|---|---|"
    for each in report.verified:
        yield f"| {each.check_id} | `{each.path}` {each.address} |"
    yield "\n| merged, not verified | why | in |\n|---|---|---|"
    for each in report.merged:
        if each.outcome != VERIFIED:
            yield f"| {each.check_id} | {each.outcome}: {each.detail} | `{each.path}` |"
    yield "\n| no plan (findings tried) | checks | why |\n|---|---|---|"
    reasons = Counter((each.outcome, each.detail) for each in report.declined)
    for (outcome, detail), count in reasons.most_common():
        tried = {e.check_id for e in report.declined if (e.outcome, e.detail) == (outcome, detail)}
        yield f"| {count} | {', '.join(sorted(tried))} | {outcome}: {detail} |"


def _rows(report: Report) -> Iterator[tuple[str, object]]:
    yield "templates", report.templates
    for name, count in sorted(report.deployed.items()):
        yield f"deployed {name}" if name != "not read" else name, count
    yield "resources created; properties read back", f"{report.created}; {report.read_back}"
    yield "resources a scan reads; tied to a declaration", f"{report.resources}; {report.linked}"
    yield "findings", _counted(report.severities)
    yield "hygiene; undecided", f"{report.hygiene}; {report.undecided}"
    yield "gaps by reason", _counted(report.gaps) or "none"
    yield "messages posted; refused", f"{report.posted}; {len(report.refused)}"
    yield "fixes merged; verified", f"{len(report.merged)}; {len(report.verified)}"
    yield "plans declined", len(report.declined)
    yield "seconds", ", ".join(f"{n} {s:.0f}" for n, s in report.seconds.items())
    wrong = {
        "crashes": report.crashes,
        "gaps without a reason": report.silent_gaps,
        "not assessed": report.not_assessed,
        "wrong sums": report.wrong_sums,
        "not posted": report.not_posted,
    }
    yield "; ".join(wrong), "; ".join(str(len(each)) for each in wrong.values())


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def main() -> None:
    """Run, and print the tables that docs/real-input.md holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=DEVELOPMENT_DATA)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--attempts", type=int, default=ATTEMPTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    paths = sample(given.folder, given.sample, given.seed)
    report = run(given.folder, paths, seed=given.seed, attempts=given.attempts)
    print("\n".join(lines(report)))
    for name in ("crashes", "refused"):
        for text in getattr(report, name):
            print(f"{name}: {text}")
    if given.json:
        plain: dict[str, Any] = asdict(report)
        given.json.write_text(json.dumps(plain, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

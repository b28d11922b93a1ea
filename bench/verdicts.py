"""How right our verdicts are: cases with the verdict their authors expect, and ours beside them.

    python -m bench.verdicts [FOLDER] [--disagreements] [--write]

FOLDER holds policy_cases; without it the development data beside the repository is taken. Which of
our controls answers a rule stands in policies/foreign_ids.yaml, one row a rule. A rule is flagged
where one of its controls has an open finding; an unknown verdict is a wrong one. `--write` puts the
tables into docs/policy-accuracy.md.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import policies
from app import exceptions, reading
from core.types import Estate, Finding, Gap, Status
from policies.foreign_id import by_tool
from policies.model import Language, PolicySet

SHARED = Path(__file__).parents[2] / "shared" / "data"
PAGE = Path(__file__).parents[1] / "docs" / "policy-accuracy.md"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TARGET = 0.97
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_SAM = "AWS::Serverless"


@dataclass(frozen=True, slots=True)
class Case:
    """One input and what its author says of it by one rule. `bad` is the positive class."""

    tool: str
    rule: str
    name: str
    text: str
    terraform: bool
    bad: bool

    @property
    def language(self) -> str:
        """What the text is written in."""
        if self.terraform:
            return "Terraform"
        return "SAM" if _SAM in self.text else "CloudFormation"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case beside our verdict: flagged or not, None where we could not tell."""

    case: Case
    service: str
    flagged: bool | None

    @property
    def right(self) -> bool:
        """Whether we say what the author says."""
        return self.flagged is not None and self.flagged == self.case.bad


# ── reading ───────────────────────────────────────────────────────────────────


def read_cases(folder: Path) -> Iterator[Case]:
    """Yield every case of the three sources."""
    for row in _rows(folder / "guard_cases.jsonl"):
        name = f"{row['case_index']} {row['name']}"
        bad = row["expectation"] == "FAIL"
        yield Case("guard", row["rule_id"], name, row["yaml"], terraform=False, bad=bad)
    for row in _rows(folder / "snippet_cases.jsonl"):
        terraform = row["language"] == "terraform"
        name = f"{row['language']} {row['verdict']} {row['index']}"
        bad = row["verdict"] == "bad"
        yield Case("trivy", row["check_id"], name, row["text"], terraform=terraform, bad=bad)
    for row in _rows(folder / "serverless_rule_cases.jsonl"):
        name = Path(row["source"]).name
        bad = row["verdict"] == "fail"
        yield Case("serverless_rules", row["rule_id"], name, row["text"], terraform=False, bad=bad)


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


# ── judging ───────────────────────────────────────────────────────────────────


def rego(policy_set: PolicySet) -> PolicySet:
    """Return the policies without the Guard rules, which have a measurement of their own."""
    return replace(policy_set, policies=policy_set.written_in(Language.REGO), guard_files=())


def judge(cases: Sequence[Case], policy_set: PolicySet) -> Iterator[Judged]:
    """Yield our verdict on each case that one of our controls answers."""
    service_of = {each.control: each.check_id.split("-")[1].lower() for each in policy_set.policies}
    table = {rule: controls for rows in by_tool().values() for rule, controls in rows.items()}
    mapped = [case for case in cases if case.rule in by_tool().get(case.tool, {})]
    said = verdicts({(case.text, case.terraform) for case in mapped}, policy_set)
    for case in mapped:
        controls = table[case.rule]
        statuses = [said[case.text, case.terraform].get(control) for control in controls]
        flagged = True if Status.OPEN in statuses else None if Status.UNKNOWN in statuses else False
        yield Judged(case, service_of[controls[0]], flagged)


def verdicts(
    texts: Iterable[tuple[str, bool]], policy_set: PolicySet
) -> Mapping[tuple[str, bool], Mapping[str, Status]]:
    """Return what each control comes to on each text, as `plumbline check` says it.

    Open goes before unknown. What cannot be read passes no check: all of it is unknown.
    """
    found: dict[tuple[str, bool], dict[str, Status]] = {}
    controls = {policy.control for policy in policy_set.policies}
    with tempfile.TemporaryDirectory() as folder:
        for n, (text, terraform) in enumerate(sorted(texts)):
            path = Path(folder) / f"{n}{'.tf' if terraform else '.yaml'}"
            path.write_text(text, encoding="utf-8")
            source = reading.Source(path, path.name, "", terraform=terraform)
            (read,) = reading.read_here([source], secret_key=b"bench")
            found[text, terraform] = statuses = dict.fromkeys(
                controls if read.gaps else (), Status.UNKNOWN
            )
            for finding in _findings(read, policy_set):
                if statuses.get(finding.control) is not Status.OPEN:
                    statuses[finding.control] = finding.status
    return found


def _findings(read: reading.Reading, policy_set: PolicySet) -> Iterator[Finding]:
    left_out = {(each.resource_uid, each.address): each.skips for each in read.left_out}
    said = policies.evaluate_each(policy_set, read.groups, estate=Estate(), now=NOW)
    for each in said:
        if isinstance(each, Gap):
            raise SystemExit(f"A check failed: {each.scope} {each.detail}")
        address = each.source.address if each.source else ""
        skips = left_out.get((each.resource_uid, address), ())
        finding = exceptions.skipped(each, skips, now=NOW)
        if finding.status in (Status.OPEN, Status.UNKNOWN):
            yield finding


# ── figures ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of the bad we flag, and how many of the others we do not."""

    caught: int
    bad: int
    left: int
    good: int

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> "Figures":
        """Count."""
        bad = [each for each in judged if each.case.bad]
        good = [each for each in judged if not each.case.bad]
        return cls(sum(e.right for e in bad), len(bad), sum(e.right for e in good), len(good))

    @property
    def missed_target(self) -> bool:
        """Whether sensitivity or specificity is below the target."""
        return self.caught < TARGET * self.bad or self.left < TARGET * self.good

    def __str__(self) -> str:
        return f"{_share(self.caught, self.bad)} | {_share(self.left, self.good)}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % ({part} of {whole})" if whole else "-"


def tables(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the figures as Markdown: by source and language, by service and language."""
    yield from _table("source", judged, [each.case.tool for each in judged])
    yield from _table("service", judged, [each.service for each in judged])


def _table(title: str, judged: Sequence[Judged], names: Sequence[str]) -> Iterator[str]:
    yield f"| {title} | language | sensitivity | specificity |"
    yield "|---|---|---|---|"
    groups: dict[tuple[str, str], list[Judged]] = {}
    for name, each in zip(names, judged, strict=True):
        groups.setdefault((name, each.case.language), []).append(each)
    for (name, language), members in sorted(groups.items()):
        yield f"| {name} | {language} | {Figures.of(members)} |"
    yield f"| **all** | | {Figures.of(judged)} |"
    yield ""


def unmapped(cases: Sequence[Case]) -> Mapping[str, Sequence[str]]:
    """Return the rules with cases that none of our controls answers, by source."""
    known = by_tool()
    missing: dict[str, list[str]] = {}
    for tool, rule in dict.fromkeys((case.tool, case.rule) for case in cases):
        if rule not in known.get(tool, {}):
            missing.setdefault(tool, []).append(rule)
    return missing


def write(figures: str) -> None:
    """Put the tables between their marks in docs/policy-accuracy.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n\n{figures}\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Measure, and print the tables that docs/policy-accuracy.md holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED / "policy_cases")
    parser.add_argument("--disagreements", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if not given.folder.exists():
        print(f"Not measured: {given.folder} is absent.")
        return
    policy_set = rego(policies.load())
    cases = tuple(read_cases(given.folder))
    judged = tuple(judge(cases, policy_set))
    figures = "\n".join(tables(judged))
    print(figures)
    if given.write:
        write(figures)
    if given.disagreements:
        for each in judged:
            if not each.right:
                said = {True: "flagged", False: "not flagged", None: "unknown"}[each.flagged]
                print(f"{each.case.tool} {each.case.rule} | {each.case.name} | {said}")
    for tool, rules in unmapped(cases).items():
        print(f"{tool}: {len(rules)} rules without a control of ours: {', '.join(rules)}")


if __name__ == "__main__":
    main()

"""One real template: every fix it can have, singly and together, linted, deployed and read back."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import yaml

import policies
from bench.decline import kind_of
from bench.real_templates import parameters_of
from core.errors import AlreadyDeclared, Declined, FixError, PlumblineError
from core.types import Estate, Finding, FixPlan, Link, Resource, Status
from remediation import FakeForge, GitPlanner
from remediation.blueprint import BLUEPRINTS, load
from remediation.lint import Answer, Lint, added, messages
from sandbox.aws import Aws, Deployer, Deployment
from sandbox.aws.readback import Outcome
from templates import Template, edit, read
from templates.document import Document, Node, read_document
from templates.value import plain

OWNER = "platform"
"""Who owns every resource here: on a real estate a tag, a setting or CODEOWNERS says so."""
_KEY = bytes(32)
_NOW = datetime(2026, 11, 24, tzinfo=UTC)
_REPOSITORY = "bench"
_COMMENT = re.compile(r"(?:^|\s)#.*")


@dataclass
class FileReport:
    """What came of one file. `faults` must be empty: each is a promise that was not kept."""

    file: str
    language: str
    fixed: list[tuple[str, str, int]] = field(default_factory=list)  # check, address, lines
    # check, address, why, and of which kind (bench.decline)
    declined: list[tuple[str, str, str, str]] = field(default_factory=list)
    already: list[tuple[str, str]] = field(default_factory=list)
    broken: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unlinted: str = ""
    together: int = 0
    deployed: str = ""
    read_back: int = 0
    not_verifiable: int = 0


def report_on(name: str, data: bytes, deployer: Deployer | None = None) -> FileReport:
    """Fix every open finding of a template that a blueprint speaks of; hold each to its promises."""
    report = FileReport(name, _language(data))
    try:
        template = template_of(name, data)
    except PlumblineError as error:
        report.faults.append(f"not read: {error}")
        return report
    report.faults += emission_faults(template.document)
    for finding in fixable(template):
        _fix(name, data, finding, report)
    fixed = together(name, data)
    report.together = _changed_lines(edit.diff(name, data, fixed))
    if fixed != data:
        _lint(data, fixed, report)
        if deployer is not None:
            _deploy(deployer, name, data, fixed, report)
    return report


def _language(data: bytes) -> str:
    kind = "SAM" if b"AWS::Serverless" in data else "CloudFormation"
    form = "JSON" if data.lstrip()[:1] == b"{" else "YAML"
    return f"{kind} {form}"


def template_of(name: str, data: bytes) -> Template:
    """Read a template of the bench's repository. Raises: UnreadableTemplate."""
    return read(data, file=name, repository=_REPOSITORY, secret_key=_KEY)


# ── fixes ─────────────────────────────────────────────────────────────────────


@cache
def _policies() -> policies.PolicySet:
    load()
    return policies.load()


_KNOWN: dict[int, tuple[Finding, ...]] = {}


def evaluate(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    """Judge resources once: each plan of a file asks for the same file before it."""
    key = hash(repr(resources))
    if key not in _KNOWN:
        if len(_KNOWN) > 200:
            _KNOWN.clear()
        said = policies.evaluate(_policies(), resources, estate=Estate(), now=_NOW)
        _KNOWN[key] = tuple(each for each in said if isinstance(each, Finding))
    return _KNOWN[key]


def fixable(template: Template) -> list[Finding]:
    """Return one open finding of each check and declaration that has a blueprint."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in evaluate(template.resources):
        if finding.check_id in BLUEPRINTS and finding.status is Status.OPEN and finding.source:
            owned = replace(finding, owner=finding.owner or OWNER)
            found.setdefault((finding.check_id, finding.source.address), owned)
    return list(found.values())


def plan_of(name: str, data: bytes, finding: Finding) -> FixPlan:
    """Plan the fix of a finding; cfn-lint is asked apart. Raises: FixError."""
    planner = GitPlanner(
        {_REPOSITORY: FakeForge(_REPOSITORY, {name: data})},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: _NOW,
        secret_key=_KEY,
        lint=lambda _before, _after: Lint(),
    )
    link = Link(finding.resource_uid, _REPOSITORY, name, _address(finding), "bench")
    return planner.plan(finding, link)


def _address(finding: Finding) -> str:
    return finding.source.address if finding.source else ""


def _fix(name: str, data: bytes, finding: Finding, report: FileReport) -> None:
    check, address = finding.check_id, _address(finding)
    try:
        plan = plan_of(name, data, finding)
    except AlreadyDeclared:
        report.already.append((check, address))
    except Declined as error:
        report.declined.append((check, address, str(error), kind_of(check, error)))
    except FixError as error:
        report.broken.append((check, address, str(error)))
    else:
        report.fixed.append((check, address, _changed_lines(plan.diff)))
        report.faults += [f"{check} {address}: {fault}" for fault in plan_faults(name, data, plan)]


def _changed_lines(diff: str) -> int:
    return sum(line[:1] in {"+", "-"} for line in diff.splitlines()[2:])


def together(name: str, data: bytes) -> bytes:
    """Return a template with every fix that can be had, one after the other."""
    for finding in fixable(template_of(name, data)):
        try:
            plan = plan_of(name, data, finding)
        except FixError:  # an earlier one of the same cause has done it, or it cannot be done
            continue
        data = edit.apply(data, plan.changes[0].edits)
    return data


# ── promises ──────────────────────────────────────────────────────────────────


def plan_faults(name: str, data: bytes, plan: FixPlan) -> Iterator[str]:
    """Yield what a plan breaks: the way back, a comment, a line that is none of its business."""
    edits = plan.changes[0].edits
    after = edit.apply(data, edits)
    if edit.apply(after, edit.inverse(data, edits)) != data:
        yield "the inverse does not give the bytes back"
    lost = _comments(data) - _comments(after)
    if lost:
        yield f"lost the comment {next(iter(lost))}"
    allowed = list(_changed_spans(name, data, after))
    for each in edits:
        touched = data[each.start : each.end].strip()
        if touched and not any(s <= each.start and each.end <= e for s, e in allowed):
            yield f"touched an unrelated place: {touched[:60]!r}"


def _comments(data: bytes) -> Counter[str]:
    if data.lstrip()[:1] == b"{":
        return Counter()
    lines = data.decode(errors="replace").splitlines()
    return Counter(found.group().strip() for x in lines if (found := _COMMENT.search(x)))


def _changed_spans(name: str, data: bytes, after: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the declarations and sections stand that say something else afterwards."""
    template = template_of(name, data)
    new = plain(read_document(after).root)
    for key, node in template.document.root.pairs:
        if key.text != "Resources":
            if plain(node) != new.get(key.text):
                yield key.start, node.end
            continue
        for logical_id, body in node.pairs:
            if plain(body) != new["Resources"].get(logical_id.text):
                yield logical_id.start, body.end


def emission_faults(document: Document) -> Iterator[str]:
    """Yield where writing every node out again from its span would not give the file back."""
    seen: set[int] = set()
    data = document.content

    def emitted(node: Node, start: int, end: int) -> bytes:
        parts, position = [], start
        for child in node.children():
            if id(child) in seen:  # an alias: its bytes stand at the anchor
                continue
            seen.add(id(child))
            if not position <= child.start <= child.end <= end:
                raise ValueError(f"line {child.line}: {child.text[:40]!r} lies outside its parent")
            parts += [data[position : child.start], emitted(child, child.start, child.end)]
            position = child.end
        return b"".join([*parts, data[position:end]])

    try:
        if emitted(document.root, 0, len(data)) != data:
            yield "re-emitting every node gives other bytes"
    except ValueError as error:
        yield f"re-emitting every node: {error}"
    if not document.is_json:
        yield from _misread(document)


def _misread(document: Document) -> Iterator[str]:
    """Yield the scalars whose own bytes, read alone, say something else."""
    nodes = [document.root]
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        nodes += node.children()
        if node.kind != "scalar" or node.start == node.end:
            continue
        start = document.content_start(node)
        lead = b" " * (start - document.line_start(start))
        alone = yaml.compose((lead + document.content[start : node.end]).decode())
        if alone is not None and alone.value.rstrip() != node.text.rstrip():
            yield f"line {node.line}: {node.text[:40]!r} does not stand at its bytes"


# ── lint ──────────────────────────────────────────────────────────────────────


def _lint(before: bytes, after: bytes, report: FileReport) -> None:
    said = new_errors(before, after)
    report.unlinted = said.failed
    report.faults += [f"all fixes together: cfn-lint {error}" for error in said.errors]


def new_errors(before: bytes, after: bytes) -> Lint:
    """Lint in this very process; the first version only where the second is not clean."""
    said = _said(after)
    return added(_said(before) if said else [], said)


@lru_cache(maxsize=8)  # the plans of a file all start from the same content
def _said(content: bytes) -> Answer:
    return messages(content.decode("utf-8", "replace"))


def lint_singly(name: str, data: bytes, chosen: Sequence[tuple[str, str]]) -> list[str]:
    """Lint a template with one fix at a time; return the new errors."""
    wrong: list[str] = []
    for finding in fixable(template_of(name, data)):
        if (finding.check_id, _address(finding)) not in chosen:
            continue
        after = edit.apply(data, plan_of(name, data, finding).changes[0].edits)
        said = new_errors(data, after)
        wrong += [f"{name} {finding.check_id} {_address(finding)}: {e}" for e in said.errors]
    return wrong


# ── deployment ────────────────────────────────────────────────────────────────


@cache
def local_deployer() -> Deployer:
    """Return this process's deployer, on a local AWS of its own."""
    return Deployer(Aws())


def _deploy(deployer: Deployer, name: str, before: bytes, after: bytes, report: FileReport) -> None:
    """Bring a stack to the template as it was, then to the fixed one, and read back what changed."""
    stack = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[-100:].strip("-")
    path = Path(name).name
    parameters = dict(parameters_of(deployer.aws, before, file=path))
    first = deployer.deploy(stack, before, file=path, parameters=parameters)
    if first.errors:
        report.deployed = "not applied before"
        _clear(deployer, stack)
        return
    second = deployer.deploy(stack, after, file=path, parameters=parameters)
    report.deployed = "not applied after" if second.errors else "applied after"
    report.faults += [f"all fixes together: deployment: {error}" for error in second.errors]
    known = set(_checked(first))
    for each in _checked(second):
        if each not in known:
            report.read_back += each[3] is Outcome.READ_BACK
            report.not_verifiable += each[3] is Outcome.NOT_VERIFIABLE
    _clear(deployer, stack)


def _checked(deployment: Deployment) -> Iterator[tuple[str, str, str, Outcome]]:
    for change in deployment.changes:
        for check in change.checks:
            yield change.logical_id, check.path, check.value, check.outcome


def _clear(deployer: Deployer, stack: str) -> None:
    """Make room: the next template may want the same names."""
    if stack in deployer.stacks:
        deployer.delete(stack)


__all__ = ["FileReport", "lint_singly", "local_deployer", "report_on"]

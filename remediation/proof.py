"""What is checked about a change before anybody sees it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Declined
from core.types import UNDO_IS_EXACT, Finding, Proof, Resource, Status
from remediation import changes, words
from remediation.lint import Lint, compare
from templates import Template, edit
from templates.value import plain

Evaluate = Callable[[Sequence[Resource]], Sequence[Finding]]
"""Every finding, undecided ones too, of the policies in force on declared resources."""

Linter = Callable[[bytes, bytes], Lint]
cfn_lint: Linter = compare

LINTS = "template lints"
_SHOWN = 5
_NOTHING = "no other finding appears"


class Judge:
    """The policies, asked once for each content of a file."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._known: dict[bytes, Sequence[Finding]] = {}

    def findings(self, template: Template) -> Sequence[Finding]:
        """Return every finding on what a template declares."""
        if template.content not in self._known:
            self._known[template.content] = self._evaluate(template.resources)
        return self._known[template.content]


@dataclass(frozen=True, slots=True)
class Version:
    """A template file as it is or would be."""

    data: bytes
    template: Template

    @property
    def raw(self) -> Mapping[str, Any]:
        """The whole template as plain values."""
        value = plain(self.template.document.root)
        return value if isinstance(value, Mapping) else {}


def of_fix(  # noqa: PLR0913 - two versions, what was wrong where, and who judges
    before: Version,
    after: Version,
    check_id: str,
    address: str,
    *,
    judge: Judge,
    lint: Linter,
) -> tuple[Proof, ...]:
    """Return every proof of a fix, held or not."""
    old, new = judge.findings(before.template), judge.findings(after.template)
    return (
        Proof("template parses", True, f"{len(after.template.declared)} resources read again"),
        _lints(before, after, lint),
        _gone(new, check_id, address),
        _nothing_new(old, new, declared=before.template.declared),
        *_structure(before, after),
    )


def of_revert(before: Version, after: Version, *, lint: Linter) -> tuple[Proof, ...]:
    """Return every proof of an undo; the finding comes back by intention."""
    return (
        Proof("template parses", True, f"{len(after.template.declared)} resources read again"),
        _lints(before, after, lint),
        _undo(before, after),
    )


def of_finding(findings: Iterable[Finding], check_id: str, address: str) -> tuple[Finding, ...]:
    """Return the findings of a check on what one declaration becomes."""
    return tuple(
        f
        for f in findings
        if f.check_id == check_id and f.source is not None and f.source.address == address
    )


def is_required(proof: Proof) -> bool:
    """Whether a plan may not be shown unless this proof holds.

    A linter that gave no answer proves nothing, and the plan says so; it does not refute either.
    """
    return not (proof.name == LINTS and proof.detail.startswith("not proved"))


def _lints(before: Version, after: Version, lint: Linter) -> Proof:
    said = lint(before.data, after.data)
    if said.failed:
        return Proof(LINTS, False, f"not proved: {said.failed}")
    if said.errors:
        return Proof(LINTS, False, "; ".join(words.one_line(m) for m in said.errors[:_SHOWN]))
    detail = "; ".join(words.one_line(m) for m in said.warnings[:_SHOWN])
    return Proof(LINTS, True, f"no new error; warnings: {detail}" if detail else "no new error")


def _gone(new: Sequence[Finding], check_id: str, address: str) -> Proof:
    left = of_finding(new, check_id, address)
    detail = "; ".join(words.one_line(f.evidence.message) for f in left[:_SHOWN])
    return Proof("finding gone", not left, detail or f"{check_id} passes on {address}")


def _nothing_new(
    old: Sequence[Finding], new: Sequence[Finding], *, declared: Mapping[str, Any]
) -> Proof:
    """Say what hygiene the fix itself brings, and allow it.

    That is a queue it adds without a key of its own, or a permission it writes into a role that had
    none written there.
    """
    known = {(f.check_id, f.resource_uid) for f in old}
    added = [
        f for f in new if f.status is Status.OPEN and (f.check_id, f.resource_uid) not in known
    ]
    worse = [f for f in added if not f.hygiene or not _is_by_the_fix(f, declared)]
    detail = "; ".join(
        f"{f.check_id} on {words.one_line(f.resource_name)}" for f in (worse or added)[:_SHOWN]
    )
    if worse:
        return Proof("nothing new", False, detail)
    return Proof("nothing new", True, f"hygiene only: {detail}" if added else _NOTHING)


def _is_by_the_fix(finding: Finding, declared: Mapping[str, Any]) -> bool:
    if finding.resource_type.startswith("AWS::IAM::"):
        return True  # a fix changes identities only to give them what it needs
    return finding.source is not None and finding.source.address not in declared


def _structure(before: Version, after: Version) -> tuple[Proof, ...]:
    lost = [
        name
        for name, declared in before.template.declared.items()
        if name not in after.template.declared
        or after.template.declared[name].type != declared.type
    ]
    outputs = _section(before.raw, "Outputs") - _section(after.raw, "Outputs")
    gone = [words.one_line(x, limit=60) for x in (*lost, *sorted(outputs))]
    detail = "lost: " + ", ".join(gone[:_SHOWN]) if gone else "every resource and output is kept"
    return (Proof("nothing lost", not gone, detail), _undo(before, after))


def _undo(before: Version, after: Version) -> Proof:
    edits = changes.edits_between(before.data, after.data)
    made = edit.apply(before.data, edits)
    back = edit.apply(made, edit.inverse(before.data, edits))
    held = made == after.data and back == before.data
    return Proof(UNDO_IS_EXACT, held, "byte for byte" if held else "the inverse does not undo")


def _section(raw: Mapping[str, Any], name: str) -> set[str]:
    value = raw.get(name)
    return set(value) if isinstance(value, Mapping) else set()


def unknown_reason(findings: Sequence[Finding]) -> str:
    """Return why a check is undecided here, empty where it is decided."""
    if any(f.status is Status.OPEN for f in findings):
        return ""
    return words.one_line(findings[0].evidence.message) if findings else ""


def refuse_undecided(findings: Sequence[Finding]) -> None:
    """Raise Declined when nothing here says for certain that the check fails."""
    reason = unknown_reason(findings)
    if reason:
        raise Declined(f"Whether the template fails this check cannot be decided: {reason}")

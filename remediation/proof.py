"""What is checked about a change before anybody sees it."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import FactMissing
from core.types import UNDO_IS_EXACT, Finding, Proof, Resource, Status
from remediation import changes, words
from remediation.blueprint import ASKED_THEN
from remediation.lint import Lint, compare
from templates import edit

Evaluate = Callable[[Sequence[Resource]], Sequence[Finding]]
"""Every finding, undecided ones too, of the policies in force on declared resources."""

Linter = Callable[[bytes, bytes], Lint]
cfn_lint: Linter = compare

LINTS = "template lints"
_SHOWN = 5
_NOTHING = "no other finding appears"


class Written(Protocol):
    """A declaration."""

    @property
    def type(self) -> str:
        """Its type."""


class Readable(Protocol):
    """A template, or a tree of Terraform, as it was read."""

    @property
    def content(self) -> Hashable:
        """What tells it from any other."""

    @property
    def groups(self) -> Sequence[Sequence[Resource]]:
        """The declared resources, in groups that know nothing of each other."""

    @property
    def declared(self) -> Mapping[str, Written]:
        """What is declared, by address."""

    @property
    def outputs(self) -> AbstractSet[str]:
        """The names of what it gives to others."""


class Judge:
    """The policies, asked once for each content of a file."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._known: dict[Hashable, Sequence[Finding]] = {}

    def findings(self, read: Readable) -> Sequence[Finding]:
        """Return every finding on what is declared."""
        if read.content not in self._known:
            found = [f for group in read.groups for f in self._evaluate(group)]
            self._known[read.content] = tuple(found)
        return self._known[read.content]


@dataclass(frozen=True, slots=True)
class Version:
    """Files as they are or would be, by path."""

    files: Mapping[str, bytes]
    read: Readable

    @property
    def data(self) -> bytes:
        """The content of the only file."""
        [content] = self.files.values()
        return content


def of_fix(  # noqa: PLR0913 - two versions, what was wrong where, and who judges
    before: Version,
    after: Version,
    check_id: str,
    address: str,
    *,
    judge: Judge,
    lint: Linter,
) -> tuple[Proof, ...]:
    """Return every proof of a template's fix, held or not."""
    old, new = judge.findings(before.read), judge.findings(after.read)
    return (
        _parses(after, "template"),
        _lints(before, after, lint),
        _gone(of_finding(new, check_id, address), check_id, address),
        _nothing_new(old, new, declared=before.read.declared, check_id=check_id),
        *_structure(before, after),
    )


def of_record(
    before: Version, after: Version, recorded: Proof, *, judge: Judge, lint: Linter
) -> tuple[Proof, ...]:
    """Return every proof of a commit that records what is live; `recorded` says that it does."""
    old, new = judge.findings(before.read), judge.findings(after.read)
    return (
        _parses(after, "template"),
        _lints(before, after, lint),
        recorded,
        _nothing_new(old, new, declared=before.read.declared),
        *_structure(before, after),
    )


def of_terraform_fix(
    before: Version, after: Version, check_id: str, uids: AbstractSet[str], *, judge: Judge
) -> tuple[Proof, ...]:
    """Return every proof of a fix in Terraform; `uids` are what the check must pass on."""
    old, new = judge.findings(before.read), judge.findings(after.read)
    left = [f for f in new if f.check_id == check_id and f.resource_uid in uids]
    return (
        _parses(after, "module"),
        _gone(left, check_id, "what the block declares"),
        _nothing_new(old, new, declared=before.read.declared, check_id=check_id),
        *_structure(before, after),
    )


def of_terraform_revert(before: Version, after: Version) -> tuple[Proof, ...]:
    """Return every proof of an undo in Terraform."""
    return (_parses(after, "module"), _undo(before, after))


def of_revert(before: Version, after: Version, *, lint: Linter) -> tuple[Proof, ...]:
    """Return every proof of an undo; the finding comes back by intention."""
    return (
        _parses(after, "template"),
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


def _parses(after: Version, what: str) -> Proof:
    return Proof(f"{what} parses", True, f"{len(after.read.declared)} resources read again")


def _gone(left: Sequence[Finding], check_id: str, address: str) -> Proof:
    detail = "; ".join(words.one_line(f.evidence.message) for f in left[:_SHOWN])
    return Proof("finding gone", not left, detail or f"{check_id} passes on {address}")


def _nothing_new(
    old: Sequence[Finding],
    new: Sequence[Finding],
    *,
    declared: Mapping[str, Any],
    check_id: str = "",
) -> Proof:
    """Say what hygiene the fix itself brings, and allow it.

    That is a queue it adds without a key of its own, a permission it writes into a role that had
    none written there, or what a resource is asked for only once the fix of its check is made.
    """
    then = ASKED_THEN.get(check_id, frozenset())
    known = {(f.check_id, f.resource_uid) for f in old}
    added = [
        f for f in new if f.status is Status.OPEN and (f.check_id, f.resource_uid) not in known
    ]
    worse = [
        f for f in added if not f.hygiene or not (f.check_id in then or _is_by_the_fix(f, declared))
    ]
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
    lost = [name for name in before.read.declared if not _is_kept(name, before.read, after.read)]
    outputs = before.read.outputs - after.read.outputs
    gone = [words.one_line(x, limit=60) for x in (*lost, *sorted(outputs))]
    detail = "lost: " + ", ".join(gone[:_SHOWN]) if gone else "every resource and output is kept"
    return (Proof("nothing lost", not gone, detail), _undo(before, after))


def _is_kept(name: str, before: Readable, after: Readable) -> bool:
    """Whether a declaration stays what it was, or still comes to what SAM made of it."""
    then, now = before.declared[name], after.declared.get(name)
    if now is None:
        return False
    made = _comes_to(name, before)
    return now.type == then.type or (bool(made) and made <= _comes_to(name, after))


def _comes_to(name: str, read: Readable) -> Counter[str]:
    """Count the resources that a declaration stands for, by type."""
    resources = (resource for group in read.groups for resource in group)
    return Counter(r.type for r in resources if r.source and r.source.address == name)


def _undo(before: Version, after: Version) -> Proof:
    held = all(_undone(data, after.files[path]) for path, data in before.files.items())
    return Proof(UNDO_IS_EXACT, held, "byte for byte" if held else "the inverse does not undo")


def _undone(before: bytes, after: bytes) -> bool:
    edits = changes.edits_between(before, after)
    made = edit.apply(before, edits)
    return made == after and edit.apply(made, edit.inverse(before, edits)) == before


def unknown_reason(findings: Sequence[Finding]) -> str:
    """Return why a check is undecided here, empty where it is decided."""
    if any(f.status is Status.OPEN for f in findings):
        return ""
    return words.one_line(findings[0].evidence.message) if findings else ""


def refuse_undecided(findings: Sequence[Finding]) -> None:
    """Raise FactMissing when nothing here says for certain that the check fails."""
    reason = unknown_reason(findings)
    if reason:
        raise FactMissing(f"Whether the template fails this check cannot be decided: {reason}")

"""The words of a commit and of its pull request.

A pull request's body is Markdown that others render, and it quotes names from templates: every
foreign word goes into code spans or fenced blocks, which it cannot leave.
"""

import re
from collections.abc import Mapping, Sequence

from core import claim, identity
from core.types import FixPlan, Person, Proof
from remediation import words

_FENCE_RUN = re.compile(r"`{3,}")
_SHOWN_DIFF = 30_000  # GitHub takes 65,536 characters in a body (REST reference, 2026-11)


def branch_of(plan: FixPlan) -> str:
    """Return the branch of a plan: the same plan always has the same branch."""
    kind = "revert-" if plan.reverts else ""
    return f"plumbline/{kind}{words.branch_part(plan.check_id)}-{plan.digest[:12]}"


def title_of(plan: FixPlan) -> str:
    """Return the subject of the commit and of the pull request."""
    return words.one_line(plan.summary, limit=72)


def trailers_of(
    plan: FixPlan, *, approvers: Sequence[Person], audit_head: str, policy_commit: str
) -> Mapping[str, str]:
    """Return the trailers that bind a commit to the decision behind it."""
    found = {
        "Finding": plan.finding_uid,
        "Check": plan.check_id,
        "Plan-Digest": plan.digest,
        "Approved-by": ", ".join(_signature(p) for p in approvers),
        "Policy-Commit": policy_commit,
        "Audit-Head": audit_head,
    }
    return {**found, "Reverts-Plan": plan.reverts} if plan.reverts else found


def body_of(plan: FixPlan, *, approvers: Sequence[Person]) -> str:
    """Return the Markdown body: what changes, what is proved of it, and what it means."""
    sections = [f"{_code(plan.summary)}", *_sections(plan, approvers, room=_SHOWN_DIFF)]
    return "\n\n".join(sections) + "\n"


def _sections(plan: FixPlan, approvers: Sequence[Person], *, room: int) -> list[str]:
    return [
        "### Change\n" + _fenced(plan.diff[:room], "diff"),
        "### Proved\n" + "\n".join(_proof(p.name, p.held, p.detail) for p in _proofs(plan)),
        "### What it means\n" + _bullets(_claims(plan)),
        "### Decision\n" + _bullets(_decision(plan, approvers)),
    ]


def group_branch_of(plans: Sequence[FixPlan]) -> str:
    """Return the branch of like fixes that are proposed together: the same ones, the same branch."""
    name = identity.digest(sorted(plan.digest for plan in plans))[:12]
    return f"plumbline/{words.branch_part(plans[0].check_id)}-group-{name}"


def group_title_of(plans: Sequence[FixPlan]) -> str:
    """Return the title of a pull request for like fixes."""
    summary = plans[0].summary.partition(" (")[0]
    return words.one_line(f"{summary} in {len(plans)} places", limit=72)


def group_body_of(plans: Sequence[FixPlan], *, approvers: Mapping[str, Sequence[Person]]) -> str:
    """Return the Markdown body of like fixes: each with its change, its proofs and who approved it."""
    intro = (
        f"{len(plans)} fixes of {_code(plans[0].check_id)}, a signed commit for each, so that each "
        "can be reverted by itself. All of them together were proved too."
    )
    room = _SHOWN_DIFF // len(plans)
    parts = [
        f"## {number}. {_code(plan.summary)}\n\n"
        + "\n\n".join(_sections(plan, approvers[plan.digest], room=room))
        for number, plan in enumerate(plans, 1)
    ]
    return "\n\n".join((intro, *parts)) + "\n"


def _proofs(plan: FixPlan) -> tuple[Proof, ...]:
    return (*claim.proofs(plan, held=True), *claim.proofs(plan, held=False))


def _claims(plan: FixPlan) -> tuple[str, ...]:
    return tuple(
        f"{each}: " + "; ".join(_code(text, limit=600) for text in said)
        for each, said in claim.claims(plan)
    )


def _decision(plan: FixPlan, approvers: Sequence[Person]) -> tuple[str, ...]:
    return (
        f"Finding {_code(plan.finding_uid)}, check {_code(plan.check_id)}",
        f"Plan {_code(plan.digest)}",
        "Approved by " + (", ".join(_code(_signature(p)) for p in approvers) or "nobody yet"),
    )


def _signature(person: Person) -> str:
    name = words.one_line(re.sub(r"[,<>]", " ", person.name), limit=60) or person.user
    return f"{name} <{words.one_line(person.key, limit=80)}>"


def _proof(name: str, held: bool, detail: str) -> str:
    mark = "yes" if held else "**no**"
    return f"- {name}: {mark}" + (f" ({_code(detail)})" if detail else "")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _code(text: str, *, limit: int = 200) -> str:
    return "`" + words.one_line(text, limit=limit).replace("`", "'") + "`"


def _fenced(text: str, language: str) -> str:
    longest = max((len(m) for m in _FENCE_RUN.findall(text)), default=2)
    fence = "`" * (longest + 1 if longest >= 3 else 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"

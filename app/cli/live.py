"""`plumbline live`: changes of live resources that no template declares, from the command line."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from app import live as offering
from app import record
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.world import World, utc_now
from core.errors import UsageError
from core.types import Card, DecisionKind, Fix, FixPlan, FixState, Status

if TYPE_CHECKING:
    from app.operator import Operator

_WAITS = 75
"""EX_TEMPFAIL of sysexits.h, as `workflow step` exits: approved, and held back for now."""
_EVERY = 1_000_000
_BAD = (FixState.FAILED, FixState.NONE, FixState.WORSE, FixState.RETURNED)
_yes = click.option("--yes", is_flag=True, help="Do not ask whether to go on.")


@click.group()
def live() -> None:
    """Change live resources that no template declares; off until plumbline.toml switches it on."""


@live.command("list")
@format_option
@click.pass_context
def list_(ctx: click.Context, output_format: str) -> None:
    """List the live changes there are, and the open findings that they would put right."""
    from remediation.live import load

    opened, known = world(ctx), load()
    settings = opened.settings.live
    cards = opened.store.cards(statuses=(Status.OPEN.value,), limit=_EVERY)
    changes = [
        {
            "check_id": each.check_id,
            "summary": each.summary,
            "calls": sorted({call for aspect in each.uses for call in aspect.writes}),
            "tier": each.tier.value,
            "asks_who_calls": each.asks_who_calls,
            "on": settings.enabled and each.check_id in settings.checks,
        }
        for _, each in sorted(known.items())
    ]
    findings = [
        {
            "uid": each.finding.uid,
            "check_id": each.finding.check_id,
            "resource_name": each.finding.resource_name,
            "account": each.finding.account,
            "region": each.finding.region,
            "refusal": offering.refusal(settings, each.finding, each.link),
        }
        for each in cards
        if each.finding.check_id in known
    ]
    if output_format == "json":
        summary = {"live_changes": len(changes), "findings": len(findings)}
        write_json({"live_changes": changes, "findings": findings, "gaps": [], "summary": summary})
        return
    columns = ("check", "change", "calls", "tier", "asks", "on")
    table(columns, [_change_row(each) for each in changes])
    if findings:
        click.echo()
        table(("finding", "check", "resource", "account", "may be changed"), [
            [each["uid"][:8], each["check_id"], each["resource_name"], each["account"],
             each["refusal"] or "yes"]
            for each in findings
        ])  # fmt: skip


@live.command()
@click.argument("finding")
@format_option
@click.pass_context
def plan(ctx: click.Context, finding: str, output_format: str) -> None:
    """Show what would be called for FINDING, before and after; nothing is changed or stored."""
    opened = world(ctx)
    made = _operator(opened).plan(_card(opened, finding))
    if output_format == "json":
        document = {"plans": [_plan_record(made)], "declined": [], "gaps": []}
        write_json({**document, "summary": {"plans": 1, "declined": 0}})
        return
    _show(made)
    click.echo("Nothing was changed.", err=True)


@live.command()
@click.argument("finding")
@_yes
@click.option("--callers", default="", help="Who calls what the change may cut off.")
@click.pass_context
def run(ctx: click.Context, finding: str, *, yes: bool, callers: str) -> None:
    """Show the change for FINDING, ask, approve it under your login, and make it now.

    Every gate holds as it does in Slack. Exit code 75: approved, and a freeze or a canary holds it
    back; `plumbline serve` or `live resume` makes it when its time has come.
    """
    opened = world(ctx)
    operator, card = _operator(opened), _card(opened, finding)
    fix = card.fix
    if fix is None or fix.state is not FixState.APPROVED:
        made = operator.plan(card)
        _show(made)
        operator.require_may(DecisionKind.APPROVE_FIX, made.terms)
        if made.asks_who_calls and not callers.strip():
            raise UsageError(
                "This may cut off callers: find out who calls, and say so with --callers."
            )
        _confirm("Change the live resource?", yes=yes)
        operator.approve(made, callers=callers)
        digest = made.digest
    else:
        digest = fix.plan_digest
    _tell(opened, operator, digest)


@live.command()
@click.argument("finding")
@_yes
@click.option("--reason", default="", help="Why; kept with the decision.")
@click.pass_context
def rollback(ctx: click.Context, finding: str, *, yes: bool, reason: str) -> None:
    """Put the resource of FINDING back to the before-image of its live change.

    Refused when the resource changed since: that would undo somebody else's work.
    """
    opened = world(ctx)
    operator, card = _operator(opened), _card(opened, finding)
    fix, inverse = operator.inverse(card)
    _show(inverse)
    operator.require_may(DecisionKind.REVERT_FIX, opened.store.plan(fix.plan_digest).terms)
    _confirm("Put the before-image back?", yes=yes)
    operator.undo(fix, reason=reason)
    _tell(opened, operator, fix.plan_digest)


@live.command()
@click.pass_context
def resume(ctx: click.Context) -> None:
    """Finish or undo every live change that is approved, broken off or not verified yet."""
    opened = world(ctx)
    operator = _operator(opened)
    found = list(operator.under_way())
    if not found:
        click.echo("No live change is under way.")
    done = [operator.carry_out(each.plan_digest) for each in found]
    for each in done:
        click.echo(_sentence(opened, operator, each))
    sys.exit(max((_exit(each) for each in done), default=0))


@live.command()
@click.argument("finding", required=False)
@format_option
@click.pass_context
def status(ctx: click.Context, finding: str | None, output_format: str) -> None:
    """Show the live changes made and under way, with their journal; of FINDING only, if named."""
    opened = world(ctx)
    uid = opened.store.find_finding(finding) if finding else ""
    fixes = opened.store.fixes(states=[each.value for each in FixState])
    shown = [each for each in fixes if uid in ("", each.finding_uid)]
    plans = {each.plan_digest: opened.store.plan(each.plan_digest) for each in shown}
    records = [
        _status_record(opened, each, plans[each.plan_digest])
        for each in shown
        if plans[each.plan_digest].live
    ]
    if output_format == "json":
        write_json({"changes": records, "gaps": [], "summary": {"changes": len(records)}})
        return
    table(("finding", "plan", "change", "state", "approved by", "since"), [
        [each["finding_uid"][:8], each["digest"][:8], each["summary"],
         f"{each['state']}: {each['detail']}" if each["detail"] else each["state"],
         ", ".join(each["approved_by"]), each["updated_at"]]
        for each in records
    ])  # fmt: skip
    for each in records:
        click.echo()
        table((f"plan {each['digest'][:8]}, step", "property", "call", "journal", "at"), [
            [str(step["number"]), step["aspect"], step["call"], step["state"], step["at"] or ""]
            for step in each["steps"]
        ])  # fmt: skip


def _operator(opened: World) -> "Operator":
    from app.chat import Unheard, open_chat
    from app.operator import Operator, whoami

    chat = open_chat(opened) if opened.settings.slack.channel else Unheard()
    return Operator(opened, chat, clock=utc_now, person=whoami())


def _card(opened: World, finding: str) -> Card:
    return opened.store.card(opened.store.find_finding(finding))


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True, err=True)


def _show(made: FixPlan) -> None:
    if made.live is None:
        return
    place = f"account {made.live.account}, {made.live.region}"
    click.echo(f"{made.summary}\n{made.live.resource_uid}\n{place}, tier {made.tier.value}")
    click.echo(f"plan {made.digest}\n\n{made.diff}")
    for note in made.may_break:
        click.echo(f"may break: {note}")
    if made.terms.gates and not made.reverts:
        click.echo(f"approvals: {made.terms.approvals} (gate {' and '.join(made.terms.gates)})")


def _tell(opened: World, operator: "Operator", digest: str) -> None:
    """Carry a plan out, say what became of it, and exit accordingly."""
    fix = operator.carry_out(digest)
    click.echo(_sentence(opened, operator, fix))
    sys.exit(_exit(fix))


def _exit(fix: Fix) -> int:
    if fix.state in (FixState.APPROVED, FixState.REVERTING):
        return _WAITS
    return int(fix.state in _BAD)


def _sentence(opened: World, operator: "Operator", fix: Fix) -> str:
    name = opened.store.card(fix.finding_uid).finding.resource_name
    said = operator.said(fix)
    because = f": {said}" if said else ""
    return {
        FixState.VERIFIED: f"{name} was changed, read back and verified: the finding is gone.",
        FixState.APPLIED: f"{name} was changed and read back; the finding is still to go{because}.",
        FixState.REVERTED: f"{name} is as it was before; the finding is open again.",
        FixState.APPROVED: f"{name} is not changed yet{because}",
        FixState.REVERTING: f"{name} is not put back yet{because}",
    }.get(fix.state, f"{name}: {fix.state.value}{because}")


def _change_row(each: Mapping[str, Any]) -> list[str]:
    return [
        each["check_id"],
        each["summary"],
        ", ".join(each["calls"]),
        each["tier"],
        "who calls?" if each["asks_who_calls"] else "",
        "on" if each["on"] else "off",
    ]


def _plan_record(made: FixPlan) -> dict[str, Any]:
    steps = made.live.every if made.live else ()
    first_after = len(made.live.steps) if made.live else 0
    return {
        **record.plan(made),
        "finding_uid": made.finding_uid,
        "resource_uid": made.live.resource_uid if made.live else "",
        "account": made.live.account if made.live else "",
        "region": made.live.region if made.live else "",
        "tier": made.tier.value,
        "asks_who_calls": made.asks_who_calls,
        "approvals": made.terms.approvals,
        "gates": list(made.terms.gates),
        "steps": [
            {
                "aspect": step.aspect,
                "call": step.apply.operation,
                "undo": step.undo.operation if step.undo else None,
                "after_trial": number >= first_after,
            }
            for number, step in enumerate(steps)
        ],
    }


def _status_record(opened: World, fix: Fix, made: FixPlan) -> dict[str, Any]:
    store = opened.store
    states, times = store.journal(made.digest), store.journal_times(made.digest)
    kinds = {DecisionKind.APPROVE_FIX, DecisionKind.AUTO_FIX, DecisionKind.REVERT_FIX}
    wanted = made.reverts or made.digest
    decisions = [each for each in store.decisions(fix.finding_uid) if each.kind in kinds]
    asked = [
        each.person.name or each.person.user
        for each in decisions
        if each.plan_digest == wanted
        and (each.kind is DecisionKind.REVERT_FIX) is bool(made.reverts)
    ]
    trial = store.trial(made.digest)
    return {
        "finding_uid": fix.finding_uid,
        "check_id": made.check_id,
        "digest": made.digest,
        "summary": made.summary,
        "resource_uid": made.live.resource_uid if made.live else "",
        "state": fix.state.value,
        "detail": fix.detail,
        "updated_at": fix.updated_at.isoformat(timespec="seconds"),
        "approved_by": asked,
        "reverts": made.reverts,
        "trial": trial.state.value if trial else None,
        "steps": [
            {
                "number": number,
                "aspect": step.aspect,
                "call": step.apply.operation,
                "state": states[number].value if number in states else "not begun",
                "at": times[number].isoformat(timespec="seconds") if number in times else None,
            }
            for number, step in enumerate(made.live.every if made.live else ())
        ],
    }

"""`plumbline doctor`: what works, what is missing and how to get it, what a scan takes and costs."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import click

from app.cli.main import world
from app.cli.output import format_option, write_json
from app.world import World
from core.errors import PlumblineError


class Health(StrEnum):
    """How one thing stands."""

    FINE = "fine"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    what: str
    health: Health
    said: str


@click.command()
@format_option
@click.pass_context
def doctor(ctx: click.Context, output_format: str) -> None:
    """Look at credentials, Slack, repositories and policies; change nothing."""
    looks = tuple(_looks(world(ctx)))
    if output_format == "json":
        records = [{"what": each.what, "health": each.health, "said": each.said} for each in looks]
        wrong = sum(each.health is not Health.FINE for each in looks)
        write_json(
            {"looks": records, "gaps": [], "summary": {"looks": len(looks), "not_fine": wrong}}
        )
    else:
        for each in looks:
            click.echo(f"{each.health.value:8} {each.what}: {each.said}")
    sys.exit(any(each.health is Health.WRONG for each in looks))


def _looks(opened: World) -> Iterator[Look]:
    for what, look in (
        ("policies", _policies),
        ("Slack", _slack),
        ("AWS", _aws),
        ("repositories", _repositories),
        ("audit chain", _audit),
    ):
        yield from _one(what, look, opened)


def _one(
    what: str, look: Callable[[World], Iterator[tuple[Health, str]]], opened: World
) -> Iterator[Look]:
    try:
        for health, said in look(opened):
            yield Look(what, health, said)
    except PlumblineError as error:
        yield Look(what, Health.WRONG, str(error))


def _policies(opened: World) -> Iterator[tuple[Health, str]]:
    every = opened.policy_set.policies
    yield Health.FINE, f"{len(every)} loaded, commit {opened.policy_set.commit[:12]}."


def _slack(opened: World) -> Iterator[tuple[Health, str]]:
    from app.chat import bot_settings
    from bot import diagnosis

    settings = bot_settings(opened)
    for fine, said in diagnosis.looks(settings):
        yield Health.FINE if fine else Health.WRONG, said


def _aws(opened: World) -> Iterator[tuple[Health, str]]:
    from collectors import diagnosis

    for fine, said in diagnosis.looks(opened.cloud()):
        yield Health.FINE if fine else Health.MISSING, said


def _repositories(opened: World) -> Iterator[tuple[Health, str]]:
    if not opened.settings.repository:
        yield Health.MISSING, "none in the settings; fixes can only be described, not proposed."
        return
    for name, forge in opened.forges.items():
        branch = next(each.branch for each in opened.settings.repository if each.name == name)
        yield Health.FINE, f"{name}: {branch} is at {forge.head(branch)[:10]}."
        yield from _rules(forge, name)


def _rules(forge: Any, name: str) -> Iterator[tuple[Health, str]]:
    """Signatures survive merge commits only; rebasing and squashing drop them."""
    allowed = forge.merge_methods() if hasattr(forge, "merge_methods") else ("merge",)
    lossy = sorted(set(allowed) - {"merge"})
    if lossy:
        yield (
            Health.WRONG,
            (
                f"{name} allows {' and '.join(lossy)} merges, which drop our signatures; "
                "allow merge commits only."
            ),
        )


def _audit(opened: World) -> Iterator[tuple[Health, str]]:
    from app.store import audit

    count = audit.verify(opened.store.audit_records())
    yield Health.FINE, f"{count} records hold."

"""`plumbline model`: the risk model's life."""

from pathlib import Path

import click

from app import record, withholding
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.store.codec import to_plain
from app.world import World, utc_now


@click.group()
def model() -> None:
    """Train, show and roll back the risk model."""


@model.command()
@click.option(
    "--prior",
    "prior_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Train the shipped prior from documented knowledge and write it to this file.",
)
@click.option("--seed", type=int, help="Seed of the prior; the shipped one by default.")
@click.pass_context
def train(ctx: click.Context, prior_file: Path | None, seed: int | None) -> None:
    """Retrain on this workspace's labels; promote the result only when it is no worse."""
    if prior_file:
        from explain.prior import SEED
        from explain.train import train_prior

        prior_file.write_text(train_prior(SEED if seed is None else seed), encoding="utf-8")
        click.echo(f"Prior written to {prior_file}.", err=True)
        return
    from app.learn import retrain

    click.echo(retrain(world(ctx), now=utc_now()))


@model.command()
@click.option("--seeds", type=click.IntRange(1), default=10, show_default=True, help="Companies.")
@click.option(
    "--first-seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the first."
)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--quick", is_flag=True, help="No learning curve and no ablations.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead."
)
@format_option
def evaluate(
    seeds: int, first_seed: int, jobs: int, quick: bool, output: Path | None, output_format: str
) -> None:
    """Measure the risk model on simulated teams, beside baselines, a ceiling and a floor.

    Companies, findings, people and their labels are simulated; their rules are frozen and unknown to
    the model. Nothing of this workspace is read or changed.
    """
    import json

    from app import evaluation

    chosen = tuple(range(first_seed, first_seed + seeds))
    plan = evaluation.Plan(chosen, jobs=jobs)
    if quick:
        plan = evaluation.Plan(chosen, curve=(), ablate=False, jobs=jobs)
    companies = evaluation.evaluate(
        plan, told=lambda seed: click.echo(f"company {seed} is measured", err=True)
    )
    if output_format == "json":
        text = json.dumps(evaluation.as_record(plan, companies), indent=1, allow_nan=False)
    else:
        text = "\n".join(evaluation.lines(plan, companies))
    if output:
        output.write_text(f"{text}\n", encoding="utf-8")
    else:
        click.echo(text)


@model.command()
@click.argument("version", default="")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead."
)
@click.pass_context
def card(ctx: click.Context, version: str, output: Path | None) -> None:
    """Print the whole card of VERSION, or of the model in force, as Markdown.

    Its data, figures, groups, limits, features with their directions, and how to make it again. It
    is written when a version is promoted.
    """
    from app import model_card

    text = model_card.read(world(ctx), version)
    if output:
        output.write_text(text, encoding="utf-8")
        click.echo(f"{output} written.", err=True)
    else:
        click.echo(text, nl=False)


@model.command()
@click.option(
    "--plot",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draw calibration, effort and beeswarm into this directory.",
)
@format_option
@click.pass_context
def show(ctx: click.Context, folder: Path | None, output_format: str) -> None:
    """Show the active model's card, the other versions, and which fixes go first where."""
    from app.promotion import told
    from remediation.preference_words import learned

    opened = world(ctx)
    if folder:
        _draw(opened, folder)
    models = opened.models
    active = models.active_card()
    known = models.known()
    fixes = learned(opened.store.receptions(), utc_now())
    if output_format == "json":
        records = [to_plain(each) for each in (active, *known)]
        summary = {
            "active": active.version,
            "withholding": withholding.facts(opened, now=utc_now()),
        }
        told_fixes = [record.fix_order(each) for each in fixes]
        write_json({"models": records, "fix_orders": told_fixes, "gaps": [], "summary": summary})
        return
    click.echo(active.text)
    for line in told(active.criteria):
        click.echo(f"- {line}")
    for line in withholding.lines(opened, now=utc_now()):
        click.echo(line)
    rows = [
        [
            each.version,
            each.trained_at.isoformat(timespec="minutes"),
            str(each.own_labels),
            each.status,
        ]
        for each in known
    ]
    if rows:
        table(("version", "trained", "own labels", "status"), rows)
    if fixes:
        click.echo("Which of several good fixes is proposed first:")
    for each in fixes:
        click.echo(f"- {each}")


@model.command("withhold-again")
@click.pass_context
def withhold_again(ctx: click.Context) -> None:
    """Let the model in force hold findings back again, although spot checks stopped it."""
    opened = world(ctx)
    withholding.resume(opened, by="operator", now=utc_now())
    click.echo(withholding.lines(opened, now=utc_now())[0])


def _draw(opened: World, folder: Path) -> None:
    """Write the pictures of the model in force, and say what each shows or why it is not drawn."""
    from app import model_card

    folder.mkdir(parents=True, exist_ok=True)
    for each in model_card.pictures(opened):
        file = folder / f"{each.name}.png"
        if each.png:
            file.write_bytes(each.png)
        said = f"{file} written" if each.png else f"{each.name} not drawn"
        click.echo(f"{said}. {each.alt}", err=True)


@model.command()
@click.argument("version")
@click.pass_context
def promote(ctx: click.Context, version: str) -> None:
    """Let a VERSION in shadow score, where no criterion blocks it; say what moved."""
    from app import learn
    from app.promotion import require_promotable

    opened = world(ctx)
    click.echo(learn.promote(opened, require_promotable(opened, version), now=utc_now()))


@model.command()
@click.argument("version")
@click.pass_context
def reproduce(ctx: click.Context, version: str) -> None:
    """Train a stored VERSION again from its inputs and compare it byte for byte."""
    from app.reproducing import reproduce as make_again

    click.echo(make_again(world(ctx), version))


@model.command()
@click.argument("version")
@click.pass_context
def rollback(ctx: click.Context, version: str) -> None:
    """Make an earlier VERSION the one that scores, and rescore what is open."""
    from app.learn import rescore

    opened = world(ctx)
    opened.store.activate_model(version, reason="rolled back from the command line")
    moved = rescore(opened, now=utc_now())
    click.echo(f"{version} is active; {len(moved)} findings moved.")

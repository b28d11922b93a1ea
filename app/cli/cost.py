"""`plumbline cost`: what the resources of the latest snapshot cost a month."""

from collections.abc import Sequence
from decimal import Decimal

import click

from app import record
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from core.errors import NotFound
from core.types import CostImpact, Resource


@click.command()
@click.option("--resource", "names", multiple=True, help="Only resources of this name.")
@format_option
@click.pass_context
def cost(ctx: click.Context, names: tuple[str, ...], output_format: str) -> None:
    """Show monthly list-price costs with their arithmetic; what is not known is counted."""
    import finops

    snapshot = world(ctx).store.latest_snapshot()
    if snapshot is None:
        raise NotFound("There is no snapshot yet. Run plumbline scan first.")
    chosen = [each for each in snapshot.resources if not names or each.name in names]
    priced = [(each, finops.cost_of(each)) for each in chosen]
    _print(priced, output_format)


def _print(priced: Sequence[tuple[Resource, CostImpact]], output_format: str) -> None:
    charges = [line for _, impact in priced for line in impact.charges]
    total = sum((line.monthly_cost for line in charges), Decimal(0))
    unknown = sum(impact.monthly is None for _, impact in priced)
    if output_format == "json":
        document = {
            "charges": [record.charge(line) for line in charges],
            "total_monthly_cost": float(total),
            "gaps": [],
            "summary": {"resources": len(priced), "cost_not_known": unknown, "currency": "USD"},
        }
        write_json(document)
        return
    rows = [
        [
            line.resource.rsplit(":", 1)[-1],
            line.component,
            f"{line.quantity:.4f}",
            line.unit,
            f"{line.unit_price}",
            f"{line.monthly_cost:.2f}",
            line.basis.value,
        ]
        for line in sorted(charges, key=lambda each: -each.monthly_cost)
    ]
    table(("resource", "component", "quantity", "unit", "price", "USD a month", "basis"), rows)
    click.echo(f"{total:.2f} USD a month; the cost of {unknown} resources is not known.")

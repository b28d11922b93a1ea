"""The price book: one row a price, each with its unit, region, source and date."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from core.types import Basis, Charge

HOURS_A_MONTH = Decimal(730)  # 8,760 hours a year / 12
DAYS_A_MONTH = Decimal("30.4375")  # 365.25 days a year / 12
BYTES_A_GB = Decimal(1024**3)
MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """A list price without discounts or free allowances."""

    key: str
    unit: str
    unit_price: Decimal
    currency: str
    region: str
    source: str
    as_of: str


@cache
def book() -> Mapping[str, Price]:
    """Return the shipped prices by key."""
    text = resources.files("finops").joinpath("price_book.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["key"]: _price(row) for row in rows}


def _price(row: Mapping[str, str]) -> Price:
    return Price(
        key=row["key"],
        unit=row["unit"],
        unit_price=Decimal(row["unit_price"]),
        currency=row["currency"],
        region=row["region"],
        source=row["source"],
        as_of=row["as_of"],
    )


def charge(resource: str, component: str, *, price: str, quantity: Decimal, basis: Basis) -> Charge:
    """Return one priced line: quantity x unit price."""
    row = book()[price]
    return Charge(
        resource=resource,
        component=component,
        unit=row.unit,
        quantity=quantity,
        unit_price=row.unit_price,
        monthly_cost=quantity * row.unit_price,
        basis=basis,
        source=f"{row.source} ({row.region}, {row.as_of})",
        currency=row.currency,
    )

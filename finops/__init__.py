"""What it costs: the price book, a resource's monthly cost and the cost of a fix."""

from finops.fix import fix_delta, with_fix
from finops.price import Price, book
from finops.resource import cost_of

__all__ = ["Price", "book", "cost_of", "fix_delta", "with_fix"]

"""What must be true: Rego and Guard rules with their cases, and the engines that run them."""

from policies.cases import CaseResult, run_cases
from policies.evaluate import evaluate, evaluate_each
from policies.exception import PolicyException, with_exceptions
from policies.isolate import check
from policies.load import load
from policies.model import Policy, PolicySet

__all__ = [
    "CaseResult",
    "Policy",
    "PolicyException",
    "PolicySet",
    "check",
    "evaluate",
    "evaluate_each",
    "load",
    "run_cases",
    "with_exceptions",
]

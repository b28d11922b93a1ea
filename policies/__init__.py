"""What must be true: Rego rules with their cases, and the engine that runs them."""

from policies.cases import CaseResult, run_cases
from policies.evaluate import evaluate
from policies.isolate import check
from policies.load import load
from policies.model import Policy, PolicySet

__all__ = ["CaseResult", "Policy", "PolicySet", "check", "evaluate", "load", "run_cases"]

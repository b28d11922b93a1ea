"""How good the risk model is on simulated teams, beside baselines, a ceiling and a floor."""

from app.evaluation.report import as_record, lines
from app.evaluation.run import Plan, evaluate

__all__ = ["Plan", "as_record", "evaluate", "lines"]

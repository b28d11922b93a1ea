"""What is unusual, and what is to come: configurations unlike the others, violations forecast."""

from detectors.forecast import Forecast, Observation, Prediction, Skill, forecast
from detectors.unusual import unusual_configurations

__all__ = [
    "Forecast",
    "Observation",
    "Prediction",
    "Skill",
    "forecast",
    "unusual_configurations",
]

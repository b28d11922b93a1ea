"""What single checks do not see: unusual configurations, attack paths, violations to come."""

from detectors.forecast import Forecast, Observation, Prediction, Skill, forecast
from detectors.path import paths
from detectors.unusual import unusual_configurations

__all__ = [
    "Forecast",
    "Observation",
    "Prediction",
    "Skill",
    "forecast",
    "paths",
    "unusual_configurations",
]

"""What single checks do not see: unusual configurations, attack paths, violations to come."""

from detectors.forecast import Forecast, Observation, Prediction, Skill, forecast
from detectors.path import PATH_CHECKS, path_key, paths
from detectors.unusual import unusual_configurations

__all__ = [
    "PATH_CHECKS",
    "Forecast",
    "Observation",
    "Prediction",
    "Skill",
    "forecast",
    "path_key",
    "paths",
    "unusual_configurations",
]

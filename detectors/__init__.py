"""What is unusual: resources configured unlike the others of this estate."""

from detectors.unusual import unusual_configurations

__all__ = ["unusual_configurations"]

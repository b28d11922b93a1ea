"""Every declared fact, registered by importing the modules beside this one."""

from detectors.fact import FACTS
from detectors.facts import function, role, store

ALL = tuple(FACTS.values())

__all__ = ["ALL", "function", "role", "store"]

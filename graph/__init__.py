"""Who refers to whom, who may do what, and who can reach it: pure knowledge over resources."""

from graph.blast import Reach, reach
from graph.exposed import exposure
from graph.principal import UNREACHED, Exposure, Level
from graph.relations import Edge, Relations, relate

__all__ = [
    "UNREACHED",
    "Edge",
    "Exposure",
    "Level",
    "Reach",
    "Relations",
    "exposure",
    "reach",
    "relate",
]

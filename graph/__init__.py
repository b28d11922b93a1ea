"""Who refers to whom, who may do what, and who can reach it: pure knowledge over resources."""

from graph.relations import Edge, Relations, relate

__all__ = ["Edge", "Relations", "relate"]

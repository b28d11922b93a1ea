"""Simulated teams: generated estates over time, and people who judge what is found in them.

Everything that comes from here is simulated. The simulator is frozen (docs/adr/0010); the model may
not know its rules, so `explain` cannot import it, and nothing here looks at a feature of the model.
"""

from sandbox.teams.simulation import Judged, Moment, Simulation, simulate

__all__ = ["Judged", "Moment", "Simulation", "simulate"]

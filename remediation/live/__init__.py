"""Put right what no template declares: journaled changes of live resources, off by default."""

from remediation.live.blueprint import LiveBlueprint, load
from remediation.live.executor import unfinished
from remediation.live.planner import LivePlanner

__all__ = ["LiveBlueprint", "LivePlanner", "load", "unfinished"]

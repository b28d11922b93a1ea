"""How much a resource is used, in words: who would miss it if a fix cut them off."""

from core.types import Resource, Usage

_WORDS = {
    "Invocations": "calls",
    "Count": "requests",
    "Requests": "requests",
    "NumberOfMessagesSent": "messages sent",
    "ConsumedReadCapacityUnits": "read units used",
    "ConsumedWriteCapacityUnits": "write units used",
}
"""CloudWatch metrics of use. Levels (bytes kept, duration) and errors say nothing of callers."""


def told(resource: Resource) -> str:
    """Say what was counted of a resource's use; empty where nothing was.

    Metrics count and do not name: who it was stands in access logs only.
    """
    counted = [each for each in resource.usage if each.metric in _WORDS]
    if not counted:
        return ""
    days = max(each.window_days for each in counted)
    if not any(each.quantity for each in counted):
        return f"nobody in {days:g} days, by its metrics"
    return f"{', '.join(map(_count, counted))} in {days:g} days; metrics do not say whose"


def _count(each: Usage) -> str:
    return f"{each.quantity:,.0f} {_WORDS[each.metric]}"

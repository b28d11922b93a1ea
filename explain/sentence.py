"""Turn values into words: levels, counts and measurements."""

from collections.abc import Mapping, Sequence

from explain.feature import Words


def levels(meanings: Mapping[int, str]) -> Words:
    """Say what the level means; a value between two levels means the lower one."""
    ordered = sorted(meanings)

    def say(value: float) -> str:
        reached = [level for level in ordered if level <= value] or ordered[:1]
        return meanings[reached[-1]]

    return say


def counted(*, none: str, one: str, many: str) -> Words:
    """Say a count; `many` holds `{n}`."""

    def say(value: float) -> str:
        n = round(value)
        return none if n <= 0 else one if n == 1 else many.format(n=f"{n:,}")

    return say


def measured(template: str) -> Words:
    """Say a measurement; the template holds `{x}`."""
    return lambda value: template.format(x=figure(value))


def share(template: str) -> Words:
    """Say a share between 0 and 1 in percent; the template holds `{x}`."""
    return lambda value: template.format(x=f"{100 * value:.0f} %")


def days(template: str, *, none: str = "") -> Words:
    """Say a duration in the largest unit that keeps a whole number; the template holds `{x}`."""

    def say(value: float) -> str:
        if none and value <= 0:
            return none
        return template.format(x=duration(value))

    return say


def duration(value: float) -> str:
    """Return days as "5 days", "3 months" or "2 years"."""
    for length, unit in ((365.25, "year"), (30.44, "month"), (1.0, "day")):
        n = int(value // length)
        if n >= 2 or (n == 1 and unit == "day"):
            return f"{n:,} {unit}{'' if n == 1 else 's'}"
    return "less than a day"


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def figure(value: float) -> str:
    """Return a number as a person would write it: 1,284 or 4.10 or 0.3."""
    if value == round(value) or abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.2f}"

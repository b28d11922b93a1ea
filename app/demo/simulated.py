"""Two hundred simulated decisions, so that the model of the demonstration has something to say.

They come from a simulated team with a taste of its own over generated findings, a tenth of them
noise. They are stored as simulated and count only in a workspace that calls itself a simulation.
"""

from datetime import datetime, timedelta

import numpy as np

from core.identity import sha256
from core.types import Label, LabelOrigin, Verdict

COUNT = 200
_SEED = 11
_NOISE = 0.1
_OVER_DAYS = 60
_PEOPLE = ("simulated/dana", "simulated/omar", "simulated/priya")


def labels(*, now: datetime, count: int = COUNT) -> tuple[Label, ...]:
    """Return simulated labels spread over the last two months, the same for the same time."""
    from explain import prior
    from explain.feature import names

    columns = names()
    features, truth = prior.rows(seed=_SEED, count=count)
    rng = np.random.default_rng(_SEED)
    made = []
    for number, (row, real) in enumerate(zip(features, truth, strict=True)):
        values = {name: float(value) for name, value in zip(columns, row, strict=True)}
        known = {name: value for name, value in values.items() if not np.isnan(value)}
        wanted = _wants(known, real=bool(real)) ^ bool(rng.random() < _NOISE)
        when = now - timedelta(days=_OVER_DAYS * (1 - number / count))
        made.append(_label(number, known, when, wanted=wanted))
    return tuple(made)


def _wants(values: dict[str, float], *, real: bool) -> bool:
    """This team fixes what faces the internet or runs in production, and leaves hygiene."""
    matters = values.get("exposure_level", 0) >= 3 or values.get("environment", 3) >= 3
    return matters and (real or values.get("severity", 0) >= 3) and not values.get("hygiene", 0)


def _label(number: int, features: dict[str, float], when: datetime, *, wanted: bool) -> Label:
    uid = sha256(f"simulated finding {number}")[:24]
    return Label(
        uid=sha256(f"simulated label {number}")[:24],
        finding_uid=uid,
        check_id="simulated",
        resource_uid=f"simulated:resource:{number}",
        verdict=Verdict.APPROVE if wanted else Verdict.FALSE_POSITIVE,
        person=_PEOPLE[number % len(_PEOPLE)],
        labelled_at=when,
        origin=LabelOrigin.SIMULATED,
        reason="simulated",
        features=features,
    )

"""Every declared feature, in the order of the model's columns. The order is part of the schema."""

from explain.feature import FEATURES
from explain.features import (
    access,
    context,
    data,
    estate,
    grants,
    history,
    identity,
    paths,
    rule,
    threat,
    workload,
)

ALL = tuple(
    f
    for module in (
        rule,
        access,
        identity,
        paths,
        grants,
        data,
        workload,
        context,
        estate,
        threat,
        history,
    )
    for f in FEATURES.values()
    if f.compute.__module__ == module.__name__
)

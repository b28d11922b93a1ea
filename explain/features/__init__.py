"""Every declared feature, in the order of the model's columns. The order is part of the schema."""

from explain.feature import FEATURES
from explain.features import access, context, data, history, identity, paths, rule

ALL = tuple(
    f
    for module in (rule, access, identity, paths, data, context, history)
    for f in FEATURES.values()
    if f.compute.__module__ == module.__name__
)

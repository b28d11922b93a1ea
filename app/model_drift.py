"""Say once that what people decide about is no longer what the model was trained on."""

from app.world import World
from core.types import Label, Verdict

_TOLD = "model.drift_told"
_NAMED = 3


def alarm(world: World) -> str:
    """Return one sentence on what has shifted since the model in force was trained, or nothing.

    The same shifts of the same model are told once.
    """
    import numpy as np

    from explain.drift import shifts
    from explain.feature import declared

    model = world.models.active()
    if model.trained_until is None:
        return ""
    labels = [each for each in world.models.labels() if each.features]
    parts = [
        [each for each in labels if each.labelled_at <= model.trained_until],
        [each for each in labels if each.labelled_at > model.trained_until],
    ]
    if not all(parts):
        return ""

    def row(label: Label) -> list[float]:
        return [label.features.get(name, np.nan) for name in model.features]

    before, now = (np.array([row(label) for label in part]) for part in parts)
    matrices = [np.column_stack([rows, model.risk(rows)]) for rows in (before, now)]
    said = [np.array([float(e.verdict is Verdict.APPROVE) for e in part]) for part in parts]
    moved = shifts(*matrices, names=(*model.features, "risk"), real=(said[0], said[1]))
    key = f"{model.version} {sorted(each.name for each in moved)}"
    if not moved or world.store.get(_TOLD) == key:
        return ""
    world.store.put(_TOLD, key)
    words = {each.name: each.label for each in declared()}
    named = "; ".join(
        f"{words.get(each.name, each.name)} ({each.found:.2f}, bound {each.bound:.2f})"
        for each in moved[:_NAMED]
    )
    more = f"; and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
    return (
        f"The {len(now)} decisions since the risk model was trained differ from the {len(before)} it "
        f"learned from: {named}{more}. Retrain, or look at what changed."
    )

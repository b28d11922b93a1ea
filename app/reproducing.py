"""Train a stored version again from what it was trained from, and compare the bytes."""

from typing import TYPE_CHECKING

from app.training import train_apart
from app.world import World
from core.errors import ModelError, NotFound

if TYPE_CHECKING:
    from explain.model import Model


def reproduce(world: World, version: str) -> str:
    """Say that a version was made again, byte for byte.

    Raises: ModelError when it comes out otherwise, with the inputs that are no longer the same;
    NotFound for a version that is not stored.
    """
    import explain.model
    from explain.train import train_prior

    if version == explain.model.shipped().version:
        again = train_prior()
        if again == explain.model.shipped_text():
            return _same(version, again)
        raise ModelError(f"{version} comes out otherwise with the libraries of this machine.")
    text = world.store.model_text(version)
    was = explain.model.load(text)
    if not was.own_labels:
        raise ModelError(f"{version} was not trained here: it has no decision of this workspace.")
    candidate = train_apart(
        [each for each in world.models.labels() if each.labelled_at <= was.trained_at],
        base=_base(world, was.inputs["base"]),
        now=was.trained_at,
        include_simulated=world.models.simulation,
        limits=world.settings.model.limits(),
        say=world.settings.labels.limits(),
        seed=int(was.inputs["seed"]),
    )
    if candidate.model_text == text:
        return _same(version, text)
    now = explain.model.load(candidate.model_text).inputs
    other = [name for name, digest in was.inputs.items() if now.get(name) != digest]
    why = (
        f"these inputs are not what they were: {', '.join(other)}"
        if other
        else "its inputs are the same, so the libraries differ"
    )
    raise ModelError(f"{version} cannot be made again: {why}.")


def _base(world: World, version: str) -> "Model":
    import explain.model

    shipped = explain.model.shipped()
    if version == shipped.version:
        return shipped
    try:
        return explain.model.load(world.store.model_text(version))
    except NotFound as error:
        raise ModelError(
            f"The model that it was compared with, {version}, is not stored."
        ) from error


def _same(version: str, text: str) -> str:
    return (
        f"{version} was made again from its inputs, byte for byte ({len(text.encode()):,} bytes)."
    )

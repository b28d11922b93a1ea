"""Train in a process of its own: labels and a model's text go in, a candidate comes out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app import apart
from app.log import logger
from app.store import codec
from core.errors import ModelError
from core.types import Label

if TYPE_CHECKING:
    from explain.model import Model
    from explain.train import Candidate
    from explain.weight import Limits


def train_apart(  # noqa: PLR0913  # what explain.train.retrain takes, and the limits
    labels: Sequence[Label],
    *,
    base: "Model",
    now: datetime,
    include_simulated: bool,
    limits: apart.Limits,
    seed: int,
    say: "Limits",
) -> "Candidate":
    """Return what `explain.train.retrain` makes of the same arguments, made in a child process.

    `say` limits how far one person can move the model.

    Raises: ModelError when the child had to be stopped, died, or could not train.
    """
    import explain.model
    from explain.train import Candidate

    request = {
        "labels": codec.to_plain(labels),
        "base": explain.model.dump(base),
        "now": now.isoformat(),
        "include_simulated": include_simulated,
        "seed": seed,
        "say": codec.to_plain(say),
    }
    try:
        answer = apart.run("app.training:train", request, limits=limits)
    except apart.Refused as error:
        raise ModelError(str(error)) from error
    except apart.Stopped as error:
        logger().error("training_stopped", what=str(error), stack=error.last_words)
        raise ModelError(
            f"The risk model was not retrained, because training {error}; the model in force stays."
        ) from error
    return codec.from_plain(Candidate, answer)


def train(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Train on a request; the child's side of `train_apart`."""
    import explain.model
    from explain.train import retrain
    from explain.weight import Limits

    labels = [codec.from_plain(Label, each) for each in request["labels"]]
    candidate = retrain(
        labels,
        base=explain.model.load(request["base"]),
        now=datetime.fromisoformat(request["now"]),
        include_simulated=request["include_simulated"],
        seed=request["seed"],
        limits=codec.from_plain(Limits, request["say"]),
    )
    plain: Mapping[str, Any] = codec.to_plain(candidate)
    return plain

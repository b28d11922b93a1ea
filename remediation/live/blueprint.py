"""What a live blueprint is: aspects of a resource that are read and written whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from core.gate import Tier
from core.ports import LiveApi
from core.types import LiveCall, LiveStep, Resource, Shift
from remediation.blueprint import load as load_template_blueprints

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any]


def _as_is(state: Any) -> Any:
    return state


@dataclass(frozen=True, slots=True)
class Aspect:
    """One property of a kind of resource: how it is read, and the call that sets it.

    `state` takes from the answer only what `write` sets, in JSON's types; None where there is
    nothing. `write` gives the call that sets a state whole, whatever was there before: the inverse
    of a change is the same call with the before-image. `same` is equal for states that mean the
    same. `key` picks one of several (a statement's id). `also` are further reads of planning. What an
    aspect that `stays` made is left when a change is undone: nothing uses it then.
    """

    name: str
    read: str
    writes: tuple[str, ...]
    ask: Callable[[Resource, str], Parameters]
    state: Callable[[Answer, str], Any]
    write: Callable[[Resource, str, Any], LiveCall]
    absent: tuple[str, ...] = ()
    same: Callable[[Any], Any] = _as_is
    also: tuple[str, ...] = ()
    stays: bool = False


@dataclass(slots=True)
class LiveTarget:
    """The live resource that a blueprint changes; collects the steps, changes nothing itself."""

    resource: Resource
    api: LiveApi
    uses: tuple[Aspect, ...]
    steps: list[LiveStep] = field(default_factory=list)
    then: list[LiveStep] = field(default_factory=list)
    shift: Shift | None = None

    def read(self, aspect: Aspect, key: str = "") -> Any:
        """Read an aspect as it is now. Raises: CloudError."""
        call = LiveCall(aspect.read, dict(aspect.ask(self.resource, key)))
        return look(self.api, call, self._declared(aspect), key)

    def set(self, aspect: Aspect, after: Any, key: str = "") -> None:
        """Plan to set an aspect; one that is so already needs no step."""
        before = self.read(aspect, key)
        if aspect.same(before) == aspect.same(after):
            return
        self.steps.append(self._step(aspect, key, before, after))

    def set_then(self, aspect: Aspect, before: Any, after: Any, key: str) -> None:
        """Plan what follows once the steps, which leave `before`, have stood their trial."""
        self.then.append(self._step(self._declared(aspect), key, before, after))

    def ask(self, aspect: Aspect, operation: str, parameters: Parameters) -> Answer:
        """Make a further read that an aspect declares. Raises: CloudError."""
        if operation not in (aspect.read, *self._declared(aspect).also):
            raise ValueError(f"{operation} is not among the reads that {aspect.name} declares")
        return self.api.call(LiveCall(operation, dict(parameters)), absent=aspect.absent) or {}

    def _step(self, aspect: Aspect, key: str, before: Any, after: Any) -> LiveStep:
        return LiveStep(
            aspect=aspect.name,
            key=key,
            read=LiveCall(aspect.read, dict(aspect.ask(self.resource, key))),
            before=before,
            after=after,
            apply=aspect.write(self.resource, key, after),
            undo=None if aspect.stays else aspect.write(self.resource, key, before),
        )

    def _declared(self, aspect: Aspect) -> Aspect:
        if aspect not in self.uses:
            raise ValueError(f"{aspect.name} is not among the aspects that the blueprint declares")
        return aspect


def look(api: LiveApi, call: LiveCall, aspect: Aspect, key: str) -> Any:
    """Read an aspect's state now. Raises: CloudError."""
    answer = api.call(call, absent=aspect.absent)
    return None if answer is None else aspect.state(answer, key)


@dataclass(frozen=True, slots=True)
class LiveBlueprint:
    """How the finding of one check is put right on the live resource.

    What it is for, risks and costs is said once: by the check's template blueprint where there is
    one.
    """

    check_id: str
    summary: str
    tier: Tier
    apply: Callable[[LiveTarget], None]
    uses: tuple[Aspect, ...]
    asks_who_calls: bool
    may_break: tuple[str, ...]
    cost: str


LIVE: dict[str, LiveBlueprint] = {}
ASPECTS: dict[str, Aspect] = {}

Apply = Callable[[LiveTarget], None]


def live(check_id: str, *uses: Aspect, may_break: tuple[str, ...] = ()) -> Callable[[Apply], Apply]:
    """Register a function as the live twin of a check's template blueprint.

    `may_break` is what only the live change may break.
    """

    def register(apply: Apply) -> Apply:
        twin = load_template_blueprints()[check_id]
        _add(
            LiveBlueprint(
                check_id,
                twin.summary,
                twin.tier,
                apply,
                uses,
                twin.asks_who_calls,
                (*twin.may_break, *may_break),
                twin.cost,
            )
        )
        return apply

    return register


def live_apart(  # noqa: PLR0913 - what a template blueprint would say, keywords all
    check_id: str,
    *uses: Aspect,
    summary: str,
    tier: Tier,
    asks_who_calls: bool = False,
    may_break: tuple[str, ...] = (),
    cost: str = "adds nothing",
) -> Callable[[Apply], Apply]:
    """Register a function for a check that no template blueprint puts right in the same way."""

    def register(apply: Apply) -> Apply:
        _add(LiveBlueprint(check_id, summary, tier, apply, uses, asks_who_calls, may_break, cost))
        return apply

    return register


def _add(item: LiveBlueprint) -> None:
    if item.check_id in LIVE:
        raise ValueError(f"{item.check_id} has two live blueprints")
    LIVE[item.check_id] = item
    for aspect in item.uses:
        if ASPECTS.setdefault(aspect.name, aspect) is not aspect:
            raise ValueError(f"two aspects are called {aspect.name}")


def load() -> Mapping[str, LiveBlueprint]:
    """Import every live blueprint and return the registry by check id."""
    package = import_module("remediation.live.blueprints")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return LIVE

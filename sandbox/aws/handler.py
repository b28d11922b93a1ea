"""What the deployer knows of one resource type: how to create, update, delete and read it back."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import CloudError
from sandbox.aws import shape
from sandbox.aws.server import ACCOUNT, Aws


class NotApplied(CloudError):
    """The local AWS refused a resource; the message is its own."""


@dataclass(frozen=True, slots=True)
class StackIdentity:
    """The stack that a resource belongs to; its tags go onto every resource that takes tags."""

    name: str
    stack_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One operation on one resource: its resolved properties now and before."""

    aws: Aws
    stack: StackIdentity
    logical_id: str
    properties: Mapping[str, Any]
    physical_id: str = ""
    previous: Mapping[str, Any] = field(default_factory=dict)
    generation: int = 0

    def api(
        self,
        service: str,
        method: str,
        properties: Mapping[str, Any] | None = None,
        /,
        **fixed: Any,
    ) -> dict[str, Any]:
        """Call an AWS API with the properties it takes and with parameters that stand as given."""
        return shape.call(self.aws.client(service), method, properties or {}, **fixed)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a declared property."""
        return self.properties.get(name, default)

    def changed(self, *names: str) -> bool:
        """Whether any of these properties differs from the last deployment."""
        return any(self.properties.get(name) != self.previous.get(name) for name in names)

    def name(self, property_name: str = "", *, limit: int = 64, lower: bool = False) -> str:
        """Return the declared name, or make one as CloudFormation does."""
        declared = self.properties.get(property_name) if property_name else None
        if declared:
            return str(declared)
        seed = f"{self.stack.stack_id}/{self.logical_id}/{self.generation}"
        suffix = hashlib.sha256(seed.encode()).hexdigest()[:12]
        stem = f"{self.stack.name}-{self.logical_id}"[: limit - 13]
        made = f"{stem}-{suffix}"
        return made.lower() if lower else made

    def tags(self, property_name: str = "Tags") -> dict[str, str]:
        """Return the declared tags, the stack's, and the three that CloudFormation adds."""
        return {
            **self.stack.tags,
            **tag_map(self.get(property_name)),
            "aws:cloudformation:stack-name": self.stack.name,
            "aws:cloudformation:stack-id": self.stack.stack_id,
            "aws:cloudformation:logical-id": self.logical_id,
        }

    def tag_list(
        self, property_name: str = "Tags", *, key: str = "Key", value: str = "Value"
    ) -> list[dict[str, str]]:
        """Return the tags as most APIs want them."""
        return [{key: k, value: v} for k, v in self.tags(property_name).items()]

    def gone_tags(self, property_name: str = "Tags") -> list[str]:
        """Name the tags that were declared before and are no longer."""
        return sorted(
            tag_map(self.previous.get(property_name)).keys() - self.tags(property_name).keys()
        )

    def retag(self, service: str, tags: object, /, *, of: str = "resource", **key: str) -> None:
        """Give a resource the tags declared now, and take those away that no longer are.

        `key` names the resource as the API does; `of` is what the API's calls are named after.
        """
        gone = self.gone_tags()
        if gone:
            self.api(service, f"untag_{of}", key | {"TagKeys": gone})
        self.api(service, f"tag_{of}", key | {"Tags": tags})

    def arn(self, service: str, rest: str) -> str:
        """Write an ARN of this account and region."""
        return f"arn:aws:{service}:{self.aws.region}:{ACCOUNT}:{rest}"


def tag_map(value: Any, *, key: str = "Key", tag_value: str = "Value") -> dict[str, str]:
    """Read tags given as a list of pairs or as a map."""
    if isinstance(value, Mapping):
        return {str(k): shape.text(v) for k, v in value.items()}
    pairs = value if isinstance(value, list) else []
    return {str(t[key]): shape.text(t.get(tag_value, "")) for t in pairs if key in t}


def no_attributes(_: Call) -> Mapping[str, Any]:
    """Say that a type has no attributes for Fn::GetAtt."""
    return {}


@dataclass(frozen=True, slots=True)
class Handler:
    """Everything about one resource type.

    `create` returns the physical id; what `update` and `delete` return is passed over. `read`
    returns properties in CloudFormation's names, in any case. Without `update`, or when a property
    of `immutable` changed, the resource is replaced.
    `part_of` names the property whose target owns this resource: when the owner is replaced, so is
    this. `not_verifiable` maps a property path to the reason why moto cannot show it.
    """

    type: str
    create: Callable[[Call], str]
    read: Callable[[Call], Mapping[str, Any]]
    delete: Callable[[Call], object]
    update: Callable[[Call], object] | None = None
    attributes: Callable[[Call], Mapping[str, Any]] = no_attributes
    immutable: frozenset[str] = frozenset()
    part_of: tuple[str, ...] = ()
    not_verifiable: Mapping[str, str] = field(default_factory=dict)
    is_recorded_only: bool = False


NOT_IN_MOTO = "moto does not keep it"
"""The usual reason of `not_verifiable`."""

HANDLERS: dict[str, Handler] = {}


def register(handler: Handler) -> Handler:
    """Make a handler known for its type."""
    if handler.type in HANDLERS:
        raise ValueError(f"two handlers for {handler.type}")
    HANDLERS[handler.type] = handler
    return handler


def record_only(resource_type: str, reason: str, *, attributes: tuple[str, ...] = ("Arn",)) -> None:
    """Register a type that moto knows nothing of: it is recorded, and every property says so.

    `attributes` get made-up values, so that what refers to them can still be deployed.
    """

    def made_up(call: Call) -> Mapping[str, Any]:
        service = resource_type.split("::")[1].lower()
        return {name: call.arn(service, f"{call.logical_id}/{name}") for name in attributes}

    register(
        Handler(
            type=resource_type,
            create=lambda call: call.name(),
            read=no_attributes,
            delete=lambda _: None,
            update=lambda _: None,
            attributes=made_up,
            not_verifiable={"*": reason},
            is_recorded_only=True,
        )
    )

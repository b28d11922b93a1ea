"""Bring stacks to what their templates say, one resource at a time, and read every property back."""

import copy
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import CloudError, UnreadableTemplate
from sandbox.aws import intrinsic, stackfile
from sandbox.aws.completion import STACK_RECORD
from sandbox.aws.handler import HANDLERS, Call, Handler, StackIdentity
from sandbox.aws.intrinsic import Created, Scope, Unresolved
from sandbox.aws.readback import Outcome, PropertyCheck, compare, equal, shown
from sandbox.aws.record import Deployment, DeploymentLog, ResourceChange
from sandbox.aws.server import ACCOUNT, Aws
from sandbox.aws.stackfile import StackFile


@dataclass(slots=True)
class Deployed:
    """A resource as the deployer last left it."""

    type: str
    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]
    retain: bool = False
    generation: int = 0


@dataclass(slots=True)
class Stack:
    """A stack as the deployer last left it. `exports` maps an export's name to its value."""

    identity: StackIdentity
    resources: dict[str, Deployed] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    is_registered: bool = False


class Deployer:
    """Applies templates to the local AWS: create, update in place or replace, delete, read back."""

    def __init__(self, aws: Aws, *, records: Path | None = None) -> None:
        """Deploy to `aws`, keeping the records in the file `records`."""
        import sandbox.aws.handlers  # noqa: F401 - registers the resource types

        self.aws = aws
        self.log = DeploymentLog(records)
        self.stacks: dict[str, Stack] = {}

    def deploy(  # noqa: PLR0913 - one stack is described by this many things, keywords all
        self,
        stack: str,
        template: bytes,
        *,
        file: str = "template.yaml",
        parameters: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        commit: str = "",
    ) -> Deployment:
        """Bring a stack to a template and record what happened. Failures are in the record."""
        started = _now()
        changes: tuple[ResourceChange, ...] = ()
        error = ""
        try:
            read = stackfile.read(template, file=file, region=self.aws.region)
            changes = tuple(self._bring(self._stack(stack, tags or {}), read, parameters or {}))
        except (UnreadableTemplate, Unresolved) as problem:
            error = str(problem)
        deployment = Deployment(commit, stack, file, started, _now(), changes, error)
        self.log.add(deployment)
        return deployment

    def delete(self, stack: str) -> Deployment:
        """Delete a stack's resources, last created first, and forget the stack."""
        started = _now()
        held = self.stacks[stack]
        changes = tuple(self._remove(held, name) for name in reversed(list(held.resources)))
        if held.is_registered:
            self.aws.client("cloudformation").delete_stack(StackName=stack)
        del self.stacks[stack]
        deployment = Deployment("", stack, "", started, _now(), changes)
        self.log.add(deployment)
        return deployment

    def revert_drift(self, stack: str, logical_id: str, properties: Sequence[str]) -> None:
        """Have the next deployment apply these properties again, though the template is the same."""
        held = self.stacks[stack].resources[logical_id]
        kept = {name: v for name, v in held.properties.items() if name not in properties}
        self.stacks[stack].resources[logical_id] = replace(held, properties=kept)

    def refuse(self, commit: str, reason: str) -> None:
        """Record that a commit could not be deployed at all."""
        self.log.add(Deployment(commit, "", "", _now(), _now(), (), reason))

    def _stack(self, name: str, tags: Mapping[str, str]) -> Stack:
        if name not in self.stacks:
            unique = uuid.UUID(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest())
            arn = f"arn:aws:cloudformation:{self.aws.region}:{ACCOUNT}:stack/{name}/{unique}"
            self.stacks[name] = Stack(StackIdentity(name, arn, dict(tags)))
        return self.stacks[name]

    def _bring(
        self, stack: Stack, read: StackFile, parameters: Mapping[str, str]
    ) -> Iterator[ResourceChange]:
        # Registered first, so that the stack's id is CloudFormation's own on every tag.
        self._register(stack)
        scope = self._scope(stack, read, parameters)
        wanted = [n for n in _ordered(read.resources) if _is_wanted(read.resources[n], scope)]
        replaced: dict[str, Deployed | None] = {}
        for name in wanted:
            change = self._apply(stack, name, read.resources[name], scope, replaced)
            if change is not None:
                yield change
        yield from self._clean_up(stack, wanted, replaced)
        self._set_outputs(stack, read, scope)
        self._register(stack)

    def _clean_up(
        self, stack: Stack, wanted: Sequence[str], replaced: Mapping[str, "Deployed | None"]
    ) -> Iterator[ResourceChange]:
        """Delete what was replaced or is no longer declared, once nothing refers to it any more."""
        for name in reversed(list(stack.resources)):
            old = replaced.get(name)
            if old is not None:
                call = Call(self.aws, stack.identity, name, old.properties, old.physical_id)
                try:
                    _delete_if_there(HANDLERS[old.type], call)
                except _refusals() as error:
                    yield ResourceChange(
                        name, old.type, "failed", old.physical_id, error=_sentence(error)
                    )
            if name not in wanted:
                yield self._remove(stack, name)

    def _scope(self, stack: Stack, read: StackFile, given: Mapping[str, str]) -> Scope:
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": self.aws.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack.identity.name,
            "AWS::StackId": stack.identity.stack_id,
            "AWS::NotificationARNs": [],
        }
        return Scope(
            pseudo=pseudo,
            parameters={n: self._parameter(n, d, given) for n, d in read.parameters.items()},
            mappings=read.mappings,
            conditions=read.conditions,
            exports={k: v for each in self.stacks.values() for k, v in each.exports.items()},
            lookup=self._lookup,
        )

    def _parameter(self, name: str, declared: Mapping[str, Any], given: Mapping[str, str]) -> Any:
        value = given.get(name, declared.get("Default"))
        if value is None:
            raise Unresolved(f"parameter {name} has no default and no value was given")
        kind = str(declared.get("Type", "String"))
        if kind.startswith("AWS::SSM::Parameter::Value"):
            value = self._lookup("ssm", str(value))
        if kind == "CommaDelimitedList" or "List<" in kind:
            return [part.strip() for part in str(value).split(",")]
        return value if isinstance(value, str) else intrinsic_text(value)

    def _lookup(self, kind: str, reference: str) -> str:
        from botocore.exceptions import ClientError

        try:
            if kind == "ssm":
                name = reference.split(":", maxsplit=1)[0]
                return str(self.aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
            return self._secret(reference)
        except ClientError as error:
            raise Unresolved(f"{{{{resolve:{kind}:{reference}}}}}: {error}") from error

    def _secret(self, reference: str) -> str:
        # secret-id:SecretString:json-key; the id may be an ARN, which holds colons itself.
        identity, _, rest = reference.partition(":SecretString")
        value = self.aws.client("secretsmanager").get_secret_value(SecretId=identity)[
            "SecretString"
        ]
        key = rest.strip(":").split(":")[0]
        if not key:
            return str(value)
        try:
            return str(json.loads(value)[key])
        except (ValueError, KeyError) as error:
            raise Unresolved(f"secret {identity} holds no {key}") from error

    def _apply(
        self,
        stack: Stack,
        name: str,
        declared: Mapping[str, Any],
        scope: Scope,
        replaced: dict[str, Deployed | None],
    ) -> ResourceChange | None:
        kind = str(declared.get("Type"))
        handler = HANDLERS.get(kind)
        if handler is None:
            return ResourceChange(name, kind, "failed", error=f"the sandbox deploys no {kind}")
        held = stack.resources.get(name)
        try:
            properties = intrinsic.resolve(declared.get("Properties") or {}, scope)
            owners = {
                target
                for part in handler.part_of
                for target in intrinsic.references((declared.get("Properties") or {}).get(part))
            }
            must_replace = bool(owners & replaced.keys())
            if held and held.properties == properties and held.type == kind and not must_replace:
                scope.created[name] = Created(held.physical_id, held.attributes)
                return None
            call = Call(self.aws, stack.identity, name, properties)
            change = self._carry_out(stack, call, handler, replaced, must_replace=must_replace)
        except _refusals() as error:
            return ResourceChange(name, kind, "failed", error=_sentence(error))
        now = stack.resources[name]
        now.retain = declared.get("DeletionPolicy") == "Retain"
        scope.created[name] = Created(now.physical_id, now.attributes)
        return change

    def _carry_out(
        self,
        stack: Stack,
        call: Call,
        handler: Handler,
        replaced: dict[str, Deployed | None],
        *,
        must_replace: bool,
    ) -> ResourceChange:
        held = stack.resources.get(call.logical_id)
        action = _action(held, call, handler, must_replace=must_replace)
        if held is None:
            call.physical_id = handler.create(call)
        elif action == "updated" and handler.update is not None:
            call.previous = held.properties
            call.generation = held.generation
            call.physical_id = held.physical_id
            handler.update(call)
        else:
            call.generation = held.generation + 1
            call, replaced[call.logical_id] = self._replace(held, call, handler)
        stack.resources[call.logical_id] = Deployed(
            type=handler.type,
            physical_id=call.physical_id,
            properties=copy.deepcopy(dict(call.properties)),
            attributes=dict(handler.attributes(call)),
            generation=call.generation,
        )
        checks = tuple(_verify(call, handler, changed_only=action == "updated"))
        return ResourceChange(call.logical_id, handler.type, action, call.physical_id, checks)

    def _replace(
        self, held: Deployed, call: Call, handler: Handler
    ) -> tuple[Call, Deployed | None]:
        """Create the successor, and return the old one if it is still there to be cleaned up.

        What refers to the old one is updated in between. Only where both cannot exist at once,
        under one name or in one place, the old one goes first.
        """
        again = replace(call)
        try:
            call.physical_id = handler.create(call)
        except _refusals() as error:
            if not _is_conflict(error):
                raise
        else:
            if not _is_same(held, call, handler):
                return call, held
        old = Call(self.aws, call.stack, call.logical_id, held.properties, held.physical_id)
        _delete_if_there(HANDLERS[held.type], old)
        again.physical_id = handler.create(again)
        return again, None

    def _remove(self, stack: Stack, name: str) -> ResourceChange:
        held = stack.resources[name]
        action = "retained" if held.retain else "deleted"
        call = Call(self.aws, stack.identity, name, held.properties, held.physical_id)
        try:
            if not held.retain:
                _delete_if_there(HANDLERS[held.type], call)
        except _refusals() as error:
            return ResourceChange(
                name, held.type, "failed", held.physical_id, error=_sentence(error)
            )
        del stack.resources[name]
        return ResourceChange(name, held.type, action, held.physical_id)

    def _set_outputs(self, stack: Stack, read: StackFile, scope: Scope) -> None:
        stack.exports.clear()
        stack.outputs.clear()
        for name, output in read.outputs.items():
            if not _is_wanted(output, scope):
                continue
            try:
                value = intrinsic_text(intrinsic.resolve(output.get("Value"), scope))
                stack.outputs[name] = value
                if "Export" in output:
                    key = str(intrinsic.resolve(output["Export"]["Name"], scope))
                    stack.exports[key] = value
            except Unresolved:
                # The resource it names failed, which the record says already.
                continue

    def _register(self, stack: Stack) -> None:
        """Let DescribeStacks and ListStackResources know of the stack."""
        body = json.dumps(
            {
                "Metadata": {
                    STACK_RECORD: {
                        name: {"type": held.type, "physical_id": held.physical_id}
                        for name, held in stack.resources.items()
                    }
                },
                "Resources": {},
                "Outputs": {n: {"Value": v} for n, v in stack.outputs.items()},
            }
        )
        client = self.aws.client("cloudformation")
        tags = [{"Key": k, "Value": v} for k, v in stack.identity.tags.items()]
        name = stack.identity.name
        if stack.is_registered:
            client.update_stack(StackName=name, TemplateBody=body, Tags=tags)
            return
        found = client.create_stack(StackName=name, TemplateBody=body, Tags=tags)
        stack.identity = StackIdentity(name, found["StackId"], stack.identity.tags)
        stack.is_registered = True


def intrinsic_text(value: Any) -> str:
    """Write a resolved value as the text that a parameter or an output holds."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _refusals() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    # Beside the cloud's own refusals: a template whose property has a shape that no API call takes.
    malformed = (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError)
    return (ClientError, BotoCoreError, ResponseParserError, CloudError, *malformed)


def _sentence(error: Exception) -> str:
    if isinstance(error, KeyError | TypeError | AttributeError | IndexError | StopIteration):
        return f"the declaration has an unexpected shape ({error!r})"
    text = " ".join(str(error).split())
    if "500 Internal Server Error" in text:
        return "moto failed inside (HTTP 500 with a page instead of an answer)"
    return text


def _delete_if_there(handler: Handler, call: Call) -> None:
    from botocore.exceptions import ClientError

    try:
        handler.delete(call)
    except ClientError as error:
        # Whatever owned it is gone already, and took it along.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404 and not _is_absence(error):
            raise


def _is_conflict(error: Exception) -> bool:
    """Whether the cloud refuses because the old resource still has the name or the place."""
    words = ("exist", "conflict", "inuse", "in use", "duplicate", "already", "unique")
    return not _is_absence(error) and any(word in str(error).lower() for word in words)


def _is_same(held: Deployed, call: Call, handler: Handler) -> bool:
    """Whether creating wrote over the old resource instead of making another."""
    places = all(held.properties.get(n) == call.properties.get(n) for n in handler.part_of)
    return held.type == handler.type and held.physical_id == call.physical_id and places


def _is_absence(error: Exception) -> bool:
    return any(word in str(error) for word in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist"))


def _action(held: Deployed | None, call: Call, handler: Handler, *, must_replace: bool) -> str:
    if held is None:
        return "recorded" if handler.is_recorded_only else "created"
    changed = {
        name
        for name in held.properties.keys() | call.properties.keys()
        if held.properties.get(name) != call.properties.get(name)
    }
    in_place = handler.update is not None and held.type == handler.type
    if must_replace or not in_place or changed & handler.immutable:
        return "replaced"
    return "updated"


def _verify(call: Call, handler: Handler, *, changed_only: bool) -> Iterator[PropertyCheck]:
    declared = {k: v for k, v in call.properties.items() if not changed_only or call.changed(k)}
    if "*" in handler.not_verifiable:
        reason = handler.not_verifiable["*"]
        for name, value in declared.items():
            yield PropertyCheck(name, Outcome.NOT_VERIFIABLE, shown(name, value), reason)
        return
    observed = handler.read(call)
    yield from compare(declared, observed, handler.not_verifiable)
    for name in sorted(call.previous.keys() - call.properties.keys()) if changed_only else ():
        yield _gone(name, call.previous[name], observed, handler)


def _gone(name: str, before: Any, observed: Mapping[str, Any], handler: Handler) -> PropertyCheck:
    """Check that a property which is no longer declared no longer holds."""
    if name in handler.not_verifiable:
        reason = handler.not_verifiable[name]
        return PropertyCheck(name, Outcome.NOT_VERIFIABLE, "(removed)", reason)
    held = {k.casefold(): v for k, v in observed.items()}.get(name.casefold())
    if held not in (None, {}, []) and equal(before, held):
        return PropertyCheck(
            name, Outcome.NOT_APPLIED, "(removed)", f"is still {shown(name, held)}"
        )
    return PropertyCheck(name, Outcome.READ_BACK, "(removed)")


def _is_wanted(declared: Mapping[str, Any], scope: Scope) -> bool:
    condition = declared.get("Condition")
    return condition is None or scope.holds(str(condition))


def _ordered(resources: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Order resources so that each comes after what it refers to. Raises: Unresolved on a circle."""
    waits = {name: _needs(name, declared, resources) for name, declared in resources.items()}
    order: list[str] = []
    while waits:
        ready = [name for name, needs in waits.items() if not needs & waits.keys()]
        if not ready:
            raise Unresolved(
                f"resources depend on each other in a circle: {', '.join(sorted(waits))}"
            )
        for name in ready:
            del waits[name]
        order += ready
    return order


def _needs(
    name: str, declared: Mapping[str, Any], resources: Mapping[str, Mapping[str, Any]]
) -> set[str]:
    after = declared.get("DependsOn") or ()
    named = {after} if isinstance(after, str) else set(after)
    referred = named | set(intrinsic.references(declared.get("Properties")))
    return ((referred | _log_permissions(declared, resources)) & resources.keys()) - {name}


def _log_permissions(
    declared: Mapping[str, Any], resources: Mapping[str, Mapping[str, Any]]
) -> set[str]:
    """Return the policies of the bucket that a bucket logs to: moto wants them in place first."""
    logging = (declared.get("Properties") or {}).get("LoggingConfiguration")
    targets = set(intrinsic.references(logging))
    return {
        name
        for name, other in resources.items()
        if targets
        and other.get("Type") == "AWS::S3::BucketPolicy"
        and targets & set(intrinsic.references((other.get("Properties") or {}).get("Bucket")))
    }

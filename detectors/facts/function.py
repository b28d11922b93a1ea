"""Facts about Lambda functions. Defaults after the Lambda API reference."""

from core.types import Resource
from detectors.fact import Kind, Value, View, at, fact, number, present, size, word

FUNCTION = "AWS::Lambda::Function"


@fact(FUNCTION, Kind.NUMERIC, "{x} MB of memory", path="MemorySize")
def memory(resource: Resource, _: View) -> Value:
    """Memory in MB."""
    return number(at(resource, "MemorySize"), 128)


@fact(FUNCTION, Kind.NUMERIC, "a timeout of {x} s", path="Timeout")
def timeout(resource: Resource, _: View) -> Value:
    """Timeout in seconds."""
    return number(at(resource, "Timeout"), 3)


@fact(FUNCTION, Kind.NUMERIC, "{x} MB of temporary storage", path="EphemeralStorage.Size")
def temporary_storage(resource: Resource, _: View) -> Value:
    """Ephemeral storage in MB."""
    return number(at(resource, "EphemeralStorage.Size"), 512)


@fact(FUNCTION, Kind.NUMERIC, "{x} environment variable{s}", path="Environment.Variables")
def environment_variables(resource: Resource, _: View) -> Value:
    """How many environment variables it has."""
    return size(at(resource, "Environment.Variables"))


@fact(
    FUNCTION,
    Kind.NUMERIC,
    "{x} secret{s} in the environment",
    path="Environment.Variables",
    matters=True,
)
def secrets(resource: Resource, _: View) -> Value:
    """How many environment values look like secrets."""
    variables = at(resource, "Environment.Variables")
    count = size(variables)
    if not count or not isinstance(variables, dict):
        return count
    return float(
        sum(
            not str(v).startswith("secret:plain:")
            for v in variables.values()
            if str(v).startswith("secret:")
        )
    )


@fact(FUNCTION, Kind.NUMERIC, "{x} layer{s}", path="Layers")
def layers(resource: Resource, _: View) -> Value:
    """How many layers it loads."""
    return size(at(resource, "Layers"))


@fact(FUNCTION, Kind.NUMERIC, "layers of {x} other account{s}", path="Layers", matters=True)
def foreign_layers(resource: Resource, _: View) -> Value:
    """How many of its layers come from other accounts."""
    found = at(resource, "Layers")
    if size(found) is None or not resource.account:
        return None
    arns = [str(a).split(":") for a in found] if isinstance(found, list | tuple) else []
    return float(len({a[4] for a in arns if len(a) > 4 and a[4] != resource.account}))


@fact(FUNCTION, Kind.CATEGORICAL, "the runtime {x}", path="Runtime")
def runtime(resource: Resource, _: View) -> Value:
    """Runtime, or the package type of a container image."""
    return word(at(resource, "Runtime"), word(at(resource, "PackageType")))


@fact(FUNCTION, Kind.CATEGORICAL, "the architecture {x}", path="Architectures")
def architecture(resource: Resource, _: View) -> Value:
    """Processor architecture."""
    found = at(resource, "Architectures")
    return word(found[0] if isinstance(found, list | tuple) and found else found, "x86_64")


@fact(FUNCTION, Kind.CATEGORICAL, "in a VPC: {x}", path="VpcConfig", matters=True, safe=("yes",))
def in_vpc(resource: Resource, _: View) -> Value:
    """Whether it runs in a VPC."""
    return present(at(resource, "VpcConfig.SubnetIds"))


@fact(FUNCTION, Kind.CATEGORICAL, "tracing {x}", path="TracingConfig.Mode", safe=("Active",))
def tracing(resource: Resource, _: View) -> Value:
    """Tracing mode."""
    return word(at(resource, "TracingConfig.Mode"), "PassThrough")


@fact(
    FUNCTION, Kind.CATEGORICAL, "a dead-letter queue: {x}", path="DeadLetterConfig", safe=("yes",)
)
def dead_letter(resource: Resource, _: View) -> Value:
    """Whether failed events are kept."""
    return present(at(resource, "DeadLetterConfig.TargetArn"))


@fact(
    FUNCTION,
    Kind.CATEGORICAL,
    "an own key for the environment: {x}",
    path="KmsKeyArn",
    matters=True,
    safe=("yes",),
)
def own_key(resource: Resource, _: View) -> Value:
    """Whether the environment is encrypted with an own key."""
    return present(at(resource, "KmsKeyArn"))


@fact(FUNCTION, Kind.CATEGORICAL, "reserved concurrency: {x}", path="ReservedConcurrentExecutions")
def reserved(resource: Resource, _: View) -> Value:
    """Whether concurrency is reserved."""
    found = at(resource, "ReservedConcurrentExecutions")
    return present(found is not None) if number(found, 0) is not None else None


@fact(FUNCTION, Kind.NUMERIC, "a role shared with {x} other{s}", path="Role", matters=True)
def shared_role(resource: Resource, view: View) -> Value:
    """How many other functions run under the same role."""
    role = at(resource, "Role")
    return float(view.users_of_role[role] - 1) if isinstance(role, str) else None


@fact(
    FUNCTION,
    Kind.CATEGORICAL,
    "a URL of its own: {x}",
    path="AWS::Lambda::Url",
    matters=True,
    safe=("no",),
)
def own_url(resource: Resource, view: View) -> Value:
    """Whether it has a function URL; not known where URLs could not be listed."""
    if "AWS::Lambda::Url" in resource.unreadable:
        return None
    return present(view.relations.of(resource).get("AWS::Lambda::Url"))

"""What a live resource has that its declaration says otherwise, property by property.

Only what is declared is compared: what AWS fills in beside it is no difference. Lists compare without
order, numbers and booleans as text, policy documents as what they say. A value that is not known on
either side, or that is kept only as a fingerprint, is not compared.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.types import is_unknown

Path = tuple[str, ...]
Names = Mapping[str, Sequence[str]]
"""By reference ("Orders", "Orders.Arn", "AWS::Region"): what it may stand for where it is live."""

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")
_FINGERPRINT = re.compile(r"secret:\w+:[0-9a-f]{16}")
_KEYED = frozenset({("Environment", "Variables")})
"""Maps whose keys are the owner's own: one more there is a difference too."""
_NEVER: Mapping[str, frozenset[str]] = {
    "*": frozenset({"Tags", "Code", "CodeUri", "Content", "Body", "BodyS3Location"}),
    "AWS::Logs::LogGroup": frozenset({"LogGroupName"}),
}
"""Not compared: tags, which companies add to from outside, and what is no configuration."""
_ALWAYS_READ: Mapping[str, frozenset[str]] = {
    "AWS::Lambda::Function": frozenset(
        {"DeadLetterConfig", "Environment", "KmsKeyArn", "Layers", "ReservedConcurrentExecutions",
         "TracingConfig", "VpcConfig", "MemorySize", "Timeout", "Runtime", "Handler"}
    ),
    "AWS::S3::Bucket": frozenset(
        {"BucketEncryption", "LifecycleConfiguration", "LoggingConfiguration",
         "PublicAccessBlockConfiguration", "VersioningConfiguration"}
    ),
    "AWS::SQS::Queue": frozenset(
        {"KmsMasterKeyId", "MessageRetentionPeriod", "RedrivePolicy", "SqsManagedSseEnabled",
         "VisibilityTimeout"}
    ),
    "AWS::SNS::Topic": frozenset({"KmsMasterKeyId"}),
    "AWS::DynamoDB::Table": frozenset(
        {"DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification"}
    ),
    "AWS::Logs::LogGroup": frozenset({"KmsKeyId", "RetentionInDays"}),
}  # fmt: skip
"""What is read of every resource of a type, so that its absence is a fact. Absence of anything else
may only mean that it is not collected."""
_ABSENT: tuple[Any, ...] = (None, "", False, (), {}, [])


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is declared one way and live another; None where there is none."""

    path: Path
    declared: Any
    live: Any

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{'.'.join(self.path)} is declared {_said(self.declared)} and is {_said(self.live)}"


def differences(
    kind: str, declared: Mapping[str, Any], live: Mapping[str, Any], names: Names
) -> tuple[Difference, ...]:
    """Return where a live resource of a type is not as declared, the deepest properties."""
    left_out = _NEVER["*"] | _NEVER.get(kind, frozenset())
    always = _ALWAYS_READ.get(kind, frozenset())
    found: list[Difference] = []
    for name, value in declared.items():
        if name in left_out or (name not in live and name not in always):
            continue
        found += _compare((name,), value, live.get(name), names)
    return tuple(found)


def same(declared: Any, live: Any, names: Names) -> bool | None:
    """Whether a declared value is what is live; None where that is not known."""
    declared, live = _document(declared), _document(live)
    if is_unknown(declared) or is_unknown(live):
        return None
    if _is_absent(declared) and _is_absent(live):
        return True
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        return _mappings(declared, live, names)
    if isinstance(declared, list) or isinstance(live, list):
        return _lists(_listed(declared), _listed(live), names)
    if isinstance(declared, Mapping) or isinstance(live, Mapping):
        return False
    return _scalars(declared, live, names)


def _is_absent(value: Any) -> bool:
    """Whether a value says nothing: it is empty, or made of nothing else."""
    if isinstance(value, Mapping):
        return all(_is_absent(each) for each in value.values())
    return value in _ABSENT


def _compare(path: Path, declared: Any, live: Any, names: Names) -> Iterator[Difference]:
    declared, live = _document(declared), _document(live)
    if same(declared, live, names) is not False:
        return
    is_document = isinstance(declared, Mapping) and "Statement" in declared
    if not is_document and isinstance(declared, Mapping) and isinstance(live, Mapping):
        for name, value in declared.items():
            yield from _compare((*path, str(name)), value, live.get(name), names)
        for name in live.keys() - declared.keys() if path in _KEYED else ():
            yield Difference((*path, str(name)), None, live[name])
        return
    yield Difference(path, declared, live)


def _mappings(declared: Mapping[str, Any], live: Mapping[str, Any], names: Names) -> bool | None:
    """Whether all that is declared is live; keys of the owner's own are looked at by the caller."""
    parts = [same(value, live.get(name), names) for name, value in declared.items()]
    is_owned = bool(declared) and all(_is_variable(value) for value in live.values())
    if is_owned and live.keys() - declared.keys():
        return False
    return False if False in parts else None if None in parts else True


def _is_variable(value: Any) -> bool:
    return isinstance(value, str) and _FINGERPRINT.fullmatch(value) is not None


def _lists(declared: Sequence[Any], live: Sequence[Any], names: Names) -> bool | None:
    if len(declared) != len(live):
        is_open = any(is_unknown(e) or _is_open(e, names) for e in (*declared, *live))
        return None if is_open else False
    left, is_known = list(live), True
    for item in declared:
        answers = [same(item, other, names) for other in left]
        if True in answers:
            left.pop(answers.index(True))
        elif None in answers:
            left.pop(answers.index(None))
            is_known = False
        else:
            return False
    return True if is_known else None


def _is_open(item: Any, names: Names) -> bool:
    """Whether an item is a reference that may stand for anything, several items too."""
    return isinstance(item, str) and any(n not in names for n in _REFERENCE.findall(item))


def _scalars(declared: Any, live: Any, names: Names) -> bool | None:
    first, second = _text(declared), _text(live)
    if first == second:
        return True
    if _FINGERPRINT.search(first) or _FINGERPRINT.search(second):
        return None  # of a value behind a reference, say: what it is made of was not kept
    return _fits(first, second, names) if "${" in first else False


def _fits(declared: str, live: str, names: Names) -> bool | None:
    """Whether a text with references may be the live one; None where a reference is not known."""
    references = _REFERENCE.findall(declared)
    if any(each not in names for each in references) or not references:
        return None
    pattern, at = "", 0
    for found in _REFERENCE.finditer(declared):
        choices = "|".join(re.escape(each) for each in names[found[1]])
        pattern += f"{re.escape(declared[at : found.start()])}(?:{choices})"
        at = found.end()
    return re.fullmatch(pattern + re.escape(declared[at:]), live) is not None


def _document(value: Any) -> Any:
    """Return a JSON text as what it says, and a document's statements as a list."""
    if isinstance(value, str) and value[:1] == "{":
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, Mapping) and isinstance(value.get("Statement"), Mapping):
        return {**value, "Statement": [value["Statement"]]}
    return list(value) if isinstance(value, tuple) else value


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = "" if value is None else str(value)
    return text.lower() if text.lower() in {"true", "false"} else text


def _said(value: Any) -> str:
    if value is None:
        return "absent"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"

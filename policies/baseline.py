"""Compliance baselines: a framework's requirements as YAML, and the controls that speak to them.

Baselines are the one place that ties checks to requirements; `Policy.compliance` is derived from
them when policies are loaded (docs/adr/0008-baselines-tie-checks-to-requirements.md).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.compliance import Baseline, DecidedBy, Requirement
from core.errors import PolicyError
from policies.model import Policy

FOLDER = Path(__file__).with_name("baselines")
SHIPPED = (
    "soc2", "cis-aws", "cis-aws-3", "hipaa", "gdpr", "pci-dss", "nist-800-53", "iso-27001",
)  # fmt: skip
"""In the order in which they are shown."""
NONE = "none"
"""The topic of controls that no framework asks for."""
_TOPICS = FOLDER / "topics.yaml"
_HEAD = ("framework", "title", "version", "source", "scope", "requirements")
_OF_A_REQUIREMENT = {"title", "topics", "checks", "decided_by", "reason", "besides"}


@cache
def topics() -> Mapping[str, tuple[str, ...]]:
    """Return the controls of each topic."""
    return {name: tuple(each["controls"]) for name, each in _read(_TOPICS).items()}


@cache
def shipped() -> tuple[Baseline, ...]:
    """Return the shipped baselines."""
    return tuple(baseline(FOLDER / f"{name}.yaml") for name in SHIPPED)


def texts() -> Mapping[str, str]:
    """Return the shipped files, for the digest that says which rules were in force."""
    return {
        f"baselines/{path.name}": path.read_text(encoding="utf-8")
        for path in sorted(FOLDER.glob("*.yaml"))
    }


def beside(root: Path) -> tuple[Baseline, ...]:
    """Read a company's own baselines, `baselines/*.yaml` beside its policies. Raises: PolicyError."""
    return tuple(baseline(path) for path in sorted((root / "baselines").glob("*.yaml")))


def baseline(path: Path) -> Baseline:
    """Read one baseline. Raises: PolicyError naming the file and what is wrong."""
    parsed = _read(path)
    missing = [key for key in _HEAD if key not in parsed]
    if missing:
        raise PolicyError(f"{path}: the baseline lacks {', '.join(missing)}.")
    if not isinstance(parsed["requirements"], dict):
        raise PolicyError(f"{path}: `requirements` must hold one entry for each requirement.")
    return Baseline(
        framework=str(parsed["framework"]),
        slug=path.stem,
        title=str(parsed["title"]),
        version=str(parsed["version"]),
        source=str(parsed["source"]),
        scope=str(parsed["scope"]).strip(),
        requirements=tuple(
            _requirement(str(id_), each, path) for id_, each in parsed["requirements"].items()
        ),
    )


class _Loader(yaml.CSafeLoader):
    """Refuses a key that stands twice, which YAML lets the last win."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice")
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        parsed = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyError(f"{path}: is not readable as YAML ({error}).") from error
    if not isinstance(parsed, dict):
        raise PolicyError(f"{path}: must hold keys and values.")
    return parsed


def _requirement(id_: str, each: Any, path: Path) -> Requirement:
    place = f"{path}: requirement {id_}"
    if not isinstance(each, dict) or "title" not in each:
        raise PolicyError(f"{place} needs a title.")
    if unknown := sorted(set(each) - _OF_A_REQUIREMENT):
        raise PolicyError(f"{place} has a key that baselines do not know: {', '.join(unknown)}.")
    controls = _controls(each, place)
    by = str(each.get("decided_by", DecidedBy.CHECKS.value))
    if by not in tuple(DecidedBy):
        raise PolicyError(f"{place}: decided_by {by} is none of {', '.join(DecidedBy)}.")
    decided_by = DecidedBy(by)
    if (decided_by is DecidedBy.CHECKS) != bool(controls):
        raise PolicyError(f"{place} needs either topics or checks, or decided_by with a reason.")
    if not controls and not each.get("reason"):
        raise PolicyError(f"{place}: decided_by needs a reason.")
    return Requirement(
        id_,
        str(each["title"]),
        decided_by,
        controls=controls,
        reason=str(each.get("reason", "")),
        besides=str(each.get("besides", "")),
    )


def _controls(each: Mapping[str, Any], place: str) -> tuple[str, ...]:
    named = each.get("topics") or []
    checks = each.get("checks") or []
    if not isinstance(named, list) or not isinstance(checks, list):
        raise PolicyError(f"{place}: topics and checks are lists.")
    unknown = [str(topic) for topic in named if topic not in topics()]
    if unknown:
        raise PolicyError(f"{place}: there is no topic {', '.join(unknown)}.")
    found = [control for topic in named for control in topics()[topic]]
    return tuple(dict.fromkeys([*found, *map(str, checks)]))


def bound(
    baselines: Sequence[Baseline], policies: Sequence[Policy]
) -> tuple[tuple[Baseline, ...], tuple[Policy, ...]]:
    """Tie baselines and policies: check ids become controls, and policies learn their requirements.

    What a user's policy says in its own METADATA is kept beside it.
    Raises: PolicyError when a framework stands twice or a baseline names a check that there is not.
    """
    controls = {policy.check_id: policy.control for policy in policies}
    known = {*controls.values()}
    tied: list[Baseline] = []
    for each in baselines:
        if any(other.framework == each.framework for other in tied):
            raise PolicyError(f"Framework {each.framework} has two baselines; rename one.")
        tied.append(_tied(each, controls, known))
    asked = _asked(tied)
    return tuple(tied), tuple(_with(policy, asked.get(policy.control, {})) for policy in policies)


def _tied(each: Baseline, controls: Mapping[str, str], known: set[str]) -> Baseline:
    requirements = []
    for requirement in each.requirements:
        names = tuple(dict.fromkeys(controls.get(name, name) for name in requirement.controls))
        if missing := sorted(set(names) - known):
            raise PolicyError(
                f"Baseline {each.slug}, requirement {requirement.id}: there is no check "
                f"{', '.join(missing)}."
            )
        requirements.append(replace(requirement, controls=names))
    return replace(each, requirements=tuple(requirements))


def _asked(baselines: Sequence[Baseline]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return by control, then framework, the requirements that a control speaks to."""
    asked: defaultdict[str, defaultdict[str, tuple[str, ...]]] = defaultdict(
        lambda: defaultdict(tuple)
    )
    for each in baselines:
        for requirement in each.requirements:
            for control in requirement.controls:
                asked[control][each.framework] += (requirement.id,)
    return asked


def _with(policy: Policy, asked: Mapping[str, tuple[str, ...]]) -> Policy:
    own = policy.compliance
    merged = {
        name: tuple(dict.fromkeys((*asked.get(name, ()), *own.get(name, ()))))
        for name in dict.fromkeys((*asked, *own))
    }
    return replace(policy, compliance=merged)

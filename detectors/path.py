"""Attack paths as findings: one for each target and origin, with the steps, and the cheapest cut."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.identity import finding_uid
from core.ports import Check
from core.types import Estate, Evidence, Finding, Gap, Hop, Resource, Severity, Snapshot, Stop
from detectors.owner import owner_of
from graph.ground import quotes
from graph.path import AttackPath, Goal, Origin, Way, attack_paths
from graph.step import Edge, Kind

# Check ids are permanent.
CHECK_IDS: Mapping[tuple[Origin, Goal], str] = {
    (Origin.INTERNET, Goal.DATA): "PL-PATH-001",
    (Origin.INTERNET, Goal.ADMINISTRATOR): "PL-PATH-002",
    (Origin.FOREIGN, Goal.DATA): "PL-PATH-003",
    (Origin.FOREIGN, Goal.ADMINISTRATOR): "PL-PATH-004",
}
TITLES: Mapping[tuple[Origin, Goal], str] = {
    (Origin.INTERNET, Goal.DATA): "A way leads from the internet to sensitive data",
    (Origin.INTERNET, Goal.ADMINISTRATOR): "A way leads from the internet to administrator rights",
    (Origin.FOREIGN, Goal.DATA): "A way leads from another account to sensitive data",
    (
        Origin.FOREIGN,
        Goal.ADMINISTRATOR,
    ): "A way leads from another account to administrator rights",
}
PATH_CHECKS = frozenset(CHECK_IDS.values())
_REFERENCES = (
    "https://attack.mitre.org/techniques/T1190/",
    "https://attack.mitre.org/techniques/T1078/004/",
    "https://attack.mitre.org/techniques/T1530/",
)
_SLIGHT = frozenset({"internal", "medium"})
_UNSURE = 0.6  # confidence where an edge hangs on what is not known
_SHOWN_WAYS = 3


def paths(*, estate: Estate) -> Check:
    """Return a check for ways from outside to sensitive data or administrator rights."""

    def check(snapshot: Snapshot) -> Iterator[Finding | Gap]:
        by_uid = {r.uid: r for r in snapshot.resources}
        for path in attack_paths(snapshot, estate=estate).found:
            yield _finding(path, by_uid, estate)

    return check


def path_key(path: AttackPath) -> tuple[str, str]:
    """Return the check and the resource of a path's finding."""
    return CHECK_IDS[path.origin, path.goal], path.target.uid


def _finding(path: AttackPath, by_uid: Mapping[str, Resource], estate: Estate) -> Finding:
    target, kind = path.target, (path.origin, path.goal)
    return Finding(
        uid=finding_uid(CHECK_IDS[kind], target.uid),
        check_id=CHECK_IDS[kind],
        control="attack-path",
        title=TITLES[kind],
        severity=_severity(path, estate),
        resource_uid=target.uid,
        resource_type=target.type,
        resource_name=target.name,
        evidence=Evidence(
            message=_message(path, by_uid),
            facts=_facts(path, by_uid),
            locations=tuple(dict.fromkeys(_place(way) for way in path.ways)),
            ways=tuple(_hops(way, path, by_uid) for way in path.ways[: 1 + _SHOWN_WAYS]),
        ),
        provider=target.provider,
        partition=target.partition,
        account=target.account,
        region=target.region,
        owner=owner_of(target, estate),
        confidence=1.0 if path.ways[0].certain else _UNSURE,
        references=_REFERENCES,
        remediation=_remedy(path, by_uid),
        source=target.source,
    )


def _severity(path: AttackPath, estate: Estate) -> Severity:
    """Rank by what is at the end and by who may set out: anybody, or whoever proves who they are."""
    tags = {key.lower(): value.strip().lower() for key, value in path.target.tags.items()}
    wanted = [tags[t.lower()] for t in estate.sensitivity_tags if t.lower() in tags]
    slight = path.goal is Goal.DATA and any(value in _SLIGHT for value in wanted)
    rank = 3 if path.origin is Origin.FOREIGN or path.authenticated is not False else 4
    rank -= slight + (path.origin is Origin.FOREIGN and path.goal is Goal.DATA)
    return next(s for s in Severity if s.rank == rank)


def _message(path: AttackPath, by_uid: Mapping[str, Resource]) -> str:
    way = path.ways[0]
    others = len(path.ways) - 1
    more = f" {others} more {'way leads' if others == 1 else 'ways lead'} there." if others else ""
    alike = (
        f" {way.alike} other {'resource' if way.alike == 1 else 'resources'} "
        f"with the same role would do as well."
        if way.alike
        else ""
    )
    doubt = "" if way.certain else " Not every step is certain; see the steps."
    return f"{_chain(way, path, by_uid)}.{alike}{more}{doubt}"


def _chain(way: Way, path: AttackPath, by_uid: Mapping[str, Resource]) -> str:
    """Say a way as one line: "the internet reaches export, which runs as R, which may read T"."""
    parts = [path.origin.value]
    for edge in way.edges:
        if edge.target == f"data|{edge.source}":
            parts.append(", whose data its own policy opens")
            continue
        joint = " " if len(parts) == 1 else ", which "
        ending = edge.kind is Kind.ESCALATES
        parts.append(f"{joint}{edge.kind}{'' if ending else f' {_name(edge.target, by_uid)}'}")
    text = "".join(parts)
    return text[:1].upper() + text[1:]


def _name(uid: str, by_uid: Mapping[str, Resource]) -> str:
    plain = uid.partition("|")[2] if uid.startswith(("data|", "admin|")) else uid
    resource = by_uid.get(plain)
    if resource is None:
        return plain
    noun = resource.type.rpartition("::")[2].lower()
    return f"{noun} {resource.name or plain.rpartition('/')[2]}"


def _facts(path: AttackPath, by_uid: Mapping[str, Resource]) -> dict[str, Any]:
    """Return the steps one by one with what says so, and the cut."""
    told: dict[str, Any] = {
        f"step {n}": f"{_step(edge, by_uid)}: {edge.why}{'' if edge.certain else ' (not certain)'}"
        for n, edge in enumerate(path.ways[0].edges, start=1)
    }
    for n, way in enumerate(path.ways[1 : 1 + _SHOWN_WAYS], start=2):
        told[f"way {n}"] = _chain(way, path, by_uid)
    told["cheapest cut"] = path.cut.where
    told["ways it ends"] = path.breaks
    return told


def _hops(way: Way, path: AttackPath, by_uid: Mapping[str, Resource]) -> tuple[Hop, ...]:
    """Return the steps of a way with what allows each."""
    return tuple(
        Hop(
            kind=_verb(edge),
            source=_stop(edge.source, path, by_uid),
            target=_stop(edge.target, path, by_uid),
            why=edge.why,
            certain=edge.certain,
            is_cut=edge == path.cut,
            quotes=quotes(edge.grounds),
        )
        for edge in way.edges
    )


def _verb(edge: Edge) -> str:
    """Say what a step does, between the names of its two ends."""
    if edge.target == f"data|{edge.source}":
        return "opens the data of"
    return "may become" if edge.kind is Kind.ESCALATES else edge.kind.value


def _stop(uid: str, path: AttackPath, by_uid: Mapping[str, Resource]) -> Stop:
    if uid == path.origin:
        return Stop(uid, uid)
    if uid.startswith("admin|"):
        return Stop(uid, "administrator")
    plain = uid.removeprefix("data|")
    resource = by_uid.get(plain)
    name = resource.name if resource else ""
    return Stop(uid, name or plain.rpartition("/")[2], resource.type if resource else "")


def _step(edge: Edge, by_uid: Mapping[str, Resource]) -> str:
    if edge.target == f"data|{edge.source}":
        return "its data is open"
    return edge.kind if edge.kind is Kind.ESCALATES else f"{edge.kind} {_name(edge.target, by_uid)}"


def _place(way: Way) -> str:
    """Return where the weakest edge of a way stands: the door that asks for least, else the last."""
    weakest = min(way.edges, key=lambda e: (e.kind is not Kind.REACHES, e.effort))
    return f"{weakest.where} ({weakest.kind})"


def _remedy(path: AttackPath, by_uid: Mapping[str, Resource]) -> str:
    ways = f"{path.breaks} {'way' if path.breaks == 1 else 'ways'}"
    return f"Cheapest cut, which ends {ways}: {_undo(path.cut, by_uid)}."


def _undo(edge: Edge, by_uid: Mapping[str, Resource]) -> str:
    source, target = _name(edge.source, by_uid), _name(edge.target, by_uid)
    if edge.target == f"data|{edge.source}":
        return f"close {target}: {edge.why}"
    match edge.kind:
        case Kind.REACHES:
            return f"ask callers of {target} to prove who they are, or close it ({edge.why})"
        case Kind.CALLS:
            return f"take away what makes {source} call {target}"
        case Kind.RUNS_AS:
            return f"give {source} a role of its own that may do less"
        case Kind.ASSUMES:
            return f"take {source} out of the trust policy of {target}"
        case Kind.INVOKES:
            return f"take away that {source} may run {target}"
        case Kind.READS:
            return f"take away that {source} may read {target} ({edge.why})"
        case Kind.ESCALATES:
            return f"narrow the policies of {source}: {edge.why}"

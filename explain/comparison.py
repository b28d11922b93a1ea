"""Compare a finding's resource with its peers: "3 of 312 functions here ..."."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.noun import noun
from explain.feature import Scope, declared
from explain.scene import Scene


def comparisons(scene: Scene, strongest: Sequence[str]) -> list[str]:
    """Return one sentence a finding, about the feature that moved its risk most.

    Where that feature says nothing about peers, the sentence counts who else has the finding.
    """
    features = {f.name: f for f in declared()}
    sharing = Counter((f.check_id, f.resource_type) for f in scene.findings)
    peers = _Peers(scene)
    out = []
    for finding, row, name in zip(scene.findings, scene.rows.tolist(), strongest, strict=True):
        total = len(peers.rows(finding.resource_type))
        feature = features.get(name)
        if row < 0 or not total:
            out.append("")
            continue
        column = scene.columns[name] if feature and feature.scope is Scope.RESOURCE else None
        if feature and feature.peers and column is not None and not np.isnan(column[row]):
            alike = peers.at_least(name, finding.resource_type, float(column[row]))
            does = feature.peers(float(column[row]))
        else:
            alike, does = sharing[finding.check_id, finding.resource_type], "have this finding"
        out.append(_sentence(alike, total, finding.resource_type, does))
    return out


def _sentence(alike: int, total: int, resource_type: str, does: str) -> str:
    if alike == 1:
        return f"{_capital(noun(resource_type, 2))} here that {does}: only this one of {total:,}"
    return f"{alike:,} of {total:,} {noun(resource_type, total)} here {does}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class _Peers:
    """Rows of a scene by resource type, and counts over them, each computed once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        by_type: dict[str, list[int]] = {}
        for row, resource in enumerate(scene.resources):
            by_type.setdefault(resource.type, []).append(row)
        self._rows = {kind: np.array(rows, dtype=np.intp) for kind, rows in by_type.items()}
        self._counts: dict[tuple[str, str, float], int] = {}

    def rows(self, resource_type: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        return self._rows.get(resource_type, np.empty(0, dtype=np.intp))

    def at_least(self, feature: str, resource_type: str, value: float) -> int:
        key = (feature, resource_type, value)
        if key not in self._counts:
            column = self._scene.columns[feature][self.rows(resource_type)]
            self._counts[key] = int(np.count_nonzero(column >= value))
        return self._counts[key]

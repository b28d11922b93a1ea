"""A small relational message-passing network in plain torch.

In each round a node adds up, for every type of edge and direction, the mean of what its neighbours say,
each through a matrix of that type (Schlichtkrull et al., Modeling Relational Data with Graph
Convolutional Networks, arXiv 1703.06103). A finding is scored from its node and its own features.

The same seed and input give the same network: one thread, deterministic kernels. It is stored as
safetensors, which hold numbers and nothing that could run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from explain.network.arrays import GraphArrays
from graph.typed import EdgeType

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

# Chosen on three companies (seeds 100, 102, 103); a second round ranked worse.
WIDTH, ROUNDS = 16, 1
EPOCHS, RATE, DECAY = 120, 0.01, 0.003
_DIRECTIONS = tuple((kind, along) for kind in EdgeType for along in (True, False))
_FORMAT = "plumbline-network/1"


@dataclass(frozen=True, slots=True)
class Said:
    """Findings of one graph with a target from 0 to 1 and a weight each."""

    graph: GraphArrays
    rows: Rows
    findings: Array
    target: Array
    weight: Array


@dataclass(frozen=True)
class Network:
    """A trained network; `kinds` are the types of node that it knows, `tensors` its numbers."""

    kinds: tuple[str, ...]
    tensors: Mapping[str, Any]

    def score(self, graph: GraphArrays, rows: Rows, findings: Array) -> Array:
        """Return the log-odds of findings that stand on these nodes."""
        torch = _torch()
        with torch.no_grad():
            raw = _forward(self.tensors, _Input(graph, rows, findings, self.kinds))
        return np.asarray(raw.numpy(), dtype=np.float64)

    def embed(self, graph: GraphArrays) -> Array:
        """Return what the network makes of each node: nodes x WIDTH."""
        torch = _torch()
        empty = _Input(graph, np.empty(0, dtype=np.intp), np.empty((0, 0)), self.kinds)
        with torch.no_grad():
            return np.asarray(_embedded(self.tensors, empty).numpy(), dtype=np.float64)


class _Input:
    """One graph as tensors."""

    def __init__(
        self, graph: GraphArrays, rows: Rows, findings: Array, kinds: Sequence[str]
    ) -> None:
        torch = _torch()
        place = {kind: n for n, kind in enumerate(kinds)}
        hot = np.zeros((len(graph.kinds), len(kinds)))
        for row, kind in enumerate(graph.kinds):
            if kind in place:
                hot[row, place[kind]] = 1.0
        self.nodes = torch.tensor(np.hstack([graph.nodes, hot]), dtype=torch.float32)
        self.findings = torch.tensor(findings, dtype=torch.float32)
        self.rows = torch.tensor(rows.astype(np.int64))
        self.edges = {key: torch.tensor(e.astype(np.int64)) for key, e in graph.edges.items()}
        self.share = {
            key: 1.0 / torch.bincount(e[1], minlength=len(graph.kinds)).clamp(min=1).float()
            for key, e in self.edges.items()
        }


def train(said: Sequence[Said], *, seed: int) -> Network:
    """Train on findings of one or more graphs."""
    torch = _torch()
    kinds = tuple(sorted({kind for each in said for kind in each.graph.kinds}))
    inputs = [_Input(e.graph, e.rows, e.findings, kinds) for e in said]
    targets = [torch.tensor(e.target, dtype=torch.float32) for e in said]
    weights = [torch.tensor(e.weight, dtype=torch.float32) for e in said]
    total = sum(float(w.sum()) for w in weights)
    tensors = _drawn(inputs[0].nodes.shape[1], inputs[0].findings.shape[1], seed)
    optimiser = torch.optim.AdamW(list(tensors.values()), lr=RATE, weight_decay=DECAY)
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    for _ in range(EPOCHS):
        optimiser.zero_grad()
        for each, target, weight in zip(inputs, targets, weights, strict=True):
            loss = loss_of(_forward(tensors, each), target, weight, reduction="sum") / total
            loss.backward()
        optimiser.step()
    return Network(kinds, {name: each.detach() for name, each in tensors.items()})


def _drawn(nodes: int, findings: int, seed: int) -> dict[str, Any]:
    torch = _torch()
    generator = torch.Generator().manual_seed(seed)
    shapes: dict[str, tuple[int, ...]] = {"in": (nodes, WIDTH)}
    for n in range(ROUNDS):
        shapes[f"self{n}"] = (WIDTH, WIDTH)
        shapes[f"edge{n}"] = (len(_DIRECTIONS), WIDTH, WIDTH)
    shapes |= {"hidden": (WIDTH + findings, WIDTH), "out": (WIDTH, 1)}
    tensors = {}
    for name, shape in shapes.items():
        bound = (6.0 / (shape[-2] + shape[-1])) ** 0.5
        tensors[name] = (torch.rand(shape, generator=generator) * 2 - 1) * bound
    for name in ("in", *(f"self{n}" for n in range(ROUNDS)), "hidden", "out"):
        tensors[f"{name}.bias"] = torch.zeros(shapes[name][-1])
    for each in tensors.values():
        each.requires_grad_()
    return tensors


def _forward(tensors: Mapping[str, Any], given: _Input) -> Any:
    torch = _torch()
    of_node = _embedded(tensors, given)[given.rows]
    beside = torch.cat([of_node, given.findings], dim=1)
    hidden = torch.relu(beside @ tensors["hidden"] + tensors["hidden.bias"])
    return (hidden @ tensors["out"] + tensors["out.bias"])[:, 0]


def _embedded(tensors: Mapping[str, Any], given: _Input) -> Any:
    torch = _torch()
    state = torch.relu(given.nodes @ tensors["in"] + tensors["in.bias"])
    for n in range(ROUNDS):
        heard = state @ tensors[f"self{n}"] + tensors[f"self{n}.bias"]
        for place, key in enumerate(_DIRECTIONS):
            if key in given.edges:
                source, target = given.edges[key]
                message = (state @ tensors[f"edge{n}"][place])[source]
                mean = torch.zeros_like(state).index_add(0, target, message)
                heard = heard + mean * given.share[key][:, None]
        state = state + torch.relu(heard)
    return state


def save(network: Network, path: Path) -> None:
    """Write a network as safetensors."""
    from safetensors.numpy import save_file

    about = {"format": _FORMAT, "kinds": json.dumps(network.kinds)}
    save_file({k: v.numpy() for k, v in network.tensors.items()}, path, metadata=about)


def load(path: Path) -> Network:
    """Read a network. Raises: ModelError."""
    torch = _torch()
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as stored:
            about = stored.metadata() or {}
            tensors = {name: torch.tensor(stored.get_tensor(name)) for name in stored.keys()}  # noqa: SIM118  # not a mapping
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is no network in safetensors.") from error
    if about.get("format") != _FORMAT:
        raise ModelError(f"{path} is not a network of this version; train a new one.")
    return Network(tuple(json.loads(about["kinds"])), tensors)


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise ModelError(
            "The graph network needs torch, which is not installed: pip install 'plumbline[gnn]'."
        ) from error
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    return torch

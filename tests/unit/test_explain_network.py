"""The optional graph neural network: what it is given, what it learns, how it is kept."""

import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError
from core.types import Estate, Evidence, Finding, Resource, Severity, Snapshot
from explain.feature import names
from explain.network import message
from explain.network.arrays import (
    GraphArrays,
    graph_arrays,
    of_finding,
    of_findings,
    of_node,
    read_through_the_graph,
    scaled,
)
from explain.scene import Scene
from graph.typed import EdgeType

NOW = datetime(2026, 11, 22, tzinfo=UTC)
needs_torch = pytest.mark.skipif(
    find_spec("torch") is None,
    reason="torch is not installed; pip install 'plumbline[gnn]' (make gnn) to run this",
)


def scene() -> Scene:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    role = Resource(
        "arn:aws:iam::111122223333:role/r",
        "AWS::IAM::Role",
        "r",
        {"Policies": []},
        account="111122223333",
    )
    function = Resource(
        arn, "AWS::Lambda::Function", "f", {"Role": role.uid, "Timeout": 9}, account="111122223333"
    )
    found = Finding("u", "PL-1", "c", "t", Severity.HIGH, arn, function.type, "f", Evidence("m"))
    return Scene([found], Snapshot("s", NOW, (function, role)), {}, (), Estate(), NOW)  # fmt: skip


def test_every_edge_goes_both_ways_and_two_nodes_stand_outside() -> None:
    graph = graph_arrays(scene())

    assert graph.kinds[-2:] == ("the internet", "another account")
    assert graph.nodes.shape == (4, 2 * len(of_node()))
    assert graph.edges[EdgeType.ASSUME, True].tolist() == [[0], [1]]
    assert graph.edges[EdgeType.ASSUME, False].tolist() == [[1], [0]]


def test_no_node_knows_what_is_read_of_another() -> None:
    graph = graph_arrays(scene())
    known = graph.nodes[:, len(of_node()) :]
    place = [f.name for f in of_node()].index("role_admin")

    assert known[:2, place].tolist() == [0, 1]  # the function has a role, and is none
    assert {"attack_paths", "exposure_level"} <= read_through_the_graph()
    assert not {f.name for f in of_finding()} & read_through_the_graph()


def test_what_is_not_known_is_told_from_zero() -> None:
    assert scaled(np.array([[0.0, np.nan]])).tolist() == [[0, 0, 1, 0]]


def test_without_torch_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(ModelError, match=r"pip install 'plumbline\[gnn\]'"):
        message.train([], seed=0)


# ── with torch ────────────────────────────────────────────────────────────────


def star(count: int = 60) -> message.Said:
    """Draw nodes of which half are read by one that is open; nothing else tells them apart."""
    random = np.random.default_rng(5)
    open_to = random.random(count) < 0.5
    nodes = np.zeros((2 * count, 2))
    nodes[count:, 0] = open_to
    edge = np.array([[count + n for n in range(count)], list(range(count))], dtype=np.intp)
    graph = GraphArrays(
        nodes,
        ("AWS::S3::Bucket",) * count + ("AWS::IAM::Role",) * count,
        {(EdgeType.READ, True): edge},
    )
    findings = np.zeros((count, 2 * len(of_finding())))
    return message.Said(graph, np.arange(count), findings, open_to.astype(float), np.ones(count))


@needs_torch
def test_a_node_learns_from_its_neighbours() -> None:
    said = star()
    network = message.train([said], seed=1)

    score = network.score(said.graph, said.rows, said.findings)

    assert score[said.target > 0].min() > score[said.target == 0].max()
    apart = GraphArrays(said.graph.nodes, said.graph.kinds, {})
    assert np.ptp(network.score(apart, said.rows, said.findings)) < 1e-6


@needs_torch
def test_the_type_of_an_edge_matters() -> None:
    said = star()
    network = message.train([said], seed=1)
    (edge,) = said.graph.edges.values()
    other = GraphArrays(said.graph.nodes, said.graph.kinds, {(EdgeType.EXPOSE, True): edge})

    assert not np.allclose(network.embed(said.graph), network.embed(other))


@needs_torch
def test_the_same_seed_gives_the_same_network() -> None:
    first, again, other = (message.train([star()], seed=n) for n in (1, 1, 2))

    assert all((first.tensors[k] == again.tensors[k]).all() for k in first.tensors)
    assert not all((first.tensors[k] == other.tensors[k]).all() for k in first.tensors)


@needs_torch
def test_what_is_stored_scores_as_before_and_holds_nothing_that_runs(tmp_path: Path) -> None:
    said, path = star(), tmp_path / "network.safetensors"
    network = message.train([said], seed=1)

    message.save(network, path)
    again = message.load(path)

    before, after = (n.score(said.graph, said.rows, said.findings) for n in (network, again))
    assert (before == after).all()
    assert again.kinds == network.kinds
    assert b"pickle" not in path.read_bytes()


@needs_torch
@pytest.mark.parametrize("content", [b"", b"not a network", b"\x80\x04K\x01."])
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "n.safetensors").write_bytes(content)

    with pytest.raises(ModelError, match="no network"):
        message.load(tmp_path / "n.safetensors")


@needs_torch
def test_a_scene_is_scored() -> None:
    at = scene()
    graph, features = graph_arrays(at), of_findings(at.matrix, names())
    said = message.Said(graph, at.rows, features, np.ones(1), np.ones(1))

    assert np.isfinite(message.train([said], seed=0).score(graph, at.rows, features)).all()

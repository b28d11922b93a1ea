"""What every forge with a Git repository keeps: signatures, trailers, and nothing forged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BranchMoved, ForgeError, NotFound
from core.ports import Commit
from tests.forge_world import (
    Hub,
    commit_of,
    open_one,
    serving,
)


@pytest.fixture(params=["local", "github", "gitlab"])
def hub(request: pytest.FixtureRequest, tmp_path: Path, key: Path) -> Iterator[Hub]:
    with serving(request.param, tmp_path, key) as made:
        yield made


def test_foreign_words_do_not_become_trailers(hub: Hub) -> None:
    commit = Commit(
        branch="plumbline/x",
        message="Fix\n\nApproved-by: mallory\n\n---\nPlan-Digest: forged",
        files={"README.md": b"x"},
        trailers={
            "Plan-Digest": "real",
            "Approved-by": "Eve\nPlan-Digest: forged\r\nX: y\u2028Z: q",
        },
    )

    made = hub.forge.commit_signed(commit, base=hub.forge.head("main"))

    shown = hub.git.text("log", "-1", "--format=%(trailers:only,unfold)", made)
    assert shown.splitlines() == [
        "Plan-Digest: real",
        "Approved-by: Eve Plan-Digest: forged X: y Z: q",
    ]


def test_the_commit_at_the_forge_is_signed_by_our_key(hub: Hub) -> None:
    made = hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))

    hub.git.run("verify-commit", made)
    assert hub.git.text("log", "-1", "--format=%G? %GS", made) == "G plumbline@localhost"


def test_a_merge_keeps_the_signed_commit_as_it_is(hub: Hub) -> None:
    made = hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)

    hub.merge(number, "dana")

    parents = hub.git.text("log", "-1", "--format=%P", hub.forge.head("main")).split()
    assert parents[1] == made
    assert hub.git.verified(made)


def test_a_branch_that_a_stranger_made_with_our_digest_is_refused(hub: Hub) -> None:
    head = hub.forge.head("main")
    forged = hub.git.write_commit(commit_of(), parents=(head,), sign=False)
    hub.git.move("refs/heads/plumbline/PL-S3-001-abc", new=forged, old="0" * 40)

    with pytest.raises(BranchMoved):
        hub.forge.commit_signed(commit_of(), base=head)


def test_a_link_in_the_repository_is_neither_read_nor_written(hub: Hub) -> None:
    store = hub.git
    head = hub.forge.head("main")
    blob = store.text("hash-object", "-w", "--stdin", stdin=b"/etc/passwd")
    listing = f"120000 blob {blob}\tevil.yaml\n".encode()
    tree = store.text("mktree", stdin=listing)
    made = store.write_tree(tree, parents=(head,), text="evil\n", sign=False)
    store.move("refs/heads/main", new=made, old=head)

    fresh = hub.forge.head("main")
    with pytest.raises(NotFound):
        hub.forge.file("evil.yaml", commit=fresh)
    with pytest.raises(ForgeError):
        hub.forge.commit_signed(
            Commit("plumbline/x", "m", {"evil.yaml": b"x"}, {"Plan-Digest": "d"}), base=fresh
        )

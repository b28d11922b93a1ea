"""One suite for the Forge port: a local forge, GitHub and GitLab at their doubles, the fake."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BranchMoved, ForgeError, NotFound
from core.ports import Commit, Forge
from core.types import Checks, ChecksState, PullRequestState
from tests.forge_world import (
    SEED,
    Hub,
    commit_of,
    open_one,
    serving,
)


@pytest.fixture(params=["local", "github", "gitlab", "fake"])
def hub(request: pytest.FixtureRequest, tmp_path: Path, key: Path) -> Iterator[Hub]:
    with serving(request.param, tmp_path, key) as made:
        yield made


def test_a_merged_commit_anchors_the_audit_head_and_a_strangers_does_not(hub: Hub) -> None:
    commit = replace(commit_of(), trailers={**commit_of().trailers, "Audit-Head": "a" * 64})
    hub.forge.commit_signed(commit, base=hub.forge.head("main"))
    number = open_one(hub.forge)
    before = hub.forge.audit_heads("main")

    hub.merge(number, "priya")
    hub.push({"README.md": b"later"})

    assert before == ()
    assert hub.forge.audit_heads("main") == ("a" * 64,)


def test_a_forge_reads_the_exact_bytes_of_its_head(hub: Hub) -> None:
    head = hub.forge.head("main")

    assert hub.forge.file("stacks/orders.yaml", commit=head) == SEED["stacks/orders.yaml"]
    assert sorted(hub.forge.files(commit=head)) == sorted(SEED)


def test_what_is_not_there_is_not_found(hub: Hub) -> None:
    head = hub.forge.head("main")

    assert hub.forge.find_branch("nothing") is None
    with pytest.raises(NotFound):
        hub.forge.head("nothing")
    with pytest.raises(NotFound):
        hub.forge.file("stacks/none.yaml", commit=head)
    with pytest.raises(NotFound):
        hub.forge.pull_request(99)


def test_the_head_is_fresh_after_somebody_pushed(hub: Hub) -> None:
    old = hub.forge.head("main")

    hub.push({"README.md": b"changed\n"})

    assert hub.forge.head("main") != old
    assert hub.forge.file("README.md", commit=hub.forge.head("main")) == b"changed\n"


def test_a_files_last_change_is_not_that_of_others_beside_it(hub: Hub) -> None:
    first = hub.forge.changed_at("stacks/orders.yaml", commit=hub.forge.head("main"))

    hub.push({"README.md": b"changed\n"})
    head = hub.forge.head("main")

    assert first is not None
    assert hub.forge.changed_at("stacks/orders.yaml", commit=head) == first
    readme = hub.forge.changed_at("README.md", commit=head)
    assert readme is not None
    assert readme >= first
    assert hub.forge.changed_at("none.yaml", commit=head) is None


def test_a_commit_goes_to_its_branch_and_leaves_the_base_alone(hub: Hub) -> None:
    head = hub.forge.head("main")

    made = hub.forge.commit_signed(commit_of(), base=head)

    assert hub.forge.find_branch("plumbline/PL-S3-001-abc") == made
    assert hub.forge.head("main") == head
    assert hub.forge.file("stacks/orders.yaml", commit=made) == b"Resources: {A: 1}\r\n"
    assert hub.forge.file("README.md", commit=made) == SEED["README.md"]


def test_the_same_commit_made_twice_is_one(hub: Hub) -> None:
    head = hub.forge.head("main")

    first = hub.forge.commit_signed(commit_of(), base=head)

    assert hub.other().commit_signed(commit_of(), base=head) == first


def test_a_series_is_one_branch_of_commits_each_on_the_one_before(hub: Hub) -> None:
    head = hub.forge.head("main")
    first, second = commit_of(), replace(commit_of(digest="d2"), files={"README.md": b"two\n"})

    made = hub.forge.commit_series((first, second), base=head)

    assert hub.forge.find_branch(first.branch) == made[-1]
    assert hub.forge.file("README.md", commit=made[0]) == SEED["README.md"]
    assert hub.forge.file("stacks/orders.yaml", commit=made[1]) == b"Resources: {A: 1}\r\n"
    assert hub.other().commit_series((first, second), base=head) == made
    with pytest.raises(BranchMoved):
        hub.forge.commit_series((first, replace(second, files={"README.md": b"3"})), base=head)


@pytest.mark.parametrize("other", [commit_of(b"else"), commit_of(digest="d2")])
def test_a_branch_that_holds_another_change_is_refused(hub: Hub, other: Commit) -> None:
    head = hub.forge.head("main")
    hub.forge.commit_signed(commit_of(), base=head)

    with pytest.raises(BranchMoved):
        hub.forge.commit_signed(other, base=head)


def test_two_clients_at_once_make_one_commit_and_one_pull_request(hub: Hub) -> None:
    head = hub.forge.head("main")
    made: list[tuple[str, int]] = []

    def work(forge: Forge) -> None:
        commit = forge.commit_signed(commit_of(), base=head)
        made.append((commit, open_one(forge)))

    clients = [hub.forge, hub.other()]
    threads = [threading.Thread(target=work, args=(c,)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 2
    assert len(set(made)) == 1


def test_a_pull_request_is_opened_once_and_read_back(hub: Hub) -> None:
    made = hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))

    number = open_one(hub.forge)

    assert open_one(hub.other()) == number
    pull = hub.other().pull_request(number)
    assert (pull.state, pull.head_commit) == (PullRequestState.OPEN, made)
    assert (pull.merge_commit, pull.merged_by) == ("", "")
    assert str(number) in pull.url


def test_a_merge_is_read_back_with_who_did_it(hub: Hub) -> None:
    made = hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)

    hub.merge(number, "dana")

    pull = hub.forge.pull_request(number)
    assert (pull.state, pull.merged_by) == (PullRequestState.MERGED, "dana")
    assert pull.merge_commit == hub.forge.head("main")
    assert pull.head_commit == made
    assert (
        hub.forge.file("stacks/orders.yaml", commit=pull.merge_commit) == b"Resources: {A: 1}\r\n"
    )


def test_asking_again_after_the_merge_gives_the_merged_pull_request(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)
    hub.merge(number, "dana")

    again = hub.forge.open_pull_request(
        branch="plumbline/PL-S3-001-abc", into="main", title="Fix", body="Why"
    )

    assert (again.number, again.state) == (number, PullRequestState.MERGED)


def test_a_merge_keeps_what_others_pushed_meanwhile(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)
    hub.push({"README.md": b"later\n"})

    hub.merge(number, "dana")

    head = hub.forge.head("main")
    assert hub.forge.file("README.md", commit=head) == b"later\n"
    assert hub.forge.file("stacks/orders.yaml", commit=head) == b"Resources: {A: 1}\r\n"


def test_a_closed_pull_request_is_closed_and_stays_so(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)

    assert hub.forge.close_pull_request(number).state is PullRequestState.CLOSED
    assert hub.forge.close_pull_request(number).state is PullRequestState.CLOSED
    assert open_one(hub.forge) == number


def test_closing_after_the_merge_changes_nothing(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)
    hub.merge(number, "dana")

    assert hub.forge.close_pull_request(number).state is PullRequestState.MERGED


@pytest.mark.parametrize(
    ("how", "checks"),
    [
        ("pending", Checks(ChecksState.PENDING)),
        ("passed", Checks(ChecksState.PASSED)),
        ("failed", Checks(ChecksState.FAILED, ("build",))),
    ],
)
def test_checks_are_read_back(hub: Hub, how: str, checks: Checks) -> None:
    made = hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)
    before = hub.forge.pull_request(number).checks

    hub.check(made, how)

    assert before == Checks()
    assert hub.forge.pull_request(number).checks == checks


def test_approvals_are_read_back(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)

    hub.approve(number, "dana")
    hub.approve(number, "omar")

    assert hub.forge.pull_request(number).approved_by == ("dana", "omar")


def test_a_conflict_is_seen_once_the_base_has_moved_into_it(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)
    before = hub.forge.pull_request(number).has_conflict
    hub.push({"README.md": b"elsewhere\n"})
    elsewhere = hub.forge.pull_request(number).has_conflict

    hub.push({"stacks/orders.yaml": b"Resources: {B: 2}\r\n# kept\r\n"})

    assert (before, elsewhere) == (False, False)
    assert hub.forge.pull_request(number).has_conflict


def test_a_comment_is_made_once(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)

    for words in ("Replaced by #2", "Replaced by #2", "Something else"):
        hub.other().comment(number, words)

    assert list(hub.comments(number)) == ["Replaced by #2", "Something else"]


def test_owners_are_read_at_a_commit(hub: Hub) -> None:
    before = hub.forge.head("main")
    hub.push({"CODEOWNERS": b"* @all\n/stacks/ @acme/platform @dana\n"})

    assert hub.forge.owners(["stacks/orders.yaml"], commit=before) == ()
    assert hub.forge.owners(["stacks/orders.yaml"], commit=hub.forge.head("main")) == (
        "@acme/platform", "@dana",
    )  # fmt: skip


def test_a_forge_that_is_set_up_well_has_no_shortcomings(hub: Hub) -> None:
    assert hub.forge.shortcomings() == ()


def test_asking_for_review_again_changes_nothing(hub: Hub) -> None:
    hub.forge.commit_signed(commit_of(), base=hub.forge.head("main"))
    number = open_one(hub.forge)

    first = hub.forge.ask_review(number, labels=["plumbline"], reviewers=["@dana"])

    assert first == ()
    assert hub.other().ask_review(number, labels=["plumbline"], reviewers=["@dana"]) == ()
    assert set(hub.labels(number)) == {"plumbline"}


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a//b", "", "a/../b", ".git/config", "a/.GIT/x", "a\nb", "a\0"]
)
def test_a_path_out_of_the_repository_is_refused(hub: Hub, path: str) -> None:
    head = hub.forge.head("main")
    commit = Commit("plumbline/x", "m", {path: b"x"}, {"Plan-Digest": "d"})

    with pytest.raises(ForgeError):
        hub.forge.commit_signed(commit, base=head)
    with pytest.raises((ForgeError, NotFound)):
        hub.forge.file(path, commit=head)
    assert hub.forge.find_branch("plumbline/x") is None


@pytest.mark.parametrize("branch", ["--upload-pack=x", "-x", "a..b", "a b", "a.lock", "a/", "x~1"])
def test_a_branch_name_git_could_misread_is_refused(hub: Hub, branch: str) -> None:
    commit = Commit(branch, "m", {"a": b"x"}, {"Plan-Digest": "d"})

    with pytest.raises(ForgeError):
        hub.forge.commit_signed(commit, base=hub.forge.head("main"))


def test_a_commit_id_that_is_an_option_is_refused(hub: Hub) -> None:
    with pytest.raises(ForgeError):
        hub.forge.file("README.md", commit="--help")

"""One suite for the Forge port: a local forge, GitHub and GitLab at their doubles, the fake."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import BranchMoved, ForgeError, NotFound
from core.ports import Commit, Forge
from core.types import Checks, ChecksState, PullRequestState
from remediation import AppCredentials, FakeForge, GithubForge, GitlabForge, LocalForge, create_key
from remediation.git_store import GitStore
from tests.contract import gitlab_double
from tests.contract.github_double import NAME, OWNER, TOKEN, GithubDouble, github
from tests.contract.gitlab_double import GitlabDouble

SEED = {"stacks/orders.yaml": b"Resources: {}\r\n# kept\r\n", "README.md": b"hello\n"}
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Hub:
    """A forge under test, another client of the same one, and what a person does there."""

    forge: Forge
    other: Callable[[], Forge]
    merge: Callable[[int, str], object]
    push: Callable[[Mapping[str, bytes]], object]
    check: Callable[[str, str], object]
    approve: Callable[[int, str], object]
    comments: Callable[[int], Sequence[str]]
    labels: Callable[[int], Sequence[str]]
    store: GitStore | None = None


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_key(tmp_path_factory.mktemp("keys") / "signing")


def _local(path: Path, key: Path) -> LocalForge:
    return LocalForge(path, url="http://forge.test/infra", signing_key=key, clock=lambda: NOW)


def _seeded(path: Path, key: Path) -> LocalForge:
    return LocalForge.create(
        path, files=SEED, url="http://forge.test/infra", signing_key=key, clock=lambda: NOW
    )


def _local_hub(folder: Path, key: Path) -> Hub:
    path = folder / "infra.git"
    forge = _seeded(path, key)
    return Hub(
        forge=forge,
        other=lambda: _local(path, key),
        merge=lambda number, by: forge.merge(number, by=by),
        push=lambda files: forge.push_files(files, branch="main", message="Later"),
        check=lambda commit, how: forge.record_check(commit, name="build", state=ChecksState(how)),
        approve=lambda number, by: forge.approve(number, by=by),
        comments=lambda number: forge.details(number).comments,
        labels=lambda number: forge.details(number).labels,
        store=forge.store,
    )


def _fake_hub() -> Hub:
    forge = FakeForge("infra", SEED)
    return Hub(
        forge=forge,
        other=lambda: forge,
        merge=lambda number, by: forge.merge(number, by=by),
        push=lambda files: forge.push_files(files, branch="main", message="Later"),
        check=lambda commit, how: _fake_check(forge, commit, ChecksState(how)),
        approve=lambda number, by: forge.approve(number, by=by),
        comments=lambda number: forge.comments[number],
        labels=lambda number: forge.labels[number],
    )


def _fake_check(forge: FakeForge, commit: str, state: ChecksState) -> None:
    failed = ("build",) if state is ChecksState.FAILED else ()
    for number, pull in forge.pulls.items():
        if pull.head_commit == commit:
            forge.check(number, Checks(state, failed))


def _gitlab_forge(double: GitlabDouble, cache: Path, key: Path) -> GitlabForge:
    return GitlabForge(
        f"{gitlab_double.NAMESPACE}/{gitlab_double.NAME}",
        cache=cache,
        signing_key=key,
        token=gitlab_double.TOKEN,
        server_url=double.url,
        clock=lambda: NOW,
    )


@contextmanager
def _gitlab_hub(folder: Path, key: Path) -> Iterator[Hub]:
    server = _seeded(folder / f"{NAME}.git", key)
    pipelines = {"pending": "running", "passed": "success", "failed": "failed"}
    with gitlab_double.gitlab(server.store) as double:
        yield Hub(
            forge=_gitlab_forge(double, folder / "cache", key),
            other=lambda: _gitlab_forge(double, folder / "cache-2", key),
            merge=lambda number, by: double.merge(number, by=by),
            push=lambda files: server.push_files(files, branch="main", message="Later"),
            check=lambda commit, how: double.pipeline(
                commit, pipelines[how], {"build": False, "optional": True}
            ),
            approve=lambda number, by: double.approved.setdefault(number, []).append(by),
            comments=lambda number: double.notes[number],
            labels=lambda number: double.requests[number]["labels"],
            store=server.store,
        )
        assert double.problems == []


@contextmanager
def _github_hub(folder: Path, key: Path) -> Iterator[Hub]:
    server = _seeded(folder / f"{NAME}.git", key)
    runs = {"pending": "", "passed": "success", "failed": "failure"}
    with github(server.store) as double:
        yield Hub(
            forge=_github_forge(double, folder / "cache", key),
            other=lambda: _github_forge(double, folder / "cache-2", key),
            merge=lambda number, by: double.merge(number, by=by),
            push=lambda files: server.push_files(files, branch="main", message="Later"),
            check=lambda commit, how: double.runs.update({commit: {"build": runs[how]}}),
            approve=lambda number, by: double.reviews.setdefault(number, []).append(
                (by, "APPROVED")
            ),
            comments=lambda number: double.comments[number],
            labels=lambda number: double.labels[number],
            store=server.store,
        )
        assert double.problems == []


def _github_forge(double: GithubDouble, cache: Path, key: Path) -> GithubForge:
    return GithubForge(
        f"{OWNER}/{NAME}",
        cache=cache,
        signing_key=key,
        token=TOKEN,
        api_url=f"{double.url}/api",
        git_url=f"{double.url}/{OWNER}/{NAME}.git",
        clock=lambda: NOW,
        write_pause_s=0,
    )


@pytest.fixture(params=["local", "github", "gitlab", "fake"])
def hub(request: pytest.FixtureRequest, tmp_path: Path, key: Path) -> Iterator[Hub]:
    if request.param == "local":
        yield _local_hub(tmp_path, key)
    elif request.param == "fake":
        yield _fake_hub()
    else:
        served = {"github": _github_hub, "gitlab": _gitlab_hub}[request.param]
        with served(tmp_path, key) as made:
            yield made


def _commit(text: bytes = b"Resources: {A: 1}\r\n", digest: str = "d1") -> Commit:
    return Commit(
        branch="plumbline/PL-S3-001-abc",
        message="Encrypt the bucket\n\nBecause.",
        files={"stacks/orders.yaml": text},
        trailers={"Finding": "f1", "Plan-Digest": digest, "Approved-by": "Dana <E/T/U1>"},
    )


def _open(forge: Forge, branch: str = "plumbline/PL-S3-001-abc") -> int:
    return forge.open_pull_request(branch=branch, into="main", title="Fix", body="Why").number


def test_a_merged_commit_anchors_the_audit_head_and_a_strangers_does_not(hub: Hub) -> None:
    commit = replace(_commit(), trailers={**_commit().trailers, "Audit-Head": "a" * 64})
    hub.forge.commit_signed(commit, base=hub.forge.head("main"))
    number = _open(hub.forge)
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

    made = hub.forge.commit_signed(_commit(), base=head)

    assert hub.forge.find_branch("plumbline/PL-S3-001-abc") == made
    assert hub.forge.head("main") == head
    assert hub.forge.file("stacks/orders.yaml", commit=made) == b"Resources: {A: 1}\r\n"
    assert hub.forge.file("README.md", commit=made) == SEED["README.md"]


def test_the_same_commit_made_twice_is_one(hub: Hub) -> None:
    head = hub.forge.head("main")

    first = hub.forge.commit_signed(_commit(), base=head)

    assert hub.other().commit_signed(_commit(), base=head) == first


def test_a_series_is_one_branch_of_commits_each_on_the_one_before(hub: Hub) -> None:
    head = hub.forge.head("main")
    first, second = _commit(), replace(_commit(digest="d2"), files={"README.md": b"two\n"})

    made = hub.forge.commit_series((first, second), base=head)

    assert hub.forge.find_branch(first.branch) == made[-1]
    assert hub.forge.file("README.md", commit=made[0]) == SEED["README.md"]
    assert hub.forge.file("stacks/orders.yaml", commit=made[1]) == b"Resources: {A: 1}\r\n"
    assert hub.other().commit_series((first, second), base=head) == made
    with pytest.raises(BranchMoved):
        hub.forge.commit_series((first, replace(second, files={"README.md": b"3"})), base=head)


@pytest.mark.parametrize("other", [_commit(b"else"), _commit(digest="d2")])
def test_a_branch_that_holds_another_change_is_refused(hub: Hub, other: Commit) -> None:
    head = hub.forge.head("main")
    hub.forge.commit_signed(_commit(), base=head)

    with pytest.raises(BranchMoved):
        hub.forge.commit_signed(other, base=head)


def test_two_clients_at_once_make_one_commit_and_one_pull_request(hub: Hub) -> None:
    head = hub.forge.head("main")
    made: list[tuple[str, int]] = []

    def work(forge: Forge) -> None:
        commit = forge.commit_signed(_commit(), base=head)
        made.append((commit, _open(forge)))

    clients = [hub.forge, hub.other()]
    threads = [threading.Thread(target=work, args=(c,)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 2
    assert len(set(made)) == 1


def test_a_pull_request_is_opened_once_and_read_back(hub: Hub) -> None:
    made = hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))

    number = _open(hub.forge)

    assert _open(hub.other()) == number
    pull = hub.other().pull_request(number)
    assert (pull.state, pull.head_commit) == (PullRequestState.OPEN, made)
    assert (pull.merge_commit, pull.merged_by) == ("", "")
    assert str(number) in pull.url


def test_a_merge_is_read_back_with_who_did_it(hub: Hub) -> None:
    made = hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)

    hub.merge(number, "dana")

    pull = hub.forge.pull_request(number)
    assert (pull.state, pull.merged_by) == (PullRequestState.MERGED, "dana")
    assert pull.merge_commit == hub.forge.head("main")
    assert pull.head_commit == made
    assert (
        hub.forge.file("stacks/orders.yaml", commit=pull.merge_commit) == b"Resources: {A: 1}\r\n"
    )


def test_asking_again_after_the_merge_gives_the_merged_pull_request(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)
    hub.merge(number, "dana")

    again = hub.forge.open_pull_request(
        branch="plumbline/PL-S3-001-abc", into="main", title="Fix", body="Why"
    )

    assert (again.number, again.state) == (number, PullRequestState.MERGED)


def test_a_merge_keeps_what_others_pushed_meanwhile(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)
    hub.push({"README.md": b"later\n"})

    hub.merge(number, "dana")

    head = hub.forge.head("main")
    assert hub.forge.file("README.md", commit=head) == b"later\n"
    assert hub.forge.file("stacks/orders.yaml", commit=head) == b"Resources: {A: 1}\r\n"


def test_a_closed_pull_request_is_closed_and_stays_so(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)

    assert hub.forge.close_pull_request(number).state is PullRequestState.CLOSED
    assert hub.forge.close_pull_request(number).state is PullRequestState.CLOSED
    assert _open(hub.forge) == number


def test_closing_after_the_merge_changes_nothing(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)
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
    made = hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)
    before = hub.forge.pull_request(number).checks

    hub.check(made, how)

    assert before == Checks()
    assert hub.forge.pull_request(number).checks == checks


def test_approvals_are_read_back(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)

    hub.approve(number, "dana")
    hub.approve(number, "omar")

    assert hub.forge.pull_request(number).approved_by == ("dana", "omar")


def test_a_conflict_is_seen_once_the_base_has_moved_into_it(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)
    before = hub.forge.pull_request(number).has_conflict
    hub.push({"README.md": b"elsewhere\n"})
    elsewhere = hub.forge.pull_request(number).has_conflict

    hub.push({"stacks/orders.yaml": b"Resources: {B: 2}\r\n# kept\r\n"})

    assert (before, elsewhere) == (False, False)
    assert hub.forge.pull_request(number).has_conflict


def test_a_comment_is_made_once(hub: Hub) -> None:
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)

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
    hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)

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


def test_foreign_words_do_not_become_trailers(hub: Hub) -> None:
    if hub.store is None:
        pytest.skip("the fake keeps no commit text")
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

    shown = hub.store.text("log", "-1", "--format=%(trailers:only,unfold)", made)
    assert shown.splitlines() == [
        "Plan-Digest: real",
        "Approved-by: Eve Plan-Digest: forged X: y Z: q",
    ]


def test_the_commit_at_the_forge_is_signed_by_our_key(hub: Hub) -> None:
    if hub.store is None:
        pytest.skip("the fake signs nothing")
    made = hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))

    hub.store.run("verify-commit", made)
    assert hub.store.text("log", "-1", "--format=%G? %GS", made) == "G plumbline@localhost"


def test_a_merge_keeps_the_signed_commit_as_it_is(hub: Hub) -> None:
    if hub.store is None:
        pytest.skip("the fake signs nothing")
    made = hub.forge.commit_signed(_commit(), base=hub.forge.head("main"))
    number = _open(hub.forge)

    hub.merge(number, "dana")

    parents = hub.store.text("log", "-1", "--format=%P", hub.forge.head("main")).split()
    assert parents[1] == made
    assert hub.store.verified(made)


def test_a_branch_that_a_stranger_made_with_our_digest_is_refused(hub: Hub) -> None:
    if hub.store is None:
        pytest.skip("the fake signs nothing")
    head = hub.forge.head("main")
    forged = hub.store.write_commit(_commit(), parents=(head,), sign=False)
    hub.store.move("refs/heads/plumbline/PL-S3-001-abc", new=forged, old="0" * 40)

    with pytest.raises(BranchMoved):
        hub.forge.commit_signed(_commit(), base=head)


def test_a_link_in_the_repository_is_neither_read_nor_written(hub: Hub) -> None:
    if hub.store is None:
        pytest.skip("the fake knows no links")
    store = hub.store
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


def test_github_refuses_a_wrong_token_in_one_clear_sentence(tmp_path: Path, key: Path) -> None:
    server = _seeded(tmp_path / f"{NAME}.git", key)
    with github(server.store) as double:
        forge = GithubForge(
            f"{OWNER}/{NAME}",
            cache=tmp_path / "cache",
            signing_key=key,
            token="wrong-token-value",
            api_url=f"{double.url}/api",
            git_url=f"{double.url}/{OWNER}/{NAME}.git",
        )
        with pytest.raises(ForgeError, match="refused the credentials") as refused:
            forge.pull_request(1)
        with pytest.raises(ForgeError) as failed:
            forge.head("main")

    assert "wrong-token-value" not in f"{refused.value}{failed.value}"


def test_a_github_app_gets_its_own_token_and_uses_it_for_git_too(tmp_path: Path, key: Path) -> None:
    server = _seeded(tmp_path / f"{NAME}.git", key)
    pem = _rsa_key(tmp_path)
    with github(server.store) as double:
        forge = GithubForge(
            f"{OWNER}/{NAME}",
            cache=tmp_path / "cache",
            signing_key=key,
            app=AppCredentials("12345", pem),
            api_url=f"{double.url}/api",
            git_url=f"{double.url}/{OWNER}/{NAME}.git",
            write_pause_s=0,
            clock=lambda: NOW,
        )
        forge.commit_signed(_commit(), base=forge.head("main"))
        number = _open(forge)

        assert forge.pull_request(number).state is PullRequestState.OPEN
        assert "POST /app/installations/7/access_tokens" in double.calls
        assert double.problems == []


def _rsa_key(folder: Path) -> str:
    import subprocess

    path = folder / "app.pem"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", str(path)],
        check=True,
        capture_output=True,
    )
    return path.read_text()


def test_an_unreachable_github_is_one_clear_sentence(tmp_path: Path, key: Path) -> None:
    forge = GithubForge(
        f"{OWNER}/{NAME}",
        cache=tmp_path / "cache",
        signing_key=key,
        token=TOKEN,
        api_url="http://127.0.0.1:9",
        git_url="http://127.0.0.1:9/x.git",
    )

    with pytest.raises(ForgeError, match="could not be reached"):
        forge.pull_request(1)
    with pytest.raises(ForgeError, match="ls-remote"):
        forge.head("main")


def test_the_token_never_lies_on_disk(tmp_path: Path, key: Path) -> None:
    server = _seeded(tmp_path / f"{NAME}.git", key)
    with github(server.store) as double:
        forge = _github_forge(double, tmp_path / "cache", key)
        forge.commit_signed(_commit(), base=forge.head("main"))

    kept = [p.read_bytes() for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert not any(TOKEN.encode() in content for content in kept)


def test_the_double_notices_a_call_that_github_does_not_have(tmp_path: Path, key: Path) -> None:
    server = _seeded(tmp_path / f"{NAME}.git", key)
    double = GithubDouble(server.store)
    if double.spec is None:
        pytest.skip("GitHub's description is not beside the repository")

    double.checked("GET", "/repos/acme/infra/pulls", {"colour": "red"}, None, 200, [])
    double.checked("POST", "/repos/acme/infra/pulls", {}, {"title": 7}, 422, {})
    double.checked("GET", "/repos/acme/infra/pullz", {}, None, 200, [])

    assert len(double.problems) >= 3

"""GitHub's own: credentials, Apps, and the double that is held against its description."""

from pathlib import Path

import pytest

from core.errors import ForgeError
from core.types import PullRequestState
from remediation import AppCredentials, GithubForge
from tests.contract.github_double import NAME, OWNER, TOKEN, GithubDouble, github
from tests.forge_world import (
    NOW,
    commit_of,
    github_forge,
    open_one,
    seeded,
)


def test_github_refuses_a_wrong_token_in_one_clear_sentence(tmp_path: Path, key: Path) -> None:
    server = seeded(tmp_path / f"{NAME}.git", key)
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
    server = seeded(tmp_path / f"{NAME}.git", key)
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
        forge.commit_signed(commit_of(), base=forge.head("main"))
        number = open_one(forge)

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
    server = seeded(tmp_path / f"{NAME}.git", key)
    with github(server.store) as double:
        forge = github_forge(double, tmp_path / "cache", key)
        forge.commit_signed(commit_of(), base=forge.head("main"))

    kept = [p.read_bytes() for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert not any(TOKEN.encode() in content for content in kept)


def test_the_double_notices_a_call_that_github_does_not_have(tmp_path: Path, key: Path) -> None:
    server = seeded(tmp_path / f"{NAME}.git", key)
    double = GithubDouble(server.store)
    if double.spec is None:
        pytest.skip("GitHub's description is not beside the repository")

    double.checked("GET", "/repos/acme/infra/pulls", {"colour": "red"}, None, 200, [])
    double.checked("POST", "/repos/acme/infra/pulls", {}, {"title": 7}, 422, {})
    double.checked("GET", "/repos/acme/infra/pullz", {}, None, 200, [])

    assert len(double.problems) >= 3

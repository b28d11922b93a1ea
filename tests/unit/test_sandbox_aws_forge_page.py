"""The forge's page escapes what people and repositories say, and answers nobody else."""

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ports import Commit
from remediation import LocalForge, Protection
from remediation.git_store import create_key
from sandbox.forge import ForgeSite
from sandbox.forge.html import Html, el

TITLE = "Fix <script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForgeSite]:
    folder = tmp_path_factory.mktemp("forge")
    forge = LocalForge.create(
        folder / "infrastructure.git",
        files={"README.md": b"# <b>estate</b>\n", "a.yaml": b"AuthType: NONE\n"},
        protection=Protection(mergers=("priya",)),
        url="http://127.0.0.1",
        signing_key=create_key(folder / "key"),
    )
    base = forge.head("main")
    for number in (1, 2):
        change = Commit(
            f"fix-{number}", "Sign", {f"{number}.yaml": b"x\n"}, {"Plan-Digest": "a" * 64}
        )
        forge.commit_signed(change, base=base)
        forge.open_pull_request(branch=f"fix-{number}", into="main", title=TITLE, body="<i>why</i>")
    with ForgeSite(forge) as started:
        yield started


# ruff: noqa: S310 - every address here is our own server's on loopback
def get(url: str, **headers: str) -> tuple[int, str]:
    return send(urllib.request.Request(url, headers=headers))


def send(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def post(url: str, body: bytes, **headers: str) -> tuple[int, str]:
    kind = {"Content-Type": "application/json", **headers}
    return send(urllib.request.Request(url, data=body, headers=kind))


def test_children_are_escaped_unless_they_are_markup() -> None:
    assert el("p", "<b>", Html("<i></i>"), title='"') == '<p title="&quot;">&lt;b&gt;<i></i></p>'


@pytest.mark.parametrize(
    "path", ["/", "/commits", "/pulls", "/pulls/1", "/deployments", "/files/a.yaml"]
)
def test_every_page_answers_and_escapes(site: ForgeSite, path: str) -> None:
    status, text = get(site.url + path)

    assert status == 200
    assert "<script>alert" not in text
    assert "<b>estate" not in text
    assert "<i>why" not in text


def test_a_commit_by_an_allowed_key_is_shown_as_verified(site: ForgeSite) -> None:
    head = site.forge.details(1).head_commit

    _, text = get(f"{site.url}/commits/{head}")

    assert "✓ verified" in text
    assert "unsigned" in get(f"{site.url}/commits")[1]


def test_branch_protection_refuses_a_merge_with_a_sentence(site: ForgeSite) -> None:
    status, text = post(f"{site.url}/api/pulls/2/merge", b'{"by": "omar"}')

    assert status == 403
    assert "omar may not merge" in text


def test_somebody_unknown_may_not_act(site: ForgeSite) -> None:
    assert post(f"{site.url}/api/pulls/2/merge", b'{"by": "mallory"}')[0] == 403
    assert post(f"{site.url}/api/pulls/2/close", b"[]")[0] == 403


def test_a_merge_survives_as_a_merge_commit(site: ForgeSite) -> None:
    head = site.forge.details(1).head_commit

    status, _ = post(f"{site.url}/api/pulls/1/merge", b'{"by": "priya"}')

    assert status == 200
    path = str(site.forge.store.path)
    log = ["git", "-C", path, "merge-base", "--is-ancestor", head, "main"]
    assert subprocess.run(log, check=False).returncode == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [("/pulls/99", 404), ("/files/none.yaml", 404), ("/files/../HEAD", 409), ("/static/x.js", 404)],
)
def test_what_is_not_there_or_outside_is_refused(site: ForgeSite, path: str, status: int) -> None:
    assert get(site.url + path)[0] == status


def test_another_sites_page_may_not_act(site: ForgeSite) -> None:
    answer = post(f"{site.url}/api/pulls/2/close", b'{"by": "priya"}', Origin="http://evil.example")

    assert answer[0] == 403
    assert site.forge.details(2).state == "open"


def test_only_loopback_names_are_answered(site: ForgeSite) -> None:
    assert get(site.url, Host="rebound.example")[0] == 421


def test_the_port_is_free_again_after_stopping(site: ForgeSite, tmp_path: Path) -> None:
    assert tmp_path.exists()
    with ForgeSite(site.forge) as other:
        url = other.url
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)

"""Open the forge that a repository's settings name."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import GitSettings, RepositorySettings
from core.errors import SettingsError
from core.ports import Forge

if TYPE_CHECKING:
    from remediation import AppCredentials


def open_forge(repository: RepositorySettings, git: GitSettings, *, home: Path) -> Forge:
    """Return the forge of a repository. Raises: SettingsError."""
    if git.signing_key is None:
        raise SettingsError("git.signing_key is not set; fixes are signed commits and need a key.")
    if not git.signing_key.expanduser().exists():
        raise SettingsError(f"git.signing_key: {git.signing_key} does not exist.")
    if repository.kind == "local":
        return _local(repository, git)
    open_remote = _gitlab if repository.kind == "gitlab" else _github
    return open_remote(repository, git, home)


def _local(repository: RepositorySettings, git: GitSettings) -> Forge:
    import remediation

    if repository.path is None:
        raise SettingsError(f"repository {repository.name}: path is not set.")
    assert git.signing_key  # noqa: S101  # checked by open_forge, for the type checker
    return remediation.LocalForge(
        repository.path.expanduser(),
        url=repository.url,
        signing_key=git.signing_key.expanduser(),
        author_name=git.author_name,
        author_email=git.author_email,
        repository=repository.name,
    )


def _github(repository: RepositorySettings, git: GitSettings, home: Path) -> Forge:
    import remediation

    token, app = os.environ.get("GITHUB_TOKEN", ""), _app_credentials()
    if not token and app is None:
        raise SettingsError(
            "Neither GITHUB_TOKEN nor GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are set; one of "
            "them pushes branches and opens pull requests."
        )
    assert git.signing_key  # noqa: S101  # checked by open_forge, for the type checker
    return remediation.GithubForge(
        repository.name,
        token=token,
        app=app,
        api_url=repository.api_url or remediation.github_forge.API_URL,
        git_url=repository.url,
        cache=home / "repositories" / repository.name,
        signing_key=git.signing_key.expanduser(),
        author_name=git.author_name,
        author_email=git.author_email,
    )


def _gitlab(repository: RepositorySettings, git: GitSettings, home: Path) -> Forge:
    import remediation

    token = os.environ.get("GITLAB_TOKEN", "")
    if not token:
        raise SettingsError(
            "GITLAB_TOKEN is not set; a project or group access token with the role Developer and "
            "the scopes api and write_repository pushes branches and opens merge requests."
        )
    assert git.signing_key  # noqa: S101  # checked by open_forge, for the type checker
    return remediation.GitlabForge(
        repository.name,
        token=token,
        server_url=repository.api_url or remediation.gitlab_forge.SERVER_URL,
        git_url=repository.url,
        cache=home / "repositories" / repository.name,
        signing_key=git.signing_key.expanduser(),
        author_name=git.author_name,
        author_email=git.author_email,
    )


def _app_credentials() -> "AppCredentials | None":
    from remediation import AppCredentials

    app_id, key = os.environ.get("GITHUB_APP_ID", ""), os.environ.get("GITHUB_APP_PRIVATE_KEY", "")
    return AppCredentials(app_id, key) if app_id and key else None

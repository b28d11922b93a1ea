"""Open the forge that a repository's settings name."""

import os
from pathlib import Path

from app.settings import GitSettings, RepositorySettings
from core.errors import SettingsError
from core.ports import Forge


def open_forge(repository: RepositorySettings, git: GitSettings, *, home: Path) -> Forge:
    """Return the forge of a repository. Raises: SettingsError."""
    if git.signing_key is None:
        raise SettingsError("git.signing_key is not set; fixes are signed commits and need a key.")
    if not git.signing_key.expanduser().exists():
        raise SettingsError(f"git.signing_key: {git.signing_key} does not exist.")
    if repository.kind == "local":
        return _local(repository, git)
    return _github(repository, git, home)


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
    )


def _github(repository: RepositorySettings, git: GitSettings, home: Path) -> Forge:
    import remediation

    token = os.environ.get("GITHUB_TOKEN", "")
    if not token:
        raise SettingsError("GITHUB_TOKEN is not set; it may push branches and open pull requests.")
    assert git.signing_key  # noqa: S101  # checked by open_forge, for the type checker
    return remediation.GithubForge(
        repository.name,
        token=token,
        api_url=repository.api_url,
        clone_url=repository.url,
        workdir=home / "repos",
        signing_key=git.signing_key.expanduser(),
        author_name=git.author_name,
        author_email=git.author_email,
    )

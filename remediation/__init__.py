"""How it is put right: blueprints, plans with proofs, signed commits, forges and rollback."""

from remediation.fake_forge import FakeForge
from remediation.git_store import create_key
from remediation.github_forge import AppCredentials, GithubForge
from remediation.gitlab_forge import GitlabForge
from remediation.link import LinkReport, Source, load_sources
from remediation.local_forge import LocalForge, LocalPullRequest, Protection
from remediation.planner import GitPlanner
from remediation.proposal import Review
from remediation.suggest import outcome, suggest

__all__ = [
    "AppCredentials",
    "FakeForge",
    "GitPlanner",
    "GithubForge",
    "GitlabForge",
    "LinkReport",
    "LocalForge",
    "LocalPullRequest",
    "Protection",
    "Review",
    "Source",
    "create_key",
    "load_sources",
    "outcome",
    "suggest",
]

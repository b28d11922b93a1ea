"""How it is put right: blueprints, plans with proofs, signed commits, forges and rollback."""

from remediation.fake_forge import FakeForge
from remediation.git_store import create_key
from remediation.github_forge import AppCredentials, GithubForge
from remediation.local_forge import LocalForge, LocalPullRequest, Protection
from remediation.planner import GitPlanner

__all__ = [
    "AppCredentials",
    "FakeForge",
    "GitPlanner",
    "GithubForge",
    "LocalForge",
    "LocalPullRequest",
    "Protection",
    "create_key",
]

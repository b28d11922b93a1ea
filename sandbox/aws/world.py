"""The sandbox's AWS with its estate: a repository on the local forge, deployed and watched."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Self

import yaml

from core.errors import CloudError
from sandbox.aws.account import settle
from sandbox.aws.deploy import Deployer
from sandbox.aws.follow import Follower, read_stacks
from sandbox.aws.server import ACCOUNT, Aws
from sandbox.aws.usage import put_usage

if TYPE_CHECKING:
    from remediation import LocalForge

REPOSITORY = "infrastructure"
BRANCH = "main"
PEOPLE = ("dana", "omar", "priya")
"""Who may merge into the protected branch, by their names in the sandbox's Slack workspace."""


@dataclass(slots=True)
class World(AbstractContextManager["World"]):
    """Everything of the local AWS and forge. A context manager: leaving it stops both."""

    aws: Aws
    forge: "LocalForge"
    deployer: Deployer
    follower: Follower
    path: Path
    signing_key: Path
    sources: Path
    people: tuple[str, ...] = PEOPLE
    _exit: ExitStack = field(default_factory=ExitStack)

    @property
    def endpoint_url(self) -> str:
        """Where boto3 finds the local AWS."""
        return self.aws.endpoint_url

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables with which a program talks to the local AWS only."""
        return self.aws.env

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions in use."""
        return (self.aws.region,)

    @property
    def account(self) -> str:
        """The account's number, moto's own."""
        return ACCOUNT

    @property
    def summary(self) -> str:
        """Say in a line what stands."""
        stacks = self.deployer.stacks
        count = sum(len(stack.resources) for stack in stacks.values())
        return (
            f"{count} resources in {len(stacks)} stacks from {self.forge.repository}; "
            "two weeks of usage metrics are generated"
        )

    def names(self, stack: str, address: str) -> frozenset[str]:
        """Return every name by which a deployed resource, or what it is a part of, is known.

        One of them occurs in the uid of the resource that a scan reads for it.
        """
        held = self.deployer.stacks[stack].resources[address]
        parts = (held.properties.get(n) for n in ("FunctionName", "TargetFunctionArn", "Bucket"))
        lists = (held.properties.get(n) or () for n in ("Queues", "Topics"))
        found = {
            held.physical_id,
            *map(str, held.attributes.values()),
            *map(str, filter(None, parts)),
        }
        found |= {str(owner) for owners in lists for owner in owners}
        return frozenset(
            found | {re.split(r"[/:]", name.rstrip("/"))[-1] for name in found if name}
        )

    def close(self) -> None:
        """Stop watching, and stop the local AWS."""
        self._exit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def estate_files() -> dict[str, bytes]:
    """Return the estate's repository: path -> bytes."""
    root = files("sandbox.estate").joinpath("repository")
    return dict(sorted(_walk(root, "")))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        else:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


def start_estate(
    workdir: Path, *, repository: Mapping[str, bytes] | None = None, forge_url: str = ""
) -> World:
    """Start the local AWS and forge below `workdir`, deploy every stack, and watch the branch.

    `repository` replaces the estate's files (it needs a `stacks.yaml`). Raises: CloudError naming
    what was not deployed.
    """
    with ExitStack() as stack:
        aws = stack.enter_context(Aws())
        settle(aws)
        key, forge = _forge(workdir, repository or estate_files(), forge_url)
        deployer = Deployer(aws, records=workdir / "deployments.json")
        follower = Follower(deployer, forge, branch=BRANCH)
        wrong = [error for done in follower.sync() for error in done.errors]
        if wrong:
            raise CloudError(f"The estate was not deployed whole: {'; '.join(wrong)}")
        put_usage(deployer)
        stack.enter_context(follower.watch())
        sources = workdir / "sources.yaml"
        sources.write_text(_sources(forge, aws.region), encoding="utf-8")
        return World(
            aws=aws,
            forge=forge,
            deployer=deployer,
            follower=follower,
            path=workdir / f"{REPOSITORY}.git",
            signing_key=key,
            sources=sources,
            _exit=stack.pop_all(),
        )


def _forge(workdir: Path, repository: Mapping[str, bytes], url: str) -> "tuple[Path, LocalForge]":
    from remediation import LocalForge
    from remediation.git_store import create_key
    from remediation.local_forge import Protection

    key = create_key(workdir / "keys" / "plumbline", comment="plumbline@localhost")
    forge = LocalForge.create(
        workdir / f"{REPOSITORY}.git",
        files=repository,
        branch=BRANCH,
        author="Larkfield platform team",
        message="Describe the infrastructure of Larkfield Outfitters",
        protection=Protection(mergers=PEOPLE),
        url=url or "http://127.0.0.1",
        signing_key=key,
        repository=REPOSITORY,
    )
    return key, forge


def _sources(forge: "LocalForge", region: str) -> str:
    """Write the sources file: which stack of which account is kept where."""
    entries = read_stacks(forge.file("stacks.yaml", commit=forge.head(BRANCH)))
    rows = [
        {
            "stack": entry.name,
            "account": ACCOUNT,
            "region": region,
            "repository": forge.repository,
            "path": entry.template,
            "branch": BRANCH,
        }
        for entry in entries
    ]
    return str(yaml.safe_dump({"stacks": rows}, sort_keys=False))

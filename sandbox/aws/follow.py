"""Keep the local AWS at a branch: after each merge, deploy the stacks whose template changed."""

import hashlib
import json
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Self

import yaml

from core.errors import ForgeError, NotFound, SettingsError
from core.ports import Forge
from sandbox.aws.deploy import Deployer
from sandbox.aws.record import Deployment

STACKS_FILE = "stacks.yaml"
_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class StackEntry:
    """One line of `stacks.yaml`: which template makes which stack."""

    name: str
    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def read_stacks(data: bytes) -> tuple[StackEntry, ...]:
    """Read `stacks.yaml`. Raises: SettingsError."""
    try:
        found: Any = yaml.safe_load(data)
        return tuple(
            StackEntry(
                name=str(entry["name"]),
                template=str(entry["template"]),
                parameters={str(k): str(v) for k, v in (entry.get("parameters") or {}).items()},
                tags={str(k): str(v) for k, v in (entry.get("tags") or {}).items()},
            )
            for entry in found["stacks"]
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{STACKS_FILE} is malformed: {error!r}") from error


class Follower(AbstractContextManager["Follower"]):
    """Deploys a branch of a forge, once with `sync` or for as long as it is watched."""

    def __init__(self, deployer: Deployer, forge: Forge, *, branch: str = "main") -> None:
        self.deployer = deployer
        self.forge = forge
        self.branch = branch
        self.commit = ""
        self._digests: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def sync(self, commit: str = "") -> tuple[Deployment, ...]:
        """Deploy the stacks whose template or parameters changed up to a commit (else the head)."""
        with self._lock:
            target = commit or self.forge.head(self.branch)
            entries = read_stacks(self.forge.file(STACKS_FILE, commit=target))
            done = [d for entry in entries if (d := self._deploy(entry, target)) is not None]
            wanted = {entry.name for entry in entries}
            for name in [n for n in reversed(list(self._digests)) if n not in wanted]:
                done.append(self.deployer.delete(name))
                del self._digests[name]
            self.commit = target
            return tuple(done)

    def _deploy(self, entry: StackEntry, commit: str) -> Deployment | None:
        data = self.forge.file(entry.template, commit=commit)
        described = json.dumps([dict(entry.parameters), dict(entry.tags)], sort_keys=True).encode()
        digest = hashlib.sha256(data + b"\0" + described).hexdigest()
        if self._digests.get(entry.name) == digest:
            return None
        deployment = self.deployer.deploy(
            entry.name,
            data,
            file=entry.template,
            parameters=entry.parameters,
            tags=entry.tags,
            commit=commit,
        )
        self._digests[entry.name] = digest
        return deployment

    def watch(self) -> Self:
        """Deploy after every merge, in the background, until closed."""
        self._thread = threading.Thread(target=self._follow, name="deployer", daemon=True)
        self._thread.start()
        return self

    def _follow(self) -> None:
        while not self._stopping.wait(_POLL_S):
            try:
                if self.forge.head(self.branch) != self.commit:
                    self.sync()
            except (ForgeError, NotFound, SettingsError) as error:
                # Recorded, so that the forge's page shows why nothing was deployed.
                self.commit = self.forge.head(self.branch)
                self.deployer.refuse(self.commit, str(error))

    def close(self) -> None:
        """Stop watching."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
            self._thread = None

    def __exit__(self, *_: object) -> None:
        self.close()

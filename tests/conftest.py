"""What every test shares: where the development data lies, and a local AWS."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from remediation import create_key
from tests.slack_recorder import Recorder, recording

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key that a machine account signs its commits with."""
    return create_key(tmp_path_factory.mktemp("keys") / "signing")


@pytest.fixture
def slack() -> Iterator[Recorder]:
    """Slack's place, taken by what remembers every call."""
    with recording() as recorder:
        yield recorder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data beside the repository; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("the development data is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def cfn_guard() -> Path:
    """The program that evaluates Guard rules. Set-up installs it: where it is missing, tests fail."""
    from policies.guard import binary

    found = binary.find()
    if found is None:
        pytest.fail(binary.MISSING, pytrace=False)
    return found


@pytest.fixture
def aws() -> Iterator[str]:
    """A fresh local AWS in a process of its own; yields its endpoint."""
    with local_aws() as endpoint:
        yield endpoint


@contextmanager
def local_aws() -> Iterator[str]:
    """Run a local AWS and point the usual variables at it; yields its endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    endpoint = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        try:
            _wait_for(endpoint)
            for name, value in {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_DEFAULT_REGION": "eu-west-1",
            }.items():
                patch.setenv(name, value)
            patch.delenv("AWS_PROFILE", raising=False)
            yield endpoint
        finally:
            process.kill()  # it has nothing to save, and waits for executions that wait
            process.wait(10)


def _wait_for(endpoint: str) -> None:
    for _ in range(200):
        try:
            with urlopen(f"{endpoint}/moto-api/data.json", timeout=5):  # noqa: S310  # loopback
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(f"moto did not start at {endpoint}")

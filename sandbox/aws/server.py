"""A local AWS: moto in a process of its own, on loopback, with made-up credentials."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Self

from core.errors import CloudError

REGION = "eu-west-1"
ACCOUNT = "123456789012"  # moto's own default
_START_S = 60.0
# Long enough for a scan of a thousand functions on two busy cores, short enough to notice a hang.
_READ_TIMEOUT_S = 60


class Aws:
    """Start a local AWS that knows nothing and reaches nothing outside this machine.

    A context manager: leaving it stops the server. Several may run beside each other.
    """

    def __init__(self, *, region: str = REGION) -> None:
        """Start the server and wait until it answers. Raises: CloudError."""
        self.region = region
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._clients: dict[tuple[str, str], Any] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.aws.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_server_environment(),
        )
        self._port = self._read_port()
        self._configure()

    @property
    def endpoint_url(self) -> str:
        """Where boto3 finds this AWS."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables with which any AWS program talks to this server only."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXMADEUP000",
            "AWS_SECRET_ACCESS_KEY": "made-up-for-the-sandbox",
            "AWS_SESSION_TOKEN": "made-up-for-the-sandbox",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str, *, region: str = "") -> Any:
        """Return a boto3 client for a service, made once."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = self._make_client(*key)
        return self._clients[key]

    def _make_client(self, service: str, region: str) -> Any:
        import boto3
        from botocore.config import Config

        session = boto3.Session(
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.env["AWS_SESSION_TOKEN"],
            region_name=region,
        )
        return session.client(
            service,
            endpoint_url=self.endpoint_url,
            config=Config(
                read_timeout=_READ_TIMEOUT_S,
                retries={"max_attempts": 1},
                s3={"addressing_style": "path"},
                parameter_validation=True,
            ),
        )

    def reset(self) -> None:
        """Forget every resource."""
        self._post("/moto-api/reset", {})
        self._configure()

    def stop(self) -> None:
        """Stop the server. Stopping twice is fine."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=5)
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read_port(self) -> int:
        if self._process.stdout is None:  # pragma: no cover - Popen was asked for a pipe
            raise CloudError("The local AWS has no output to read its port from.")
        line = self._process.stdout.readline().strip()
        if line.isdigit():
            return int(line)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        self._log.seek(0)
        tail = self._log.read().decode(errors="replace").strip().splitlines()[-1:]
        self.stop()
        raise CloudError(
            "The local AWS did not start. Install it with `pip install plumbline[sandbox]`. "
            f"It ended with status {self._process.returncode} and said: "
            f"{' '.join(tail) or 'nothing'}"
        )

    def _configure(self) -> None:
        # Functions are never executed: moto would start Docker containers for them.
        self._post(
            "/moto-api/config",
            {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}},
        )

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - always our own http://127.0.0.1
            self.endpoint_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=_START_S):  # noqa: S310 - as above
            pass


def _server_environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_"))}
    return kept | {
        "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", "")))),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_LAMBDA_STUB_ECR": "true",
        "AWS_ACCESS_KEY_ID": "AKIASANDBOXMADEUP000",
        "AWS_SECRET_ACCESS_KEY": "made-up-for-the-sandbox",
        "AWS_DEFAULT_REGION": REGION,
    }

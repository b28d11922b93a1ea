"""A local Slack workspace without an app, its Web API, and the hands of its people."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from sandbox.slack import Driver, Limits, Workspace
from tests.sandbox_slack_world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Iterator[Workspace]:
    with Workspace(
        limits=Limits(message_per_s=0, tiers=False), retry_delays_s=(), clock=clock
    ) as running:
        yield running


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return WebClient(token=workspace.bot_token, base_url=workspace.api_url)


@pytest.fixture
def driver(workspace: Workspace) -> Driver:
    return Driver(workspace.base_url)

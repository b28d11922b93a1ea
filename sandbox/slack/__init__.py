"""A local Slack workspace: Web API, Socket Mode, signed HTTP, and a page to use it in.

with Workspace(port=0) as workspace:
    app = slack_bolt.App(client=WebClient(token=workspace.bot_token, base_url=workspace.api_url))
    SocketModeHandler(app, workspace.app_token).connect()
    Driver(workspace.base_url).slash("dana", "#plumbline-findings", "/plumb help")
"""

from sandbox.slack.driver import Driver, Refused
from sandbox.slack.server import Workspace
from sandbox.slack.state import Command
from sandbox.slack.web_api import Limits

__all__ = ["Command", "Driver", "Limits", "Refused", "Workspace"]

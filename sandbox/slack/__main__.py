"""Run the workspace by itself: `python -m sandbox.slack --port 8100`."""

import argparse
import threading
from collections.abc import Sequence

from sandbox.slack.server import Workspace


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until interrupted, after printing what an app needs to connect."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=8100, help="0 takes a free one")
    parser.add_argument(
        "--request-url", default="", help="deliver signed HTTP requests here, not Socket Mode"
    )
    options = parser.parse_args(argv)
    with Workspace(options.port, request_url=options.request_url) as workspace:
        lines = (
            f"page                  {workspace.base_url}/",
            f"SLACK_API_URL         {workspace.api_url}",
            f"SLACK_BOT_TOKEN       {workspace.bot_token}",
            f"SLACK_APP_TOKEN       {workspace.app_token}",
            f"SLACK_SIGNING_SECRET  {workspace.signing_secret}",
        )
        print(*lines, sep="\n", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()

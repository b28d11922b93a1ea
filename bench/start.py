"""How long the bot takes from its start until its handlers are registered and Slack is connected.

Run: .venv/bin/python -m bench.start
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.slack import Workspace

RUNS = 5
TIMEOUT_S = 60.0


def main() -> None:
    """Print the minimum, median and maximum over several starts."""
    seconds = sorted(_once() for _ in range(RUNS))
    print(
        f"bot ready (process start to open connection), {RUNS} runs: "
        f"min {seconds[0]:.2f} s, median {statistics.median(seconds):.2f} s, max {seconds[-1]:.2f} s"
    )


def _once() -> float:
    with tempfile.TemporaryDirectory() as folder, Workspace() as workspace:
        home = Path(folder)
        settings = f'[slack]\nchannel = "C0FINDINGS1"\napi_url = "{workspace.api_url}"\n'
        (home / "plumbline.toml").write_text(settings, encoding="utf-8")
        environment = {
            **os.environ,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
        }
        command = [sys.executable, "-m", "app.cli", "--home", folder, "serve", "--only", "bot"]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            while not workspace.delivery.is_reachable:
                if time.perf_counter() - began > TIMEOUT_S:
                    raise TimeoutError("the bot did not connect")
                time.sleep(0.005)
            return time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    main()

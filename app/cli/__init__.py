"""The command line: `plumbline`."""

from app.cli.main import main

__all__ = ["main"]

"""The web page of the local Git forge: files, commits, pull requests, deployments."""

from sandbox.forge.site import ForgeSite

__all__ = ["ForgeSite"]

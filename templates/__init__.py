"""Infrastructure code: read it with its places, edit it byte by byte."""

from templates.skip import Skip, comments, skips
from templates.template import Declared, Template, read

__all__ = ["Declared", "Skip", "Template", "comments", "read", "skips"]

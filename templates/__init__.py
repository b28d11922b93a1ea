"""Infrastructure code: read it with its places, edit it byte by byte."""

from templates.outline import Declared, Outline, read_outline
from templates.skip import Skip, comments, skips
from templates.template import Template, read

__all__ = ["Declared", "Outline", "Skip", "Template", "comments", "read", "read_outline", "skips"]

"""Infrastructure code: read it with its places, edit it byte by byte."""

from templates.template import Declared, Template, read

__all__ = ["Declared", "Template", "read"]

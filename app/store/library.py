"""Import sqlite-utils without pandas and numpy.

sqlite-utils imports both where they are installed (shap brings them), to accept their scalar types.
We never pass any, and the imports cost the bot a second of its start (docs/performance.md).
"""

import sys
from typing import Any

_ABSENT: Any = None
_hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = _ABSENT  # makes importing it raise ImportError
try:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations
finally:
    for _name in _hidden:
        del sys.modules[_name]

__all__ = ["Database", "Migrations"]

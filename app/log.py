"""Structured logs on standard output: a constant event name, facts as fields."""

import logging
import sys
from functools import cache
from typing import Any

from core.without import without

with without("rich"):
    import structlog


@cache
def logger() -> Any:
    """Return the process's logger. JSON lines, or coloured text on a terminal."""
    renderer: Any = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return structlog.get_logger()

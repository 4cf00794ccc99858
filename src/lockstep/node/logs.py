"""Log lines on standard error: JSON for machines, colours for people; what is bound (chain, job) stands in each."""

import logging
import sys
from typing import Literal

import structlog

from lockstep.errors import ConfigError

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure_logs(form: Literal["json", "console"] = "json", level: str = "info") -> None:
    """For the whole process."""
    if level not in LEVELS:
        raise ConfigError("config/log-level", "no such level", value=level, remedy=", ".join(LEVELS))
    last: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if form == "console":
        last = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if form == "json" else []),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

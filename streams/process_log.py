"""How a process that goes on running writes its log: JSON lines on standard error.

The upper floor's commands set it up by their settings, `streams.worker` by itself where nobody has.
"""

import logging
import sys
from typing import Final

import structlog

_LIBRARIES: Final = ("uvicorn", "httpx", "aiokafka", "kafka", "faust", "mode")
"""What they say at INFO is about themselves."""


def set_up_logging(level: str) -> None:
    """Write lines of a level (`info`) or more severe ones, ours and those of libraries."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=number, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

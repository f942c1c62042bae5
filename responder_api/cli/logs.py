"""How a process that goes on running writes its log: JSON lines on standard error."""

import logging
import sys

import structlog


def set_up_logging(level: str) -> None:
    """Write lines of a level (`info`) or more severe ones, ours and those of libraries."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=number, format="%(message)s", stream=sys.stderr)
    for library in ("uvicorn", "httpx", "aiokafka", "kafka"):
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

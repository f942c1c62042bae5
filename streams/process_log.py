"""How a process that goes on running writes its log: JSON lines on standard error, ours and those of libraries.

The upper floor's commands set it up by their settings, `streams.worker` by itself where nobody has.
"""

import logging
import sys
from collections import OrderedDict
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

_LIBRARIES: Final = ("uvicorn", "httpx", "aiokafka", "kafka", "faust", "mode", "streams.worker")
"""What they say at INFO is about themselves. Faust speaks in the name of the module that its app stands in."""
_OURS: Final = "dharura"
_MEANS_NOTHING: Final = ("Missing sensor state for rebalance",)
"""Said at each rebalance by a part of Faust that we do not use."""
QUIET_S: Final = 10.0
"""How long a library that said something does not say it again: while Kafka is away, aiokafka would a thousand times
a second."""
_MOST_SAID: Final = 1000


class Seldom(logging.Filter):
    """Let a library say each thing once in QUIET_S; the next one that passes tells how often it was said meanwhile.

    By the records' own times. What is the same is the wording, whatever it is filled with.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is to be written; one that speaks for others gets `repeated`."""
        if record.name.partition(".")[0] == _OURS:
            return True
        wording = str(record.msg)
        if any(words in wording for words in _MEANS_NOTHING):
            return False
        key = (record.name, wording)
        last, held = self._said.get(key, (-QUIET_S, 0))
        if record.created - last < QUIET_S:
            self._said[key] = (last, held + 1)
            return False
        self._said[key] = (record.created, 0)
        self._said.move_to_end(key)
        if len(self._said) > _MOST_SAID:
            self._said.popitem(last=False)
        if held:
            record.repeated = held
        return True


def set_up_logging(level: str) -> None:
    """Write lines of a level (`info`) or more severe ones, ours and those of libraries."""
    number = logging.getLevelNamesMapping()[level.upper()]
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Seldom())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, _repeated, stamp],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=number, handlers=[handler])
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            stamp,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _repeated(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Carry over how many lines this one speaks for."""
    if held := getattr(line["_record"], "repeated", 0):
        line["repeated"] = held
    return line

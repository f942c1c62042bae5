"""A process's log: each line is JSON, and a library that says one thing a thousand times is written once."""

import json
import logging
import subprocess
import sys

from streams.process_log import QUIET_S, Seldom


def _record(at: float, words: str = "Unable connect to node %s", name: str = "aiokafka") -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, words, (1,), None)
    record.created = at
    return record


def test_a_library_says_a_thing_once_and_later_how_often_it_was_said() -> None:
    seldom = Seldom()
    passed = [record for i in range(25) if seldom.filter(record := _record(1000.0 + i))]
    assert [record.created - 1000.0 for record in passed] == [0.0, QUIET_S, 2 * QUIET_S]
    assert [getattr(record, "repeated", 0) for record in passed] == [0, 9, 9]


def test_another_wording_another_library_and_our_own_lines_are_not_held_back() -> None:
    seldom = Seldom()
    assert seldom.filter(_record(1.0))
    assert seldom.filter(_record(1.0, "Unable to update metadata from %s"))
    assert seldom.filter(_record(1.0, name="aiokafka.consumer"))
    assert [seldom.filter(_record(1.0, name="dharura.door")) for _ in range(3)] == [True] * 3


def test_what_means_nothing_is_not_written() -> None:
    assert not Seldom().filter(_record(1.0, "[^-App]: Missing sensor state for rebalance #%s", "streams.worker"))


def test_every_line_on_standard_error_is_json_with_the_exception_in_it() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _SPEAK], capture_output=True, text=True, check=True
    ).stderr.splitlines()
    lines = [json.loads(line) for line in said]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("Unable connect to 7", "error"),
        ("it broke", "error"),
        ("a duty begins", "info"),
    ]
    assert lines[0]["logger"] == "aiokafka"
    assert "ZeroDivisionError" in lines[1]["exception"]
    assert all("timestamp" in line for line in lines)


_SPEAK = """
import logging, structlog
from streams.process_log import set_up_logging
set_up_logging("info")
for _ in range(5):
    logging.getLogger("aiokafka").error("Unable connect to %s", 7)
logging.getLogger("aiokafka").info("not said: it is about itself")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("asyncio").exception("it broke")
structlog.get_logger().info("a duty begins")
"""

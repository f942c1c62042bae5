"""docs/live.md names every message, every close code and every reason."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from responder_api import live_protocol
from responder_api.hub import REPLAY_MOST, Snapshot
from responder_api.live_limits import DEFAULTS, FAULTS_MOST, MESSAGE_MOST, Limits
from responder_api.live_protocol import Close, Said

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")


def rows() -> dict[str, str]:
    return {found[1]: found[0] for found in re.finditer(r"^\| `?([a-z]+|\d{4})`? \|.*$", PAGE, re.MULTILINE)}


def tagged() -> list[type[msgspec.Struct]]:
    found = [value for value in vars(live_protocol).values() if isinstance(value, type)]
    return [s for s in found if issubclass(s, msgspec.Struct) and s.__struct_config__.tag]


@pytest.mark.parametrize("struct", tagged(), ids=lambda struct: struct.__name__)
def test_every_message_stands_in_its_table_with_its_fields(struct: type[msgspec.Struct]) -> None:
    row = rows()[str(struct.__struct_config__.tag)]
    for field in struct.__struct_fields__:
        assert field == "ref" or f"`{field}`" in row


@pytest.mark.parametrize("close", [close for close in Close if close != Close.INTERNAL])
def test_every_close_code_stands_in_its_table(close: Close) -> None:
    assert str(int(close)) in rows()


def test_every_reason_that_the_code_gives_is_explained() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "responder_api").glob("live*.py"))
    given = set(re.findall(r'Close\.[A-Z_]+, "([a-z-]+)"', sources)) | set(
        re.findall(r'Rejected\("([a-z-]+)"', sources)
    )
    assert {"restart", "feed-gap", "slow-consumer", "frame-not-understood"} <= given
    assert {code for code in given if f"`{code}`" not in PAGE} <= {"internal"}
    assert all(f"`{reason}`" in PAGE for reason in get_args(Snapshot.__annotations__["reason"]))
    assert len(get_args(Said)) == 5


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"{MESSAGE_MOST // 1024} KB" in PAGE
    assert f"up to {Limits().queue_bytes // 1024} KB waiting" in PAGE
    assert f"more than {REPLAY_MOST:,} changes" in PAGE
    assert f"too many sockets open ({DEFAULTS.per_account})" in PAGE
    assert f"within {DEFAULTS.rhythm.hello:.0f} s" in PAGE
    assert f"for {DEFAULTS.rhythm.ping + DEFAULTS.rhythm.pong:.0f} s" in PAGE
    assert f"Every {DEFAULTS.rhythm.heartbeat:.0f} s" in PAGE
    assert FAULTS_MOST == 5
    assert DEFAULTS.rhythm.recheck < 60

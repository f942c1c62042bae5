"""The outbox: whole lines, in a file, whatever happens beside."""

import asyncio
import stat
from pathlib import Path

import msgspec

from alerts.channels import Channel, Message
from alerts.channels.outbox import Outbox


def message(n: int, text: str = "Hatari: mafuriko Ahero") -> Message:
    return Message(id=f"m{n}", to=f"+2547{n:08d}", text=text, language="sw", kind="warning")


async def test_every_message_becomes_one_line(tmp_path: Path) -> None:
    channel: Channel = Outbox(tmp_path / "outbox.jsonl")
    sent = [message(n, "x" * n + "\n\u00e9") for n in range(60)]
    receipts = await asyncio.gather(*map(channel.send, sent))
    lines = (tmp_path / "outbox.jsonl").read_bytes().splitlines()
    written = [msgspec.json.decode(line, type=Message) for line in lines]
    assert sorted(written, key=lambda one: int(one.id[1:])) == sent
    assert [receipt.provider_id for receipt in receipts] == [f"outbox:m{n}" for n in range(60)]
    assert {receipt.state for receipt in receipts} == {"sent"}


async def test_phone_numbers_in_it_are_for_its_owner_only(tmp_path: Path) -> None:
    await Outbox(tmp_path / "outbox.jsonl").send(message(1))
    assert stat.S_IMODE((tmp_path / "outbox.jsonl").stat().st_mode) == 0o600


async def test_a_file_that_cannot_be_written_is_a_failure_worth_another_attempt(tmp_path: Path) -> None:
    receipt = await Outbox(tmp_path / "missing" / "outbox.jsonl").send(message(1))
    assert (receipt.state, receipt.retry) == ("failed", True)


async def test_a_full_disk_leaves_no_half_line() -> None:
    receipt = await Outbox(Path("/dev/full")).send(message(1))
    assert (receipt.state, receipt.retry) == ("failed", True)

"""The power goes at any moment: what was answered 202 is on the disk, the log opens, its chain holds (F2).

The real server runs under strace. From what it wrote, synced and answered, in that order, the disk is made again as a
power cut leaves it: what was synced is there; what was written since may be there, in part, torn, or not at all.
"""

import asyncio
import random
import re
import select
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from streams.database import FILE
from streams.embedded import Embedded
from streams.events import decode
from streams.log_damage import verify_chain
from tests.system.conftest import Server

STRACE = [
    *("strace", "-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "200000"),
    *("-e", "trace=pwrite64,fdatasync,fsync,ftruncate,unlink,write,writev,sendto,sendmsg"),
]
SECTOR = 512
REPORTS = 24
TEXTS = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
CALL = re.compile(r"^(\d+) +(\w+)\((?:\d+<([^>]*)>)?(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>")
ACCEPTED = re.compile(rb'"id":"([0-9a-f-]{36})","reference":"[^"]+","status":"accepted"')
"""The body of a 202: it leaves after its head."""


class Write(NamedTuple):
    """Bytes at a place of a file; None cuts the file off there."""

    file: str
    at: int
    data: bytes | None


class Done(NamedTuple):
    """What the server did next: wrote, synced a file, removed it, or answered 202 with these ids."""

    write: Write | None = None
    synced: str | None = None
    removed: str | None = None
    answered: tuple[str, ...] = ()


def plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def story(trace: Path) -> Iterator[Done]:
    """Read what strace wrote down."""
    syncing: dict[str, str] = {}
    for text in trace.read_text().splitlines():
        if again := RESUMED.match(text):
            if (file := syncing.pop(again[1], None)) is not None:
                yield Done(synced=file)
            continue
        call = CALL.match(text)
        if call is None:
            continue
        thread, name, path, rest = call.groups()
        file = Path(plain(path).decode(errors="replace")).name if path and path.startswith("\\x") else ""
        texts = [plain(found) for found in TEXTS.findall(rest)]
        if name == "unlink":
            yield Done(removed=Path(texts[0].decode()).name)
        elif not file.startswith(FILE):
            if ids := ACCEPTED.findall(b"".join(texts)):
                yield Done(answered=tuple(id_.decode() for id_ in ids))
        elif name == "pwrite64":
            yield Done(write=Write(file, int(re.findall(r", \d+, (\d+)", rest)[-1]), texts[0]))
        elif name == "ftruncate":
            yield Done(write=Write(file, int(re.findall(r", (\d+)", rest)[-1]), None))
        elif name in ("fdatasync", "fsync"):
            if "<unfinished" in rest:
                syncing[thread] = file
            else:
                yield Done(synced=file)


class Disk:
    """A disk on which only what was synced is sure."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.sure = {name: bytearray(data) for name, data in files.items()}
        self.unsure: list[Write] = []

    def take(self, done: Done) -> None:
        if done.write is not None:
            self.unsure.append(done.write)
        elif done.synced is not None:
            for each in self.unsure:
                if each.file == done.synced:
                    put(self.sure, each)
            self.unsure = [each for each in self.unsure if each.file != done.synced]
        elif done.removed is not None:
            self.sure.pop(done.removed, None)
            self.unsure = [each for each in self.unsure if each.file != done.removed]

    def after_the_cut(self, folder: Path, kept: str, chance: random.Random) -> None:
        """Write the files as they are found: none, all, or some torn part of what was not synced."""
        files = {name: bytearray(data) for name, data in self.sure.items()}
        for each in self.unsure:
            if kept == "all" or (kept == "some" and chance.random() < 0.5):
                put(files, torn(each, chance) if kept == "some" else each)
        folder.mkdir()
        for name, data in files.items():
            if not name.endswith("-shm"):
                (folder / name).write_bytes(data)


def put(files: dict[str, bytearray], write: Write) -> None:
    data = files.setdefault(write.file, bytearray())
    if write.data is None:
        del data[write.at :]
        return
    data.extend(bytes(max(0, write.at + len(write.data) - len(data))))
    data[write.at : write.at + len(write.data)] = write.data


def torn(write: Write, chance: random.Random) -> Write:
    if write.data is None or len(write.data) <= SECTOR:
        return write
    sectors = chance.randrange(1, len(write.data) // SECTOR + 1)
    return write._replace(data=write.data[: sectors * SECTOR])


async def load(server: Server) -> None:
    """Send reports from three sides at once."""

    async def post(who: int) -> None:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=None) as client:  # noqa: S113
            for n in range(REPORTS // 3):
                body = {"text": f"flood {who}/{n}", "hazard": "flood", "lon": 34.7617, "lat": -0.0917}
                assert (await client.post("/intake/reports", json=body)).status_code == 202

    await asyncio.gather(*(post(who) for who in range(3)))


def traced(server: Server, trace: Path) -> dict[str, bytes]:
    """Run the server under strace, load it and stop it; give the files as they stood before."""
    server.start()
    assert server.stop() in (0, -signal.SIGTERM)
    before = {path.name: path.read_bytes() for path in server.data.glob(f"{FILE}*")}
    plainly = server.command
    server.command = [*STRACE, "-o", str(trace), *plainly]
    server.start()
    assert server.process is not None
    pid = server.process.pid
    asyncio.run(load(server))
    assert server.stop() in (0, -signal.SIGTERM)
    while not re.search(rf"^{pid} +\+\+\+ ", trace.read_text(), re.MULTILINE):  # strace outlives what it watches
        select.select([], [], [], 0.05)
    return before


@pytest.mark.system("strace")
def test_no_power_cut_loses_what_was_accepted(server: Server, tmp_path: Path) -> None:
    before = traced(server, tmp_path / "trace")
    deeds = list(story(tmp_path / "trace"))
    answers = [n for n, done in enumerate(deeds) if done.answered]
    assert sum(len(deeds[n].answered) for n in answers) == REPORTS
    assert any(done.synced == f"{FILE}-wal" for done in deeds)
    chance = random.Random(20260427)
    cuts = {*answers, len(deeds) - 1, *chance.sample(range(answers[0], len(deeds)), 60)}
    disk, accepted, opened = Disk(before), set[str](), 0
    for n, done in enumerate(deeds):
        disk.take(done)
        accepted |= set(done.answered)
        if n not in cuts:
            continue
        for kept in ("none", "all", "some", "some"):
            folder = tmp_path / "found"
            disk.after_the_cut(folder, kept, chance)
            assert accepted <= opens(folder), f"cut after step {n}, {kept} of what was not synced kept"
            opened += 1
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
    assert opened >= 4 * REPORTS


def opens(folder: Path) -> set[str]:
    """Start on what was found, check all of it, and give the ids in the log."""
    host = Embedded(folder, ())
    host.start()
    host.stop()
    with closing(sqlite3.connect(folder / FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        verify_chain(connection)
        return {decode(data).id for (data,) in connection.execute("SELECT event FROM log")}

"""Nodes that die, are replaced or are stormed: every client has every frame of its scope once, in order (F20)."""

import asyncio
import resource
from collections.abc import Sequence

import pytest

from tests.cluster.nodes.conftest import Whole
from tests.cluster.nodes.phones import Phone, listening

pytestmark = pytest.mark.system("kafka", "postgresql")

CLIENTS = 200
STORM = 4000
PER_ACCOUNT = 50  # of the 64 sockets that an account may have


async def crowd(whole: Whole, count: int, *, first: int = 1) -> dict[str, list[Phone]]:
    """Give so many clients of a few accounts, by account; every other account sees less than the first."""
    found = {}
    for n in range(-(-count // PER_ACCOUNT)):
        grants = (("operator", "KE.042"),) if n % 2 == 0 else (("responder", "KE.042.240"),)
        name = await whole.person(f"crowd-{n}", *grants)
        found[name] = [whole.phone(name, first=first) for _ in range(min(PER_ACCOUNT, count - n * PER_ACCOUNT))]
    return found


async def everyone_has_everything(whole: Whole, crowded: dict[str, list[Phone]], ids: Sequence[str]) -> None:
    """Make sure that each accepted report is in the log once, and that everybody was told everything of theirs."""
    assert len(set(ids)) == len(ids)
    await whole.settled(ids)
    for id_ in ids:
        stands = await whole.ask(2, "GET", f"/reports/{id_}", next(iter(crowded)))
        assert stands.status_code == 200
        assert stands.json()["incident"]
    for name, phones in crowded.items():
        await whole.all_heard(name, phones)
        assert all(phone.resyncs == ["fresh"] for phone in phones), "the first snapshot was not the only one"


async def test_the_clients_of_a_killed_node_go_on_at_the_other(whole: Whole) -> None:
    crowded = await crowd(whole, CLIENTS)
    phones = [phone for group in crowded.values() for phone in group]
    async with listening(phones):
        ids = [await whole.report([1]) for _ in range(5)]
        load = asyncio.create_task(reports(whole, [1, 2], 40))
        await phones[0].until(lambda phone: len(phone.got) > 0)
        whole.processes.node(1).kill()
        for phone in phones:
            await phone.until(lambda each: each.welcomes > 1)
        ids += await load
        await everyone_has_everything(whole, crowded, ids)
    assert {code for phone in phones for code in phone.closed} == {1006}


async def test_a_rolling_restart_loses_no_frame(whole: Whole) -> None:
    crowded = await crowd(whole, 40, first=1) | {
        await whole.person("second", ("operator", "KE.042")): [whole.phone("second", first=2) for _ in range(40)]
    }
    phones = [phone for group in crowded.values() for phone in group]
    async with listening(phones):
        load = asyncio.create_task(reports(whole, [1, 2], 60))
        for n in (1, 2):
            node = whole.processes.node(n)
            node.tell_to_stop()
            await asyncio.to_thread(node.stop)
            assert not node.running
            await asyncio.to_thread(node.start)
        ids = await load
        for phone in phones:
            await phone.until(lambda each: each.welcomes > 1)
        await everyone_has_everything(whole, crowded, ids)
    assert {code for phone in phones for code in phone.closed} == {1012}, "sent away otherwise than by a restart"


async def test_a_storm_of_clients_that_come_back_is_served(whole: Whole) -> None:  # F20
    crowded = await crowd(whole, min(STORM, _files_most() - 1000))
    phones = [phone for group in crowded.values() for phone in group]
    async with listening(phones):
        ids = [await whole.report([1]) for _ in range(10)]
        there = {phone: phone.welcomes for phone in phones if phone.at.startswith(whole.url(1).replace("http", "ws"))}
        assert len(there) > len(phones) // 2  # who had to wait for long at the beginning has tried the other node
        whole.processes.node(1).kill()  # all come to the second node at once
        ids += await reports(whole, [2], 10)
        await everyone_has_everything(whole, crowded, ids)
    assert all(phone.welcomes > before for phone, before in there.items())


async def test_a_node_that_hears_nothing_of_the_feed_catches_up(whole: Whole) -> None:
    name = await whole.person("deaf", ("operator", "KE.042"))
    phone = whole.phone(name, first=2)
    async with listening([phone]):
        whole.processes.node(2).freeze()
        ids = [await whole.report([1]) for _ in range(10)]
        await whole.settled(ids)
        whole.processes.node(2).thaw()
        await whole.all_heard(name, [phone])


def _files_most() -> int:
    """Let this process, and those that it starts, open as many files as they may; give how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


async def reports(whole: Whole, nodes: Sequence[int], count: int) -> list[str]:
    """Report one after the other, to whichever node is there; give the ids that were answered 202."""
    return [await whole.report(nodes if n % 2 else nodes[::-1]) for n in range(count)]

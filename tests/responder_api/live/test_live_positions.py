"""A client that was away gets exactly what it missed, or is told that it cannot."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from responder_api.live_limits import Limits, LiveSettings
from responder_api.live_reader import PAGE

if TYPE_CHECKING:
    from tests.responder_api.live.conftest import Node

WARD = "KE.042.238.1189"
OTHER_WARD = "KE.042.239.1190"


async def test_first_a_snapshot_then_live(node: "Node") -> None:
    node.change("i1", state="open")
    node.change("i2", entries=("operator:KE.041",), state="open")
    async with node.phone() as phone:
        assert (await phone.next()) == {"type": "resync", "reason": "fresh"}
        snapshot = await phone.next()
        assert (snapshot["position"], snapshot["part"], snapshot["of"]) == ("e1:2", 1, 1)
        assert phone.shows == {"i1": {"state": "open"}}
        node.change("i1", state="closed")
        assert (await phone.next())["value"] == {"state": "closed"}
    assert node.live.resyncs == 1
    assert node.live.sent == 1


async def test_the_welcome_says_where_and_who(node: "Node") -> None:
    node.people["chief"] = frozenset({("admin", "KE.042")})
    node.change()
    async with node.phone("chief", ref="r1") as phone:
        (welcome,) = phone.said
    assert welcome["position"] == "e1:1"
    assert welcome["epoch"] == "e1"
    assert welcome["heartbeat_s"] == 20
    assert welcome["viewer"] == {"account": "chief", "person": "chief", "grants": [["admin", "KE.042"]]}
    assert 3590 <= welcome["expires_in_s"] <= 3600
    assert welcome["ref"] == "r1"
    assert 0 < welcome["retry_after_ms"] <= 1000


@pytest.mark.parametrize("missed", [0, 1, 3, PAGE, 3 * PAGE + 5])
async def test_what_was_missed_is_replayed_exactly(node: "Node", missed: int) -> None:  # F21: last seq
    node.change()
    for number in range(missed):
        node.change(entries=(f"operator:{WARD}" if number % 3 else "operator:KE.001",), n=number)
    async with node.phone(position="e1:1") as phone:
        last = node.change(n="last")
        await phone.reach(last.offset)
    expected = [frame.offset for frame in node.views.feed[1:] if frame.audience == (f"operator:{WARD}",)]
    assert phone.got == expected
    assert "resync" not in [message["type"] for message in phone.said]


async def test_a_replay_from_the_store_runs_over_into_memory_and_live(start: Any, memory_views: Any) -> None:  # F21
    views = memory_views()
    for number in range(3 * PAGE):
        views.commit("incident", "i1", ("public",), {"n": number})
    # The node's memory is empty: all of this is read from the store.
    async with start(views) as node, node.phone(position="e1:7") as phone:
        for number in range(20):
            node.change(entries=("public",), n=number)
        await phone.reach(3 * PAGE + 20)
        assert phone.got == list(range(8, 3 * PAGE + 21))


async def test_too_far_behind_is_a_stated_gap_and_a_snapshot(start: Any, memory_views: Any) -> None:  # F21: 10^4
    views = memory_views()
    for number in range(10_001):
        views.commit("incident", f"i{number % 7}", ("public",), {"n": number})
    async with start(views) as node, node.phone(position="e1:1") as phone:
        assert (await phone.next()) == {"type": "resync", "reason": "too-old"}
        await phone.reach(10_001)
        assert phone.shows["i0"] == {"n": 9996}
        assert phone.got == []


async def test_pruned_rows_are_a_stated_gap_even_when_found_out_late(start: Any, memory_views: Any) -> None:
    views = memory_views()
    for number in range(500):
        views.commit("incident", "i1", ("public",), {"n": number})
    async with start(views) as node:
        async with node.phone(position="e1:400") as phone:  # the node now believes that all 500 are there
            await phone.reach(500)
        views.prune(10)
        async with node.phone(position="e1:100") as phone:
            assert (await phone.next()) == {"type": "resync", "reason": "too-old"}
            await phone.reach(500)


async def test_another_epoch_is_a_stated_gap(node: "Node") -> None:  # F21: wrong epoch
    node.change("i1", n=1)
    async with node.phone(position="e0:1") as phone:
        assert (await phone.next()) == {"type": "resync", "reason": "epoch-changed"}
        await phone.reach(1)
        assert phone.shows == {"i1": {"n": 1}}


async def test_the_future_is_refused(node: "Node") -> None:  # F21: future seq
    node.change()
    async with node.call() as phone:
        await phone.say(type="hello", token="amina", position="e1:2")
        assert await phone.end() == (4400, "position-in-future")
        assert phone.said[-1]["code"] == "position-in-future"


async def test_a_position_ahead_of_this_node_but_not_of_the_store_waits_for_its_own(node: "Node") -> None:
    """Another node of the cluster was further: nothing is repeated, nothing is missed."""
    frames = [node.views.commit("incident", "i1", ("public",), {"n": n}) for n in range(1, 4)]
    node.live.publish(frames[:1])
    async with node.phone(position="e1:2") as phone:
        node.live.publish(frames[1:])
        await phone.reach(3)
        assert phone.got == [3]


async def test_a_hole_in_what_is_published_is_filled_from_the_store(node: "Node") -> None:
    async with node.phone(position="e1:0") as phone:
        frames = [node.views.commit("incident", "i1", ("public",), {"n": n}) for n in range(1, 1001)]
        node.live.publish(frames[:3])
        node.live.publish(frames[900:950])
        node.live.publish(frames[950:])  # arrives while the hole is being filled
        await phone.reach(1000)
        assert phone.got == list(range(1, 1001))
        node.change(entries=("public",))
        await phone.reach(1001)


async def test_a_hole_that_the_store_has_lost_sends_everybody_to_resync(node: "Node") -> None:
    async with node.phone(position="e1:0") as phone:
        for number in range(100):
            node.views.commit("incident", "i1", ("public",), {"n": number})
        node.views.prune(1)
        node.live.publish(node.views.feed)
        code, why = await phone.end()
        assert (code, why.split()[0]) == (1012, "feed-gap")
    async with node.phone(position="e1:0") as phone:
        assert (await phone.next()) == {"type": "resync", "reason": "too-old"}
        await phone.reach(100)
        node.change(entries=("public",))
        await phone.reach(101)


async def test_what_is_published_while_a_client_catches_up_is_neither_lost_nor_repeated(node: "Node") -> None:
    for number in range(700):
        node.change(entries=("public",), n=number)
    async with asyncio.TaskGroup() as group:

        async def come_and_go(start: int) -> None:
            position, got = f"e1:{start}", []
            for stop in (900, 1400, 2000):
                async with node.phone(position=position) as phone:
                    await phone.reach(min(stop, 2000))
                    got += phone.got
                    position = phone.position or ""
            assert got == list(range(start + 1, got[-1] + 1))
            assert got[-1] == 2000

        async def go_on() -> None:
            for number in range(1300):
                node.change(entries=("public",), n=number)
                await asyncio.sleep(0)

        for start in range(0, 700, 70):
            group.create_task(come_and_go(start))
        group.create_task(go_on())


async def test_a_narrower_scope_hears_less_and_what_is_mine_always(node: "Node") -> None:
    async with node.phone(position="e1:0", kinds=["incident"], areas=[OTHER_WARD]) as phone:
        node.change("i1", entries=(f"operator:{WARD}",))
        node.change("a1", entries=(f"operator:{OTHER_WARD}",), kind="alert")
        node.change("i2", entries=("operator:KE.042.239",))
        node.change("i3", entries=(f"operator:{WARD}", "person:amina"))
        node.change("i4", entries=(f"operator:{OTHER_WARD}",))
        await phone.reach(5)
        assert phone.got == [3, 4, 5]


async def test_a_snapshot_comes_in_parts_of_bounded_size(node: "Node") -> None:
    for number in range(40):
        node.views.commit("incident", f"i{number}", ("public",), {"text": "x" * 10_000})
    node.live.publish(node.views.feed)
    async with node.phone() as phone:
        assert (await phone.next())["type"] == "resync"
        sizes = []
        while True:
            raw = await phone.line.recv()
            sizes.append(len(raw))
            part = json.loads(raw)
            phone.shows |= {shown["id"]: shown["value"] for shown in part["documents"]}
            if part["part"] == part["of"]:
                break
    assert len(sizes) == part["of"] == 10
    assert max(sizes) < 64 * 1024
    assert len(phone.shows) == 40


async def test_who_sees_through_other_eyes_than_when_it_left_is_shown_everything_anew(node: "Node") -> None:
    node.change("i1", entries=("operator:KE.041",))
    async with node.phone(position="e1:1") as phone:
        view = phone.view
    async with node.phone(position="e1:1", view=view) as phone:
        node.change("i2")
        assert (await phone.next())["type"] == "change"
    node.people["amina"] = frozenset({("operator", "KE.041")})
    async with node.phone(position="e1:2", view=view) as phone:
        assert (await phone.next()) == {"type": "resync", "reason": "scope-changed"}
        await phone.reach(2)
        assert set(phone.shows) == {"i1"}
        assert phone.view != view


async def test_a_storm_of_returning_clients_is_a_handful_of_reads(start: Any, memory_views: Any) -> None:
    views = memory_views()
    for number in range(1000):
        views.commit("incident", "i1", ("public",), {"n": number})
    async with start(views) as node:
        async with asyncio.TaskGroup() as group:

            async def come_back(number: int) -> None:
                async with node.phone(f"p{number}", position=f"e1:{500 + number}") as phone:
                    await phone.reach(1000)
                    assert phone.got == list(range(501 + number, 1001))

            for number in range(200):
                group.create_task(come_back(number))
        assert views.asked["replay"] <= 12
        assert views.asked["oldest"] <= 2


async def test_a_store_that_fails_sends_a_client_away_for_later_and_serves_it_then(node: "Node") -> None:
    node.change("i1")
    node.views.broken = OSError("disk I/O error")
    async with node.call() as phone:
        await phone.say(type="hello", token="amina")
        code, why = await phone.end()
        assert (code, why.split()[0]) == (1013, "not-ready")
    node.views.broken = None
    async with node.phone() as phone:
        await phone.reach(1)


async def test_a_client_that_does_not_take_its_snapshot_is_sent_away(start: Any) -> None:
    settings = LiveSettings(drain_s=0.2, limits=Limits(transport_bytes=8192, kernel_bytes=16384, cut_s=0.2))
    async with start(settings=settings) as node:
        for number in range(200):
            node.views.commit("incident", f"i{number}", ("public",), {"text": "x" * 10_000})
        node.live.publish(node.views.feed)
        async with node.call(node.narrow_line(), max_queue=1, close_timeout=0) as phone:
            await phone.say(type="hello", token="amina")
            await phone.next()
            await node.live._room.is_empty.wait()
        assert node.live.slow_closed == 1

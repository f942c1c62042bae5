"""What clients say, and what happens to those who say it badly."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places import Rejected
from responder_api.audience import Viewer
from responder_api.live_limits import LiveSettings
from responder_api.live_protocol import read

if TYPE_CHECKING:
    from tests.responder_api.live.conftest import Node


async def test_an_answer_reaches_the_handler_whole_and_its_reply_the_client(node: "Node") -> None:
    async with node.phone("baraka") as phone:
        await phone.say(type="answer", ref="r1", assignment="a1", answer="accept", eta_min=7)
        assert await phone.until("reply") == {"type": "reply", "ref": "r1", "taken": True}
        await phone.say(type="received", id="m1")
        assert await phone.until("reply") == {"type": "reply", "taken": True}
    assert node.handled == [
        ("baraka", {"type": "answer", "ref": "r1", "assignment": "a1", "answer": "accept", "eta_min": 7}),
        ("baraka", {"type": "received", "id": "m1"}),
    ]


async def test_a_hundred_answers_are_handled_one_by_one_in_order(node: "Node") -> None:
    running = 0

    async def one_at_a_time(viewer: Viewer, message: dict[str, Any]) -> dict[str, Any]:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0)
        running -= 1
        return {"n": message["n"]}

    node.handler = one_at_a_time
    async with node.phone() as phone:
        for number in range(100):
            await phone.say(type="answer", n=number)
        assert [(await phone.until("reply"))["n"] for _ in range(100)] == list(range(100))


async def test_who_talks_faster_than_is_handled_is_not_read_meanwhile(node: "Node") -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(viewer: Viewer, message: dict[str, Any]) -> dict[str, Any]:
        asked.set()
        await go_on.wait()
        return {}

    node.handler = slow
    async with node.phone() as phone:
        await phone.until("snapshot")
        (session,) = node.live._room.sessions.values()
        for _ in range(400):
            await phone.say(type="answer", text="x" * 60_000)
            if session.inbox and len(session.inbox) >= 16:
                break
        most = len(session.inbox or ())
        assert most < 40
        node.change(entries=("public",))  # and yet it hears
        await phone.reach(1)
        go_on.set()
        await phone.until("reply")


async def test_a_refused_answer_is_told_with_its_code_and_costs_nothing(node: "Node") -> None:
    async def refuse(viewer: Viewer, message: dict[str, Any]) -> dict[str, Any]:
        raise Rejected("assignment-taken", "Wanjiru is on her way.")

    node.handler = refuse
    async with node.phone() as phone:
        for _ in range(20):
            await phone.say(type="answer", ref="r")
            assert await phone.until("error") == {
                "type": "error",
                "code": "assignment-taken",
                "detail": "Wanjiru is on her way.",
                "ref": "r",
            }


async def test_an_answer_that_fails_here_is_told_and_the_socket_lives(start: Any) -> None:
    async def fail(viewer: Viewer, message: dict[str, Any]) -> dict[str, Any]:
        if message["how"] == "hang":
            await asyncio.Event().wait()
        raise OSError("disk full")

    async with start(settings=LiveSettings(handle_s=0.05)) as node, node.phone() as phone:
        node.handler = fail
        for how in ("raise", "hang"):
            await phone.say(type="answer", how=how)
            failure = await phone.until("error")
            assert failure["code"] == "internal"
            assert "disk" not in str(failure)
        await phone.say(type="ping")
        await phone.until("pong")


async def test_a_ping_is_answered_with_the_position(node: "Node") -> None:
    node.change()
    async with node.phone() as phone:
        await phone.say(type="ping", ref="p")
        assert await phone.until("pong") == {"type": "pong", "position": "e1:1", "ref": "p"}


async def test_heartbeats_tell_how_far_it_is(node: "Node") -> None:
    async with node.phone() as phone:
        await phone.until("snapshot")
        node.change(entries=("operator:KE.001",))
        now = node.live._room.now()
        node.live.tick(now + 19)
        node.live.tick(now + 21)
        assert await phone.next() == {"type": "heartbeat", "position": "e1:1"}


BAD = [
    b"",
    b"hello",
    b"[]",
    b"null",
    b'{"type":"hullo"}',
    b'{"type":"hello"}',
    b'{"type":"hello","token":""}',
    b'{"type":"hello","token":1}',
    b'{"type":"hello","token":"a","role":"admin"}',
    b'{"type":"hello","token":"a","kinds":"incident"}',
    b'{"type":"hello","token":"a","kinds":' + json.dumps(["k"] * 65).encode() + b"}",
    b'{"token":"a"}',
    b'{"type":"ping","ref":""}',
    b'{"type":"received"}',
    b'{"type":"answer","x":NaN}',
    b'{"type":"answer","x":1e999}',
    b'{"type":"answer","x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    b'{"type":"answer","x":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
    b'{"type":"answer","x":"\xff"}',
    b'{"type":"answer","x":"\\ud800"}',
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_what_is_no_message_is_rejected(data: bytes) -> None:
    with pytest.raises(Rejected, match="frame-not-understood"):
        read(data)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_do_more_than_be_rejected(data: bytes) -> None:
    with pytest.raises(Rejected):
        read(data)


@pytest.mark.parametrize("data", ["nonsense", b"\x00\x01", '{"type":"ping"}', '{"type":"hello"}'])
async def test_who_cannot_say_hello_is_sent_away(node: "Node", data: str | bytes) -> None:
    async with node.call() as phone:
        await phone.line.send(data)
        assert await phone.end() == (4400, "frame-not-understood")
        assert phone.said[-1]["type"] == "error"


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"position": "e1"}, "position-not-understood"),
        ({"position": "e1:-1"}, "position-not-understood"),
        ({"areas": ["KE.42"]}, "area-malformed"),
        ({"areas": ["KE.042", "../etc"]}, "area-malformed"),
    ],
)
async def test_a_hello_that_says_nonsense_is_sent_away(node: "Node", hello: dict[str, Any], code: str) -> None:
    async with node.call() as phone:
        await phone.say(type="hello", token="amina", **hello)
        assert await phone.end() == (4400, code)


async def test_a_few_mistakes_are_told_and_forgiven_many_are_not(node: "Node") -> None:
    async with node.phone() as phone:
        for data in ('{"type":"shout"}', '{"type":"hello","token":"amina"}', b"\x00", "{"):
            await phone.line.send(data)
            assert (await phone.until("error"))["code"] == "frame-not-understood"
        await phone.say(type="ping")
        await phone.until("pong")
        await phone.line.send("{")
        assert await phone.end() == (4400, "frame-not-understood")


async def test_a_message_larger_than_64_kb_ends_the_socket(node: "Node") -> None:
    async with node.phone() as phone:
        await phone.say(type="answer", text="x" * 65_000)
        await phone.until("reply")
        await phone.say(type="answer", text="x" * 66_000)
        assert (await phone.end())[0] == 1009


async def test_a_message_may_come_in_fragments(node: "Node") -> None:
    async with node.phone() as phone:
        await phone.line.send(['{"type":"answer",', '"n"', ":1}"])
        await phone.until("reply")
    assert node.handled == [("amina", {"type": "answer", "n": 1})]

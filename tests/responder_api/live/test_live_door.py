"""Who may open a socket, who is sent away, and when."""

import asyncio
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed, InvalidStatus

from responder_api.live_handshake import masked, origin_allowed
from responder_api.live_limits import LiveSettings

if TYPE_CHECKING:
    from tests.responder_api.live.conftest import Node


async def refused(node: "Node", url: str | None = None, **options: Any) -> tuple[int, dict[str, Any], Any]:
    node.url = url or node.url
    with pytest.raises(InvalidStatus) as refusal:
        async with node.call(**options):
            pass
    response = refusal.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.body or b""), response.headers


# ------------------------------------------------------------------------------------------------------------ origin


async def test_a_page_of_a_foreign_origin_is_refused(node: "Node") -> None:  # F47
    status, problem, _ = await refused(node, origin="https://evil.example")
    assert (status, problem["code"]) == (403, "origin-not-allowed")
    assert node.live.sockets == 0
    assert node.live.refused == 1


async def test_pages_of_this_host_and_listed_origins_and_programs_may_call(start: Any) -> None:
    settings = LiveSettings(allowed_origins=frozenset({"https://console.example"}))
    async with start(settings=settings) as node:
        for origin in (None, f"http://127.0.0.1:{node.port}", "https://console.example"):
            async with node.call(origin=origin):
                pass
        status, _, _ = await refused(node, origin="https://console.example.evil.example")
        assert status == 403


@pytest.mark.parametrize(
    ("origin", "hosts", "fits"),
    [
        ("https://ops.example", ["ops.example"], True),
        ("http://ops.example", ["ops.example"], True),
        ("https://ops.example", ["ops.example:443"], True),
        ("https://OPS.example", ["ops.EXAMPLE"], True),
        ("http://[::1]:8000", ["[::1]:8000"], True),
        ("https://ops.example:8443", ["ops.example"], False),
        ("https://ops.example", ["ops.example.evil"], False),
        ("https://ops.example.evil", ["ops.example"], False),
        ("https://ops.example@evil.example", ["ops.example"], False),
        ("https://ops.example:x", ["ops.example"], False),
        ("https://[ops", ["ops.example"], False),
        ("null", ["null"], False),
        ("file://", [""], False),
        ("", [""], False),
        ("https://ops.example", [], False),
        ("https://ops.example", ["ops.example", "ops.example"], False),
    ],
)
def test_the_origin_must_be_this_very_host(origin: str, hosts: list[str], fits: bool) -> None:
    assert origin_allowed(origin, hosts, frozenset()) is fits


async def test_two_origins_are_no_origin(node: "Node") -> None:
    mine = f"http://127.0.0.1:{node.port}"
    status, _, _ = await refused(node, additional_headers=[("Origin", mine), ("Origin", "https://evil.example")])
    assert status == 403


# ----------------------------------------------------------------------------------------------------------- address

SECRET = "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhbWluYSJ9.c2ln"


@pytest.mark.parametrize("query", [f"token={SECRET}", f"a=1&access_token={SECRET}", f"x={SECRET}", SECRET])
async def test_a_token_in_the_address_is_refused_and_not_logged(node: "Node", query: str) -> None:  # F47
    with capture_logs() as logs:
        status, problem, _ = await refused(node, f"{node.url}?{query}")
    assert (status, problem["code"]) == (400, "token-in-url")
    assert "live-refused" in [line["event"] for line in logs]
    assert "eyJ" not in str(logs)
    assert "c2ln" not in str(logs)


@pytest.mark.parametrize(
    ("tail", "status", "code"), [("?lang=sw", 400, "bad-request"), ("/", 404, "not-found"), ("/x", 404, "not-found")]
)
async def test_only_live_itself_is_an_address(node: "Node", tail: str, status: int, code: str) -> None:
    got, problem, _ = await refused(node, node.url + tail)
    assert (got, problem["code"]) == (status, code)


def test_a_path_in_a_log_has_no_values_and_cannot_forge_a_line() -> None:
    assert masked("/live?token=abc&b=c") == "/live?token=***&b=***"
    assert masked("/live\n2026 INFO fine") == "/live?2026 INFO fine"
    assert masked(f"/live?{SECRET}") == "/live?=***"
    assert len(masked("/" + "x" * 10_000 + "?" + "&".join(f"{n}" * 24 for n in range(99)))) < 400


# -------------------------------------------------------------------------------------------------------------- room


async def test_a_full_node_says_when_to_come_back(start: Any) -> None:
    async with start(settings=LiveSettings(sockets=1)) as node, node.phone():
        status, problem, headers = await refused(node)
        assert (status, problem["code"]) == (503, "too-many-sockets")
        assert 1 <= int(headers["Retry-After"]) <= 3


async def test_sockets_that_never_say_hello_cannot_fill_the_node(start: Any) -> None:
    async with start(settings=LiveSettings(unknown=1)) as node, node.call():
        status, _, _ = await refused(node)
        assert status == 503
    async with start(settings=LiveSettings(unknown=1)) as node, node.phone(), node.phone():
        assert node.live.sockets == 2


async def test_one_account_holds_so_many_sockets_and_no_more(start: Any) -> None:
    one_each = LiveSettings(per_account=1)
    async with start(settings=one_each) as node, node.phone("amina"), node.phone("baraka"), node.call() as phone:
        await phone.say(type="hello", token="amina")
        code, why = await phone.end()
        assert code == 4029
        assert re.fullmatch(r"too-many-sockets retry_after_ms=\d+", why)


async def test_listeners_do_not_shut_the_door_to_requests(start: Any) -> None:
    async with start(limit_concurrency=4) as node, asyncio.TaskGroup() as group:
        listening, done = asyncio.Barrier(11), asyncio.Event()

        async def listen(number: int) -> None:
            async with node.phone(f"p{number}"):
                await listening.wait()
                await done.wait()

        for number in range(10):
            group.create_task(listen(number))
        await listening.wait()
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{node.port}/healthz")).status_code == 200
        done.set()


async def test_compression_is_not_agreed_to(node: "Node") -> None:
    async with node.call(compression="deflate") as phone:
        assert phone.line.response is not None
        assert "Sec-WebSocket-Extensions" not in phone.line.response.headers


async def test_before_it_has_started_a_node_says_so(start: Any) -> None:
    async with start() as node:
        node.live._room._hub = None
        status, problem, _ = await refused(node)
        assert (status, problem["code"]) == (503, "not-ready")


async def test_what_is_published_before_or_while_it_starts_is_not_missed(start: Any, memory_views: Any) -> None:
    views = memory_views()
    async with start(views) as other:  # its own start is long over: what it publishes, the next one does not hear
        node = type(other)(views, LiveSettings())
        node.change(entries=("public",))
        starting = asyncio.create_task(node.live.start())
        while views.asked["position"] < 2:  # noqa: ASYNC110 - a thread's progress
            await asyncio.sleep(0)
        node.change(entries=("public",))
        await starting
        assert str(node.live.position) in ("e1:1", "e1:2")
        node.change(entries=("public",))
        while node.live.position.offset < 3:  # noqa: ASYNC110 - a thread's progress
            await asyncio.sleep(0)
        await node.live.close()


async def test_a_socket_over_tls_is_as_good(start: Any, tls: dict[str, Any]) -> None:
    async with start(**tls["server"]) as node:
        node.url = node.url.replace("ws:", "wss:")
        node.tls = tls["client"]
        async with node.phone(position="e1:0") as phone:
            for number in range(200):
                node.change(entries=("public",), text="x" * 2_000, n=number)
            await phone.reach(200)
            assert phone.got == list(range(1, 201))
            (socket,) = node.live._room.sessions
            assert socket.acked()
        await node.live._room.is_empty.wait()


# ----------------------------------------------------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    ("word", "close"),
    [("unauthenticated", 4001), ("session-over", 4001), ("token-expired", 4009), ("forbidden", 4003)],
)
async def test_who_cannot_be_known_is_sent_away_with_the_reason(node: "Node", word: str, close: int) -> None:  # F47
    node.change(entries=("public",))
    async with node.call() as phone:
        await phone.say(type="hello", token=f"amina/{word}", position="e1:0", ref="r")
        assert await phone.end() == (close, word)
        assert phone.said == [{"type": "error", "code": word, "detail": "This token is no good.", "ref": "r"}]


async def test_nothing_is_told_before_hello(node: "Node") -> None:
    async with node.call() as silent, node.phone(position="e1:0") as phone:
        node.change(entries=("public",))
        await phone.reach(1)
        node.live.tick(node.live._room.now() + 10.1)
        assert await silent.end() == (4408, "hello-timeout")
        assert silent.said == []


async def test_a_token_that_runs_out_ends_the_socket(node: "Node") -> None:
    node.expires_in = timedelta(seconds=30)
    async with node.phone() as phone:
        now = node.live._room.now()
        node.live.tick(now + 29)
        assert all(socket.is_open for socket in node.live._room.sessions)
        node.live.tick(now + 30.5)
        assert await phone.end() == (4009, "token-expired")


async def test_a_newer_token_keeps_the_socket(node: "Node") -> None:
    node.expires_in = timedelta(seconds=30)
    async with node.phone() as phone:
        node.expires_in = timedelta(seconds=300)
        await phone.say(type="token", token="amina", ref="r2")
        renewed = await phone.until("renewed")
        assert (renewed["expires_in_s"], renewed["ref"], renewed["view"]) == (300, "r2", phone.view)
        node.live.tick(node.live._room.now() + 31)
        node.change(entries=("public",))
        await phone.reach(1)


async def test_a_newer_token_that_sees_other_things_begins_afresh(node: "Node") -> None:
    node.change("i1", entries=("operator:KE.042",))
    node.change("i2", entries=("operator:KE.041",))
    async with node.phone() as phone:
        await phone.reach(2)
        assert set(phone.shows) == {"i1"}
        node.people["amina"] = frozenset({("operator", "KE.041")})
        await phone.say(type="token", token="amina")
        assert (await phone.until("renewed"))["view"] != phone.view
        assert (await phone.next()) == {"type": "resync", "reason": "scope-changed"}
        await phone.until("snapshot")
        assert set(phone.shows) == {"i2"}
        node.change("i1", entries=("operator:KE.042",))
        node.change("i2", entries=("operator:KE.041",))
        assert (await phone.until("change"))["id"] == "i2"


async def test_another_persons_token_does_not_take_over_a_socket(node: "Node") -> None:
    async with node.phone("amina") as phone:
        await phone.say(type="token", token="baraka")
        assert await phone.end() == (4003, "forbidden")


@pytest.mark.parametrize("moment", [0, 13, 29, 41, 59])
async def test_who_is_revoked_is_gone_within_the_minute(node: "Node", moment: int) -> None:  # F47
    async with node.phone("amina") as phone, node.phone("baraka") as other:
        began = node.live._room.now()
        gone = asyncio.create_task(phone.end())

        async def pass_seconds(first: int, last: int) -> int:
            for second in range(first, last):
                node.live.tick(began + second)
                await asyncio.gather(*(node.live._room._tasks - {node.live._ticker}))
                if any(not socket.is_open for socket in node.live._room.sessions):
                    return second
            return last

        # Both answer pings by themselves in real time only: here a minute passes in one turn of the loop.
        for session in node.live._room.sessions.values():
            session.ping_at = float("inf")
        assert await pass_seconds(0, moment) == moment
        node.fallen["amina"] = "session-over"
        assert await pass_seconds(moment, moment + 60) < moment + 60
        assert await gone == (4001, "session-over")
        node.change(entries=("public",))
        await other.reach(1)


async def test_what_is_changed_about_an_account_is_looked_at_at_once(node: "Node") -> None:
    async with node.phone("amina") as phone, node.phone("baraka") as other:
        node.fallen = {"amina": "token-expired", "baraka": "token-expired"}
        node.live.recheck("amina")
        assert await phone.end() == (4009, "token-expired")
        node.change(entries=("public",))
        await other.reach(1)


async def test_an_authorisation_that_cannot_be_asked_after_changes_nothing_yet(node: "Node") -> None:
    async with node.phone("amina") as phone:
        asked = asyncio.Event()

        async def fails(claims: Any) -> str | None:
            asked.set()
            raise OSError("database is locked")

        node.live._still_stands = fails
        node.live.recheck("amina")
        await asked.wait()
        node.change(entries=("public",))
        await phone.reach(1)
        (session,) = node.live._room.sessions.values()
        assert session.check_at < node.live._room.now() + 16


async def test_a_sign_in_that_fails_for_our_own_reasons_says_come_later(node: "Node") -> None:
    async def fails(token: str) -> Any:
        raise OSError("database is locked")

    node.live._talk._authenticate = fails
    async with node.call() as phone:
        await phone.say(type="hello", token="amina")
        code, why = await phone.end()
        assert (code, why.split()[0]) == (1013, "not-ready")


# ------------------------------------------------------------------------------------------------------------- ending


async def test_a_node_that_stops_says_when_to_come_back(start: Any) -> None:
    async with start() as node:
        async with node.phone() as phone, node.phone("baraka") as other:
            closing = asyncio.create_task(node.live.close())
            for one in (phone, other):
                code, why = await one.end()
                assert code == 1012
                assert re.fullmatch(r"restart retry_after_ms=\d+", why)
            await closing
        status, problem, _ = await refused(node)
        assert (status, problem["code"]) == (503, "not-ready")


async def test_a_line_that_breaks_without_a_word_is_forgotten(node: "Node") -> None:
    async with node.phone() as phone:
        await phone.until("snapshot")
        phone.line.transport.abort()
        await node.live._room.is_empty.wait()
        with pytest.raises(ConnectionClosed):
            await phone.line.recv()
    assert node.live.sockets == 0
    assert len(node.live._room.hub) == 0
    node.change(entries=("public",))
    assert node.live.sent == 0

"""Many nodes are one: who signs in at one is known at the other, what comes in at one is told at the other."""

import json
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from streams.cluster.postgres import Postgres
from tests.cluster.nodes.conftest import Whole
from tests.cluster.nodes.phones import listening

pytestmark = pytest.mark.system("kafka", "postgresql")


async def test_what_comes_in_at_one_node_is_told_at_the_other(whole: Whole) -> None:
    name = await whole.person("amina", ("operator", "KE.042"))
    phones = [whole.phone(name, first=1), whole.phone(name, first=2)]
    async with listening(phones):
        ids = [await whole.report([1 + n % 2]) for n in range(6)]
        for phone in phones:
            await phone.until(lambda each: set(ids) <= {frame["id"] for frame in each.frames})
        await whole.settled(ids)
        await whole.all_heard(name, phones)


async def test_who_signs_in_at_one_node_is_known_at_the_other_and_so_is_who_signs_out(whole: Whole) -> None:
    name = await whole.person("otieno", ("operator", "KE.042"))
    assert (await whole.ask(2, "GET", "/me", name)).status_code == 200
    assert (await whole.ask(1, "DELETE", "/sessions", name)).status_code in (200, 204)
    refused = await whole.ask(2, "GET", "/me", name)
    assert (refused.status_code, refused.json()["code"]) == (401, "session-over")


async def test_the_same_said_again_at_the_other_node_is_known_as_such(whole: Whole) -> None:
    body = {
        "text": "flood at the bridge",
        "hazard": "flood",
        "idempotency_key": "said-twice",
        "lon": 34.75,
        "lat": -0.1,
    }
    first = await whole.ask(1, "POST", "/intake/reports", json=body)
    await whole.settled([first.json()["id"]])
    again = await whole.ask(2, "POST", "/intake/reports", json=body)
    assert (first.json()["status"], again.json()["status"]) == ("accepted", "known")
    assert first.json()["id"] == again.json()["id"]


async def test_a_decision_is_answered_with_what_became_of_it(whole: Whole) -> None:
    name = await whole.person("wanjiku", ("operator", "KE"))
    id_ = await whole.report([1])
    await whole.settled([id_])
    report = (await whole.ask(2, "GET", f"/reports/{id_}", name)).json()
    path = f"/incidents/{report['incident']}"
    before = (await whole.ask(1, "GET", path, name)).json()
    if before.get("state") == "merged":
        path = f"/incidents/{before['into']}"
    closed = await whole.ask(1, "POST", f"{path}/close", name, json={"reason": "over"})
    assert closed.status_code == 202
    assert closed.json()["incident"]["state"] == "closed"
    again = await whole.ask(2, "POST", f"{path}/close", name, json={"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "incident-closed")


async def test_a_client_goes_on_at_the_other_node_from_any_position(whole: Whole) -> None:  # F21
    name = await whole.person("baraka", ("operator", "KE.042"))
    ids = [await whole.report([1]) for _ in range(3)]
    await whole.settled(ids)
    truth = [frame.offset for frame in whole.feed(name)]
    for back in (0, 1, len(truth) // 2):
        phone = whole.phone(name, first=2, position=f"{whole.epoch}:{truth[-1 - back]}")
        async with listening([phone]):
            await whole.all_heard(name, [phone])
            assert phone.resyncs == []
            assert phone.got == truth[len(truth) - back :]


async def test_a_client_that_is_far_behind_is_told_so_and_begins_anew(whole: Whole) -> None:  # F21
    name = await whole.person("chebet", ("operator", "KE.042"))
    await whole.settled([await whole.report([1])])
    old = whole.feed(name)[-1].offset
    before = whole.phone(name, first=2)
    async with listening([before]):
        much_happens(whole)
        id_ = await whole.report([1])
        await before.until(lambda each: id_ in {frame["id"] for frame in each.frames})  # the node knows all of it
        assert before.resyncs == ["fresh"]
    phone = whole.phone(name, first=2, position=f"{whole.epoch}:{old}")
    async with listening([phone]):
        await phone.until(lambda each: each.base >= old + 10_000)
        assert phone.resyncs == ["too-old"]
        id_ = await whole.report([1])
        await whole.settled([id_])
        await whole.all_heard(name, [phone])


def much_happens(whole: Whole) -> None:
    """Let ten thousand things happen that are shown to nobody here."""
    connection = Postgres.connect(whole.processes.database)
    with connection.transaction():
        connection.execute(
            "INSERT INTO feed SELECT ? + n, 'message', 'person:nobody', '{\"type\":\"change\"}'::bytea "
            "FROM generate_series(1, 10000) AS n",
            (whole.views.position().offset,),
        )
        connection.execute("NOTIFY dharura_feed")
    connection.close()


async def test_a_position_of_another_log_is_answered_with_a_resync(whole: Whole) -> None:  # F21
    name = await whole.person("njoroge", ("operator", "KE.042"))
    await whole.settled([await whole.report([1])])
    phone = whole.phone(name, first=2, position="0badcafe0000:3")
    async with listening([phone]):
        await phone.until(lambda each: each.resyncs == ["epoch-changed"] and str(each.position).startswith(whole.epoch))


async def test_a_position_that_has_not_come_yet_is_refused(whole: Whole) -> None:  # F21
    name = await whole.person("mutua", ("operator", "KE.042"))
    ahead = whole.views.position().offset + 1_000_000
    for node in (1, 2):
        url = whole.url(node).replace("http", "ws", 1) + "/live"
        async with connect(url, compression=None) as line:
            hello = {"type": "hello", "token": whole.token(name), "position": f"{whole.epoch}:{ahead}"}
            await line.send(json.dumps(hello))
            assert json.loads(await line.recv())["code"] == "position-in-future"
            with pytest.raises(ConnectionClosed) as closed:
                await line.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4400


async def test_every_node_knows_what_came_in_at_the_others(whole: Whole) -> None:
    name = await whole.person("salim", ("operator", "KE.042"))
    assert (await whole.ask(2, "GET", "/health/feeds", name)).status_code == 200
    body = {"from": "+254711000222", "text": "maji mengi Nyalenda", "id": uuid4().hex}
    assert (await whole.ask(1, "POST", "/intake/sms", data=body)).status_code in (200, 202)
    while True:
        feeds = (await whole.ask(2, "GET", "/health/feeds", name)).json()["items"]
        (sms,) = [feed for feed in feeds if feed["id"] == "sms"]
        if sms["state"] == "ok":
            break

"""Kafka or PostgreSQL away from under the nodes: refused with a time to come back, and better again by itself."""

import asyncio
from typing import Any

import pytest

from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from tests.cluster.nodes.conftest import AT, Whole
from tests.cluster.nodes.phones import listening

pytestmark = pytest.mark.system("kafka", "postgresql")

BODY = {"text": "flood, people on roofs", "hazard": "flood", **AT}


async def test_without_kafka_nothing_is_accepted_and_what_is_there_is_shown(whole: Whole, kafka: Kafka) -> None:
    name = await whole.person("amina", ("operator", "KE.042"))
    before = await whole.report([1])
    await whole.settled([before])
    phone = whole.phone(name)
    async with listening([phone]):
        await asyncio.to_thread(kafka.stop)
        refused = await whole.ask(1, "POST", "/intake/reports", json=BODY)
        assert (refused.status_code, refused.json()["code"]) == (503, "log-unavailable")
        assert int(refused.headers["retry-after"]) > 0
        at_once = await whole.ask(1, "POST", "/intake/reports", json=BODY)
        assert at_once.status_code == 503
        ready = await whole.ask(1, "GET", "/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "log-unavailable")
        assert (await whole.ask(1, "GET", "/healthz")).status_code == 200
        assert (await whole.ask(1, "GET", f"/reports/{before}", name)).status_code == 200
        await asyncio.to_thread(kafka.start)
        after = await whole.report([1, 2])
        await phone.until(lambda each: after in {frame["id"] for frame in each.frames})
        await whole.settled([after])
        await whole.all_heard(name, [phone])
        assert phone.resyncs == ["fresh"]
        assert phone.closed == [], "a socket was closed for what does not concern it"


async def test_without_the_database_requests_are_refused_and_sockets_stay(whole: Whole, postgres: Postgresql) -> None:
    name = await whole.person("otieno", ("operator", "KE.042"))
    before = await whole.report([1])
    await whole.settled([before])
    phone = whole.phone(name)
    async with listening([phone]):
        await asyncio.to_thread(postgres.stop)
        for method, path, sent in (("POST", "/intake/reports", {"json": BODY}), ("GET", f"/reports/{before}", {})):
            refused = await whole.ask(1, method, path, name, **sent)
            assert (refused.status_code, refused.json()["code"]) == (503, "storage-busy")
            assert int(refused.headers["retry-after"]) > 0
        assert (await whole.ask(1, "GET", "/healthz")).status_code == 200
        assert (await whole.ask(1, "GET", "/readyz")).status_code == 503
        assert (await whole.ask(1, "GET", "/metrics")).status_code == 200
        await asyncio.to_thread(postgres.start)
        after = await whole.report([1, 2])
        await phone.until(lambda each: after in {frame["id"] for frame in each.frames})
        await whole.settled([after])
        await whole.all_heard(name, [phone])
        assert phone.resyncs == ["fresh"]
        assert phone.closed == []


async def test_a_restart_of_the_database_is_survived_by_everybody(whole: Whole, postgres: Postgresql) -> None:
    name = await whole.person("wanjiku", ("operator", "KE.042"))
    phones = [whole.phone(name, first=1), whole.phone(name, first=2)]
    async with listening(phones):
        ids = [await whole.report([1]) for _ in range(5)]
        await asyncio.to_thread(postgres.restart)
        ids += [await whole.report([1, 2]) for _ in range(5)]
        await whole.settled(ids)
        await whole.all_heard(name, phones)
        assert [phone.resyncs for phone in phones] == [["fresh"], ["fresh"]]


async def test_that_no_worker_runs_is_seen_at_every_node(whole: Whole) -> None:
    name = await whole.person("zuhura", ("operator", "KE.042"))

    async def work_off(node: int) -> dict[str, Any]:
        feeds = (await whole.ask(node, "GET", "/health/feeds", name)).json()["items"]
        (found,) = [feed for feed in feeds if feed["id"] == "pipeline"]
        return dict(found)

    worker = whole.processes.worker()
    await asyncio.to_thread(worker.stop)
    for node in (1, 2):
        while (found := await work_off(node))["state"] == "ok":  # it is looked up every few seconds
            pass
        assert (found["state"], found["detail"]) == ("failing", "no worker runs")
    await asyncio.to_thread(worker.start)
    while (await work_off(1))["state"] != "ok":
        pass

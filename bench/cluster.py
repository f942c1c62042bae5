"""The cluster on a real Kafka and a real PostgreSQL: one worker against Faust alone, readings, latency, catching up.

Every figure comes from the processes that an operator starts (`dharura worker`, `dharura serve`), on loopback, with one
broker and fsync on, all sharing this machine's cores with Kafka and PostgreSQL.

- One worker: a backlog of reports is on Kafka before it starts; counted is every event that comes of them, from the
  first to the last one published. The peer is a Faust worker with the same agents over the same topics, which sends for
  each event the very records that our step made of it, from memory (`bench.cluster_peer`): the same hops, nothing else.
- aiokafka's ceiling: the same reports appended and read again with aiokafka alone.
"""

import asyncio
import random
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import httpx
from aiokafka import AIOKafkaConsumer

from bench.cluster_faust import passed_on, script_of
from bench.cluster_load import Servers, append, bench_world, work_off
from bench.latency import RATE, enrol, percentile, watched
from bench.pipeline import reports, responders
from bench.table import Row, print_table
from fixtures.cluster_processes import PASSWORD, ClusterProcesses
from streams.cluster.access import Access, bootstrap
from streams.cluster.administration import prepare
from streams.events import Event, PositionShared, ReadingsReceived, ShiftChanged, audience
from streams.log import Line, line
from streams.topics import topic_of

REPORTS: Final = 2_000
BATCHES, SIZE = 1_000, 200
"""Batches of readings, and readings in each."""
P99_MS: Final = 500.0


def _worker(servers: Servers) -> list[Row]:
    world = bench_world()
    start = datetime.now(UTC)
    lines = reports(world, random.Random(7), REPORTS, start)
    with servers.cluster("rate") as (processes, database):
        ours = work_off(processes, database, responders(random.Random(1), start), lines)
        script, inputs = script_of(database, ours.first)
    peer, passed, wanted = passed_on(servers, script, inputs)
    events = ours.last - ours.first
    return [
        Row(
            what="one worker, all steps",
            ours=f"{ours.rate:,.0f} events/s",
            peer=f"{peer:,.0f} events/s Faust, only passing on",
            ratio=ours.rate / peer,
            reach=">= 0.8",
            met=ours.rate / peer >= 0.8,
            note=f"{REPORTS / (ours.ended - ours.began):,.0f} reports/s; {events / REPORTS:.1f} events a report, each "
            f"in PostgreSQL and on Kafka with fsync; peer: {passed:,} of {wanted:,} records of the same hops",
        )
    ]


def _ceiling(servers: Servers) -> Row:
    """Append and read the same reports with aiokafka alone."""
    lines = reports(bench_world(), random.Random(7), 10_000)
    access = Access(bootstrap=bootstrap(servers.kafka.bootstrap), prefix=servers.kafka.prefix())
    asyncio.run(prepare(access))
    appended = len(lines) / asyncio.run(append(access, lines))

    async def read() -> float:
        consumer = AIOKafkaConsumer(
            access.topic(topic_of(lines[0].event.body).name),
            **access.client("bench"),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        began, count = perf_counter(), 0
        while count < len(lines):
            count += sum(map(len, (await consumer.getmany(timeout_ms=500, max_records=1_000)).values()))
        seconds = perf_counter() - began
        await consumer.stop()
        return count / seconds

    return Row(
        what="aiokafka alone, the same reports",
        ours=f"{appended:,.0f}/s appended, durable",
        peer=f"{asyncio.run(read()):,.0f}/s read",
        note="acks=all, idempotent, as events with their headers; one key",
    )


def _readings(servers: Servers) -> Row:
    world = bench_world()
    gauges = [gauge for gauge in world.stations.values() if gauge.station.parameter == "level"]
    start = datetime.now(UTC) - timedelta(days=30)
    chance, made = random.Random(5), []
    for n in range(BATCHES):
        gauge = gauges[n % len(gauges)]
        first = start + timedelta(minutes=n // len(gauges) * SIZE)
        body = ReadingsReceived(
            station=gauge.station.id,
            parameter=gauge.station.parameter,
            unit=gauge.station.unit,
            datum=gauge.station.datum,
            times=tuple(first + timedelta(minutes=m) for m in range(SIZE)),
            values=tuple(round(0.5 + chance.random() * 0.2, 2) for _ in range(SIZE)),
        )
        id_ = f"00000000-0000-4000-8000-{n:012d}"
        at = datetime.now(UTC)
        seen_by = audience(gauge.county, "operator")
        event = Event(
            id=id_, cause=id_, source="bench", key=gauge.station.id, at=at, seen=at, audience=seen_by, body=body
        )
        made.append(line(event))
    with servers.cluster("readings") as (processes, database):
        progress = work_off(processes, database, (), made)
    seconds = progress.ended - progress.began
    return Row(
        what=f"readings through one worker, batches of {SIZE}",
        ours=f"{BATCHES * SIZE / seconds:,.0f} readings/s",
        note=f"{BATCHES / seconds:,.0f} batches/s from Kafka, judged, kept, published",
    )


def _catch_up(servers: Servers) -> Row:
    """Let a worker find 20,000 positions that came while it was away."""
    lines = _positions(20_000)
    with servers.cluster("lag") as (processes, database):
        progress = work_off(processes, database, responders(random.Random(1), datetime.now(UTC)), lines)
    return Row(
        what="catching up with a backlog",
        ours=f"{len(lines) / (progress.ended - progress.began):,.0f} events/s",
        note=f"{len(lines):,} positions of responders, which three readers look at; 100,000 in a test",
    )


def _positions(count: int) -> list[Line]:
    people = [each.event for each in responders(random.Random(1)) if isinstance(each.event.body, ShiftChanged)]
    chance, at = random.Random(9), datetime.now(UTC)
    made = []
    for n in range(count):
        person = people[n % len(people)]
        id_ = f"00000000-0000-4000-9000-{n:012d}"
        body = PositionShared(
            responder=person.body.responder,  # type: ignore[union-attr]  # a ShiftChanged
            lon=34.7 + chance.random() * 0.1,
            lat=-0.1 + chance.random() * 0.05,
            accuracy_m=10.0,
        )
        moment = at + timedelta(milliseconds=10 * n)
        event = Event(
            id=id_,
            cause=id_,
            source="bench",
            key=person.key,
            at=moment,
            seen=moment,
            audience=person.audience,
            body=body,
        )
        made.append(line(event))
    return made


async def _latencies(processes: ClusterProcesses) -> list[float]:
    node = processes.node()
    # Some of the reports lie over the county's border.
    await processes.account("bench", ("operator", "KE"))
    async with httpx.AsyncClient(base_url=node.url, trust_env=False, timeout=60) as client:
        answer = await client.post("/sessions", json={"name": "bench", "password": PASSWORD})
        hello: dict[str, Any] = {"type": "hello", "kinds": ["report"], "token": answer.json()["access_token"]}
        client.headers["authorization"] = f"Bearer {hello['token']}"
        await enrol(client)
        return await watched(client, node.url, hello)


def _latency(servers: Servers) -> list[Row]:
    with servers.cluster("latency") as (processes, _):
        processes.start(nodes=1, workers=1)
        taken = asyncio.run(_latencies(processes))
    note = f"{len(taken)} reports; mean {statistics.fmean(taken):.0f} ms, worst {taken[-1]:.0f} ms"
    return [
        Row(what=f"cluster: report sent -> frame at {RATE}/s, p50", ours=f"{percentile(taken, 0.5):.0f} ms", note=note),
        Row(
            what=f"cluster: report sent -> frame at {RATE}/s, p99",
            ours=f"{percentile(taken, 0.99):.0f} ms",
            reach=f"<= {P99_MS:.0f} ms",
            met=percentile(taken, 0.99) <= P99_MS,
            note="node, Kafka, worker, PostgreSQL, projector and client on the same cores",
        ),
    ]


def run() -> list[Row]:
    """Measure all of it, over one broker and one database."""
    with tempfile.TemporaryDirectory() as name:
        servers = Servers(Path(name))
        try:
            return [
                *_worker(servers),
                _ceiling(servers),
                _readings(servers),
                _catch_up(servers),
                *_latency(servers),
            ]
        finally:
            servers.end()


if __name__ == "__main__":
    print_table(run())

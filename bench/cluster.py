"""The cluster on a real Kafka and a real PostgreSQL: one worker against Faust alone, readings, latency, catching up.

Every figure comes from the processes that an operator starts (`dharura worker`, `dharura serve`), on loopback, with one
broker and fsync on, all sharing this machine's cores with Kafka and PostgreSQL.

- One worker: a backlog of reports is on Kafka before it starts; counted is every event that comes of them, from the
  first to the last one published. The peer is a Faust worker with the same agents over the same topics, which sends for
  each event the very records that our step made of it, from memory (`bench.cluster_peer`): the same hops, nothing else.
- aiokafka's ceiling: the same reports appended and read again with aiokafka alone.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import httpx
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from websockets.asyncio.client import connect

from bench.cluster_load import LOOK_S, Servers, append, bench_world, work_off
from bench.cluster_peer import Script, Sent
from bench.latency import RATE, Watcher, enrol, percentile, post_all
from bench.pipeline import reports, responders
from bench.table import Row, print_table
from fixtures.cluster_processes import PASSWORD, ClusterProcesses
from streams.cloudevents import to_cloudevent
from streams.cluster.access import Access, bootstrap
from streams.cluster.administration import prepare
from streams.cluster.postgres import Postgres
from streams.events import Event, PositionShared, ReadingsReceived, ShiftChanged, audience, decode
from streams.log import Line, line
from streams.pipeline import pipeline
from streams.topics import TOPICS, topic_of

REPORTS: Final = 2_000
BATCHES, SIZE = 1_000, 200
"""Batches of readings, and readings in each."""
P99_MS: Final = 500.0
START_S, STILL_S = 60.0, 15.0
"""How long the peer may take to begin, and to pass nothing on before it counts as having stopped."""


def _worker(servers: Servers) -> list[Row]:
    world = bench_world()
    start = datetime.now(UTC)
    lines = reports(world, random.Random(7), REPORTS, start)
    with servers.cluster("rate") as (processes, database):
        ours = work_off(processes, database, responders(random.Random(1), start), lines)
        script, inputs = _script(database, ours.first)
    peer, passed, wanted = _peer(servers, script, inputs)
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


def _script(database: str, after: int) -> tuple[Script, list[Line]]:
    """Tell the peer what each step made of which event; give the events that came from the door too."""
    steps = pipeline(bench_world())
    names = {step.name for step in steps}
    made: dict[str, dict[str, list[Sent]]] = defaultdict(lambda: defaultdict(list))
    inputs: list[Line] = []
    connection = Postgres.connect(database)
    rows = connection.execute('SELECT event FROM log WHERE "offset" > ? ORDER BY "offset"', (after,))
    for (data,) in rows:
        event: Event = decode(data)
        if event.source in names:
            record = to_cloudevent(event)
            sent = Sent(topic_of(event.body).name, record.key, record.headers, record.value)
            made[event.source][event.cause].append(sent)
        elif event.source == "bench":
            inputs.append(line(event))
    connection.close()
    reads = {step.name: [topic.name for topic in step.reads] for step in steps}
    return Script(reads, {step: dict(by_id) for step, by_id in made.items()}), inputs


def _peer(servers: Servers, script: Script, inputs: Sequence[Line]) -> tuple[float, int, int]:
    """Run Faust alone over the same inputs; give its rate, how many records it passed on, and of how many."""
    ids = {each.event.id for each in inputs}
    reached = set(ids)
    while True:  # what no input leads to (what the clock began, say) would never come
        more = {
            msgspec.json.decode(b'"' + sent.headers["ce_id"] + b'"', type=str)
            for by_id in script.made.values()
            for cause, sents in by_id.items()
            if cause in reached
            for sent in sents
        }
        if more <= reached:
            break
        reached |= more
    wanted = sum(len(sents) for by_id in script.made.values() for cause, sents in by_id.items() if cause in reached)
    access = Access(bootstrap=bootstrap(servers.kafka.bootstrap), prefix=servers.kafka.prefix())
    asyncio.run(prepare(access))
    asyncio.run(append(access, inputs))
    path = servers.folder / "script.msgpack"
    path.write_bytes(msgspec.msgpack.encode(script))
    environment = {
        **os.environ,
        "BENCH_KAFKA": ";".join(access.bootstrap),
        "BENCH_PREFIX": access.prefix,
        "BENCH_SCRIPT": str(path),
    }
    command = [sys.executable, "-m", "faust", "-A", "bench.cluster_peer", "worker", "-l", "error"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        began, ended, most = asyncio.run(_watch_ends(access, len(inputs), wanted))
    finally:
        process.kill()
        process.wait()
    # Our own count has the inputs too: they come into the log with what is made of them.
    return (most + len(inputs)) / (ended - began), most, wanted


async def _watch_ends(access: Access, first: int, wanted: int) -> tuple[float, float, int]:
    """Look at Kafka until all is passed on, or nothing came for a while: Faust is known to stop (faults of Faust)."""
    consumer = AIOKafkaConsumer(**access.client("bench"), enable_auto_commit=False)
    await consumer.start()
    partitions = [TopicPartition(access.topic(t.name), n) for t in TOPICS for n in range(t.partitions)]
    began = moved = 0.0
    total, looked = 0, perf_counter()
    try:
        while total < wanted and perf_counter() - (moved or looked) < (STILL_S if moved else START_S):
            await asyncio.sleep(LOOK_S)
            before, total = total, sum((await consumer.end_offsets(partitions)).values()) - first
            if total != before:
                moved = perf_counter()
                began = began or moved
    finally:
        await consumer.stop()
    if not moved:
        raise RuntimeError("the peer passed nothing on")
    return began, moved, total


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
        async with connect(f"{node.url.replace('http', 'ws', 1)}/live", max_size=None) as live:
            await live.send(json.dumps(hello))
            watcher = Watcher()
            watching = asyncio.create_task(watcher.watch(live))
            sent = await post_all(client, "/intake/reports")
            await watcher.reach(set(sent))
            watching.cancel()
    return sorted((watcher.arrived[id_] - began) * 1000 for id_, began in sent.items())


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

"""Runs Faust alone over the hops that our worker made, for `bench.cluster`; `cluster_peer` is its app."""

import asyncio
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from time import perf_counter
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.cluster_load import LOOK_S, Servers, append, bench_world
from bench.cluster_peer import Script, Sent
from streams.cloudevents import to_cloudevent
from streams.cluster.access import Access, bootstrap
from streams.cluster.administration import prepare
from streams.cluster.postgres import Postgres
from streams.events import Event, decode
from streams.log import Line, line
from streams.pipeline import pipeline
from streams.topics import TOPICS, topic_of

START_S: Final = 60.0
"""How long it may take to begin."""
STILL_S: Final = 15.0
"""How long it may pass nothing on before it counts as having stopped."""


def script_of(database: str, after: int) -> tuple[Script, list[Line]]:
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


def passed_on(servers: Servers, script: Script, inputs: Sequence[Line]) -> tuple[float, int, int]:
    """Run Faust alone over the same inputs; give its rate, how many records it passed on, and of how many."""
    ids = {each.event.id for each in inputs}
    reached = set(ids)
    while True:  # what no input leads to (what the clock began, say) would never come
        more = {
            sent.headers["ce_id"].decode()
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

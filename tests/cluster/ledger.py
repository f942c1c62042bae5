"""What goes into a cluster in a test, what must come out of it, and the count that compares them.

The law of every test of a worker: each event that was produced stands in the log exactly once, each step has heard it
exactly once, what came of it is what one calm run gives, ids and state included, and nothing is owed any more.
"""

import asyncio
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid5

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from fixtures import path, scenario
from fixtures.scenario import START
from streams.cloudevents import to_cloudevent
from streams.cluster.access import Access
from streams.cluster.lag import PARTITIONS, Ends, Source, cursors, lags
from streams.cluster.postgres import Postgres
from streams.cluster.turn import readers
from streams.events import (
    NAMESPACE,
    AnyBody,
    Event,
    ReportReceived,
    ResponderEnrolled,
    ShiftChanged,
    audience,
    decode,
)
from streams.handle import Step
from streams.simulated import Simulated
from streams.topics import topic_of

LOOK_S = 0.1
STILL = 900
"""Looks without any news after which nothing more is expected."""


Sent = tuple[str, bytes | None, bytes | None, Mapping[str, bytes | None]]
"""Topic, key, value and headers of a record."""


class Lost(AssertionError):
    """The law does not hold."""


def people() -> list[Event]:
    """Give the demo's responders as they enrol and go on shift."""
    events = []
    for id_, person in scenario.people().items():
        fields = {name: person[name] for name in ResponderEnrolled.__struct_fields__ if name in person}
        enrolled = msgspec.convert(fields | {"responder": id_}, ResponderEnrolled)
        events.append(event(id_, enrolled, enrolled.home[:6]))
        events.append(event(f"{id_}/shift", ShiftChanged(responder=id_, on=True), enrolled.home[:6]))
    return events


def calls(name: str, count: int, first: int = 0) -> list[Event]:
    """Give reports from the demo's wards, each an hour after the one before, so that each is an incident of its own.

    What comes of them depends on their order alone, not on when which step looks at them. `first` is the hour of the
    first one.
    """
    with path("demo/ward_centres.csv").open(encoding="utf-8") as lines:
        wards = [(row["county_code"], float(row["lon"]), float(row["lat"])) for row in csv.DictReader(lines)]
    made = []
    for n in range(first, first + count):
        county, lon, lat = wards[n % len(wards)]
        text, reporter = f"flood water in the houses {n}", f"+2547{n:08d}"
        body = ReportReceived(channel="web", text=text, hazard="flood", lon=lon, lat=lat, reporter=reporter)
        made.append(event(f"{name}/{n}", body, f"KE.{county}", hours=n))
    return made


def event(name: str, body: AnyBody, key: str, hours: int = 0) -> Event:
    """Give a door's event, the same for the same name."""
    id_ = str(uuid5(NAMESPACE, f"ledger/{name}"))
    at = START + timedelta(hours=hours)
    seen_by = audience(key, "operator")
    return Event(id=id_, cause=id_, source="door", key=key, at=at, seen=at, audience=seen_by, body=body)


class Calm:
    """One run without any fault, in memory: what must come of some events."""

    def __init__(self, steps: Sequence[Step], *batches: Sequence[Event]) -> None:
        host = Simulated(steps, START)
        for batch in batches:
            host.feed(batch)
            while host.engine.turn(host.now):  # nobody sends messages here, nor lets time pass
                pass
        self.events = {event.id: event for event in host.events()}
        self.heard = {
            (step.name, event.id) for event in self.events.values() for step in steps if type(event.body) in step.hears
        }
        self.state = {
            (step, key, item): json.loads(value)
            for step, key, item, value in host.engine.connection.execute("SELECT * FROM state")
        }


class Ledger:
    """The books of one test's cluster."""

    def __init__(self, access: Access, database: str, steps: Sequence[Step]) -> None:
        self.access, self.database, self.steps = access, database, tuple(steps)
        self.readers = readers(self.steps)

    # --- in ---------------------------------------------------------------------------------------------------------

    def produce(self, events: Sequence[Event]) -> None:
        """Put events on Kafka, acknowledged, in this order."""
        records = [(topic_of(event.body).name, *to_cloudevent(event)) for event in events]
        asyncio.run(self.send([(topic, key, value, headers) for topic, headers, value, key in records]))

    async def send(self, records: Sequence[Sent]) -> None:
        """Put records on Kafka as they are."""
        producer = AIOKafkaProducer(
            **self.access.client("ledger"), acks="all", enable_idempotence=True, linger_ms=2, request_timeout_ms=5000
        )
        await producer.start()
        try:
            sent = [
                await producer.send(self.access.topic(topic), value=value, key=key, headers=list(headers.items()))
                for topic, key, value, headers in records
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def send_within_a_transaction(self, events: Sequence[Event]) -> None:
        """Put events on Kafka as a client does that writes in transactions; none of ours does."""
        producer = AIOKafkaProducer(**self.access.client("ledger"), transactional_id=f"{self.access.prefix}ledger")
        await producer.start()
        try:
            async with producer.transaction():
                for event in events:
                    record = to_cloudevent(event)
                    topic = self.access.topic(topic_of(event.body).name)
                    await producer.send_and_wait(topic, record.value, record.key, headers=list(record.headers.items()))
        finally:
            await producer.stop()

    # --- out --------------------------------------------------------------------------------------------------------

    def lag(self) -> dict[Source, int]:
        """Give what each reader has not taken yet, where there is any."""
        with self.connection() as connection:
            at = cursors(connection)
        found = lags(self.readers, asyncio.run(self._ends()), at)
        return {source: lag for source, lag in found.items() if lag}

    def owed(self) -> int:
        """Count the records that are written and not on Kafka."""
        return int(self.one("SELECT count(*) FROM outbox"))

    def one(self, statement: str, values: Sequence[object] = ()) -> Any:
        """Give the first column of the first row."""
        with self.connection() as connection:
            row = connection.execute(statement, values).fetchone()
            return None if row is None else row[0]

    def settle(self, alive: Callable[[], None] = lambda: None, *, still: int = STILL) -> None:
        """Wait until nothing is left to do; Lost when nothing happens for long although there is."""
        before: object = None
        idle = 0
        while True:
            alive()
            behind, owed = self.lag(), self.owed()
            if not behind and not owed and not self.lag():
                return
            now = (sorted(behind.items()), owed)
            idle = idle + 1 if now == before else 0
            if idle > still:
                raise Lost(f"nothing happens any more, with {owed} in the outbox and behind by {behind}")
            before = now
            self.wait()

    def wait(self) -> None:
        """Wait for news of the log, or a little."""
        with self.connection() as connection:
            connection.execute("LISTEN dharura_log")
            for _ in connection.raw.notifies(timeout=LOOK_S, stop_after=1):
                return

    def until(self, statement: str, alive: Callable[[], None] = lambda: None) -> None:
        """Wait until a statement gives something that counts as true."""
        for _ in range(STILL * 2):
            alive()
            if self.one(statement):
                return
            self.wait()
        raise Lost(f"never true: {statement}")

    def check(self, calm: Calm, *, state: bool = True) -> None:
        """Compare the books with a calm run; Lost says what differs."""
        with self.connection() as connection:
            rows = connection.execute('SELECT "offset", id::text, event FROM log ORDER BY "offset"').fetchall()
            heard = {tuple(row) for row in connection.execute("SELECT step, id::text FROM heard").fetchall()}
            kept = connection.execute('SELECT step, "key", item, value FROM state').fetchall()
        _same("events of the log", {id_ for _, id_, _ in rows}, set(calm.events), calm.events)
        _same("what was heard", heard, calm.heard, {})
        if [offset for offset, _, _ in rows] != list(range(1, len(rows) + 1)):
            raise Lost("the log has holes")
        for _, id_, data in rows:
            if decode(data) != calm.events[id_]:
                raise Lost(f"{decode(data)}\n is not what calm gives:\n{calm.events[id_]}")
        if state:
            _same("state", {(*row[:3], json.dumps(json.loads(row[3]))) for row in kept}, _flat(calm.state), {})
        asyncio.run(self._check_kafka({id_: offset for offset, id_, _ in rows}))
        if (behind := self.lag()) or self.owed():
            raise Lost(f"still owed: {behind}, {self.owed()} in the outbox")

    @contextmanager
    def connection(self) -> Iterator[Postgres]:
        """Open the database for a look."""
        with closing(Postgres.connect(self.database, name="ledger")) as connection:
            yield connection

    def consumer(self, **arguments: Any) -> AIOKafkaConsumer:
        """Make a consumer."""
        return AIOKafkaConsumer(**(self.access.client("ledger") | {"enable_auto_commit": False} | arguments))

    async def _ends(self) -> Any:
        ends = Ends(lambda: self.consumer(auto_offset_reset="none"), self.access.prefix)
        try:
            return await ends.read(dict.fromkeys(topic for topics in self.readers.values() for topic in topics))
        finally:
            await ends.stop()

    async def _check_kafka(self, offsets: Mapping[str, int]) -> None:
        """See that each event is on Kafka, and that the first copies of a key are in the order of the log."""
        first: dict[str, None] = {}
        last: dict[tuple[str, int], int] = {}
        consumer = self.consumer(auto_offset_reset="earliest")
        consumer.subscribe([self.access.topic(topic) for topic in PARTITIONS])
        await consumer.start()
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            while any([await consumer.position(at) < end for at, end in ends.items()]):
                for at, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        headers = dict(record.headers)
                        id_ = headers.get("ce_id", b"").decode()
                        if id_ not in offsets or id_ in first:
                            continue
                        first[id_] = None
                        made = headers.get("ce_source") != b"/dharura/door"
                        if made and last.get((at.topic, at.partition), 0) > offsets[id_]:
                            raise Lost(f"{at}: {id_} is out of turn")
                        if made:
                            last[at.topic, at.partition] = offsets[id_]
        finally:
            await consumer.stop()
        _same("events on Kafka", set(first), set(offsets), {})


def _flat(state: Mapping[tuple[str, str, str], Any]) -> set[tuple[str, str, str, str]]:
    return {(*where, json.dumps(value)) for where, value in state.items()}


def _same(what: str, found: set[Any], wanted: set[Any], names: Mapping[Any, Any]) -> None:
    missing, more = wanted - found, found - wanted
    if missing or more:
        shown = [names.get(each, each) for each in [*sorted(missing)][:3]]
        raise Lost(f"{what}: {len(missing)} missing, {len(more)} too many; {shown} {[*sorted(more)][:3]}")

"""What one worker process does beside Faust: its inbox, its turns, what fetches what is missing, what watches it.

Faust's side (`streams.worker`) says which partitions are held and puts records in; here they are put together with the
threads that work on them. Next on the road: `taking`.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import wraps
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer

from streams.cluster.access import Cluster
from streams.cluster.delivering import Running
from streams.cluster.inbox import Acknowledged, Inbox
from streams.cluster.lag import PARTITIONS, Ends, KafkaAway, Partition, Source, cursors
from streams.cluster.loop_thread import LoopThread
from streams.cluster.marker import Marker
from streams.cluster.postgres import Postgres
from streams.cluster.present import TURNS
from streams.cluster.records import Record, headers_of
from streams.cluster.refetch import Refetch
from streams.cluster.tables import prepare
from streams.cluster.taking import Taking
from streams.cluster.turn import Turns, readers
from streams.cluster.watchdog import Patience, Seen, Stillness, Watchdog
from streams.database import StorageError
from streams.events import Event, Fact
from streams.handle import Step
from streams.state import State

POSITIONS_S: Final = 20.0
"""How long our own cursors are waited for before reading begins where Faust had committed; gaps are fetched then."""
STOP_S: Final = 15.0
"""How long a turn may take to end when the worker is asked to stop."""
RETRY_S: Final = 1.0
"""How long it waits before it asks Kafka again."""
BEAT_S: Final = 1.0
"""How often the event loop says that it turns."""

logger = structlog.get_logger()


class Work:
    """The parts of one worker process. Its coroutines are called from Faust's event loop."""

    def __init__(self, cluster: Cluster, steps: Sequence[Step], patience: Patience, folder: Path) -> None:
        self.cluster, self.readers = cluster, readers(steps)
        self._steps = [self._noted(step) for step in steps]
        self._marker = Marker(folder)
        self._topics = tuple(dict.fromkeys(topic for topics in self.readers.values() for topic in topics))
        self.inbox = Inbox()
        self.refetch = Refetch(self._consumer, cluster.kafka.prefix, self._topics)
        self.taking = Taking(self._turns, self.inbox, self.refetch, self._acknowledge)
        self._looking = LoopThread("dharura-ends")
        self._ends = Ends(self._consumer, cluster.kafka.prefix)
        self._connection: Postgres | None = None
        self._prepared = False
        self.watchdog = Watchdog(
            Stillness(self.readers, self, patience), self, patience, self._look, self._suspect, self._marker.wind
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beating: asyncio.Task[None] | None = None
        self._positions: Future[Mapping[Partition, int]] | None = None

    async def start(self) -> None:
        """Begin, from Faust's event loop."""
        self._loop = asyncio.get_running_loop()
        self._marker.watch()
        self.refetch.start(self)
        self.taking.start()
        self.watchdog.start()
        self._beating = asyncio.create_task(self._beat())

    async def reach_kafka(self) -> None:
        """Wait until Kafka answers for every topic: Faust itself would give up at once."""
        while True:
            try:
                await asyncio.to_thread(self.refetch.offsets)
                return
            except KafkaAway as error:
                logger.warning("the worker waits for Kafka", detail=str(error))
                await asyncio.sleep(RETRY_S)

    async def stop(self) -> None:
        """Finish the turn that runs, and let go of everything."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.to_thread(self._stop)

    async def assigned(self, partitions: Iterable[tuple[str, int]]) -> None:
        """Hold exactly these partitions (by Kafka's names of the topics)."""
        skip = len(self.cluster.kafka.prefix)
        numbers = {(topic[skip:], number) for topic, number in partitions}
        self._positions = self.taking.hold(
            Source(reader, topic, number)
            for reader, topics in self.readers.items()
            for topic in topics
            for number in range(PARTITIONS[topic])
            if (topic, number) in numbers
        )
        logger.info("partitions assigned", partitions=len(numbers), worker=self.cluster.worker)

    async def revoked(self, _partitions: Iterable[tuple[str, int]] = ()) -> None:
        """Let go of every partition, once the turn that runs is over: Kafka takes all away to share them out anew."""
        self._positions = None
        await asyncio.wait([asyncio.wrap_future(self.taking.hold(()))], timeout=STOP_S)

    async def positions(self) -> Mapping[Partition, int]:
        """Give where each partition held is to be read from; nothing while that is not known."""
        if self._positions is None:
            return {}
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._positions)), POSITIONS_S)
        except TimeoutError:
            return {}

    async def put(self, reader: str, event: Any) -> None:
        """Keep an event of Faust's for the turns."""
        message = event.message
        record = getattr(message, "stream_meta", None)
        if record is None:  # one for all readers; the slot is Faust's for sensors, of which we have none
            record = message.stream_meta = Record(
                message.topic[len(self.cluster.kafka.prefix) :],
                message.partition,
                message.offset,
                message.key,
                message.value or b"",
                headers_of(message.headers or ()),
            )
        await self.inbox.put(Source(reader, record.topic, record.partition), record, event)

    # --- what the watchdog sees ---------------------------------------------------------------------------------

    def running(self) -> Running | None:
        """Give what a step is looking at."""
        return self.taking.running()

    def held(self) -> frozenset[Source]:
        """Give what this worker reads."""
        return self.inbox.held()

    def delivered(self, source: Source) -> int:
        """Say how many records of a source Faust has brought."""
        return self.inbox.delivered(source)

    def idle(self, source: Source) -> bool:
        """Say that nothing of a source waits or is fetched."""
        return self.inbox.idle(source)

    def fill(self, source: Source, first: int, until: int) -> None:
        """Have records fetched that nobody brings."""
        self.taking.fill(source, first, until)

    # --- what the refetch brings --------------------------------------------------------------------------------

    def insert(self, source: Source, records: Sequence[Record]) -> None:
        """Take what was fetched."""
        self.inbox.insert(source, records)

    def absent(self, source: Source, first: int, until: int) -> None:
        """Go on behind what Kafka does not have."""
        self.taking.absent(source, first, until)

    def begin_again(self, source: Source) -> None:
        """Ask anew where a source begins."""
        self.taking.begin_again(source)

    # ------------------------------------------------------------------------------------------------------------

    def _noted(self, step: Step) -> Step:
        function = step.function

        @wraps(function)
        def noted(state: State, event: Event) -> Iterable[Fact]:
            self._marker.note(self.running())
            return function(state, event)

        return msgspec.structs.replace(step, function=noted)

    def _consumer(self) -> AIOKafkaConsumer:
        arguments = self.cluster.kafka.client(f"{self.cluster.worker}-reader")
        return AIOKafkaConsumer(**arguments, enable_auto_commit=False, auto_offset_reset="none")

    def _connect(self, name: str) -> Postgres:
        return Postgres.connect(self.cluster.database, name=f"{name}{self.cluster.worker}")

    def _turns(self) -> Turns:
        connection = self._connect(TURNS)
        if not self._prepared:
            prepare(connection)
            if (held := self._marker.held()) is not None:
                logger.error("a step kept the interpreter to itself; its event is set aside", **held._asdict())
                self._suspect(held)
                self._marker.settled()
            self._prepared = True
        return Turns(connection, self._steps)

    def _acknowledge(self, events: Sequence[Acknowledged]) -> None:
        if self._loop is not None and events:
            self._loop.call_soon_threadsafe(_acknowledge_all, events)

    async def _beat(self) -> None:
        while True:
            self.watchdog.beat()
            await asyncio.sleep(BEAT_S)

    def _look(self) -> Seen | None:
        try:
            ends = self._looking.run(self._ends.read(self._topics), 30.0)
            self._connection = self._connection or self._connect("dharura watchdog: ")
            with self._connection.transaction():
                return Seen(ends, cursors(self._connection))
        except (KafkaAway, StorageError, TimeoutError) as error:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            logger.info("the watchdog waits", error=str(error))
            return None

    def _suspect(self, step: Running) -> None:
        connection = self._connect("dharura suspect: ")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO suspect VALUES (?,?,?,?) ON CONFLICT DO NOTHING", tuple(step))
        finally:
            connection.close()

    def _stop(self) -> None:
        self.watchdog.stop()
        if self.taking.stop(STOP_S):
            self._marker.close()
        else:
            logger.warning("a turn does not end; it is left", running=str(self.running()))
        self.refetch.stop()
        self._looking.run(self._ends.stop(), 30.0)
        self._looking.close()
        if self._connection is not None:
            self._connection.close()


def _acknowledge_all(events: Sequence[Acknowledged]) -> None:
    for event in events:
        event.ack()

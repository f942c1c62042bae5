"""Puts events on Kafka in rounds: of one round each partition gets one batch, and the next begins when all are there.

That keeps the order of each partition whatever fails: behind a batch that Kafka refuses there is none that it could
take instead. Everything here but `pack` runs in the event loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.cloudevents import Record

ROUND_BYTES: Final = 900_000
"""How much one round holds, unless one record alone is more."""
STOP_S: Final = 3.0
"""How long a producer may take to stop; what it has not sent by then is sent again by the next one."""


class Packed(NamedTuple):
    """What one partition gets of a round."""

    topic: str
    partition: int
    batch: BatchBuilder


class Publisher:
    """One producer's life, from a start to its first failure."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    async def start(cls, make: Callable[[], AIOKafkaProducer]) -> Self:
        """Make a producer (in this event loop) and connect it; raises KafkaError."""
        producer = make()
        try:
            await producer.start()
        except BaseException:
            await _stop(producer)
            raise
        return cls(producer)

    def pack(self, records: Iterable[tuple[str, int, Record]]) -> list[Packed]:
        """Make the batches of a round of (topic, partition, record), in any thread; they keep their order."""
        batches: dict[tuple[str, int], Packed] = {}
        for topic, partition, record in records:
            at = (topic, partition)
            packed = batches.get(at)
            if packed is None:
                packed = batches[at] = Packed(*at, self._producer.create_batch())
            headers = list(record.headers.items())
            if packed.batch.append(timestamp=None, key=record.key, value=record.value, headers=headers) is None:
                raise ValueError(f"a round is larger than a batch: {packed.batch.size()} bytes for {topic}")
        return list(batches.values())

    async def send(self, batches: Sequence[Packed]) -> None:
        """Hand over a round and wait until Kafka has acknowledged all of it; raises the first failure."""
        for packed in batches:
            packed.batch.close()
        acks = [
            await self._producer.send_batch(packed.batch, packed.topic, partition=packed.partition)
            for packed in batches
        ]
        for outcome in await asyncio.gather(*acks, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def stop(self) -> None:
        """Let the producer go."""
        await _stop(self._producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop a producer; one that cannot reach its brokers would wait for them, so its connections are cut."""
    with suppress(TimeoutError, KafkaError):
        await asyncio.wait_for(producer.stop(), STOP_S)
    await producer.client.close()

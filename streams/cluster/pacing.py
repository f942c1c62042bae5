"""Keeps a Kafka client from asking for metadata without a pause.

aiokafka's producer asks again at once for as long as a partition has no leader, also of a broker that refuses the
connection: thousands of times a second, on the event loop that serves everybody.
"""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaClient

PAUSE_S: Final = 0.1
"""From the beginning of one request for metadata to the next: what aiokafka itself waits where it waits."""


def paced(client: AIOKafkaClient, pause_s: float = PAUSE_S) -> None:
    """Have a client that is not started yet leave a pause between its requests for metadata."""
    ask = client._metadata_update  # noqa: SLF001  there is no public way to slow it down
    next_at = 0.0

    async def pause_and_ask(*said: Any) -> bool:
        nonlocal next_at
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(next_at - now)
        next_at = max(now, next_at) + pause_s
        answered: bool = await ask(*said)
        return answered

    client._metadata_update = pause_and_ask  # noqa: SLF001

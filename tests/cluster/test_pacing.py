"""A producer whose partitions have no leader asks for metadata again and again, and not without a pause."""

import asyncio

import pytest
from aiokafka import AIOKafkaClient

from streams.cluster.access import Access
from streams.cluster.pacing import paced

PAUSE_S = 0.05


@pytest.mark.system("kafka")
async def test_metadata_asked_for_at_once_and_again_is_asked_for_with_pauses(access: Access) -> None:
    client = AIOKafkaClient(**access.client("paced"))
    paced(client, PAUSE_S)
    await client.bootstrap()
    now = asyncio.get_running_loop().time
    began = now()
    assert [await client.force_metadata_update() for _ in range(6)] == [True] * 6
    assert now() - began >= 5 * PAUSE_S
    await client.close()


@pytest.mark.system("kafka")
async def test_the_first_request_and_one_after_a_while_do_not_wait(access: Access) -> None:
    client = AIOKafkaClient(**access.client("paced"))
    paced(client, 3600.0)
    await client.bootstrap()
    assert await client.force_metadata_update()
    await client.close()

"""A topic that was made anew under a worker, or lost its end: what is accepted there afterwards is taken."""

import asyncio

import pytest

from streams.cluster import administration
from streams.topics import REPORTS
from tests.cluster.conftest import Start
from tests.cluster.ledger import Ledger, calls, people

pytestmark = pytest.mark.system("kafka", "postgresql")


async def make_anew(ledger: Ledger) -> None:
    """Delete the topic of reports, and make it as it was."""
    async with administration.administrator(ledger.access) as admin:
        await admin.delete_topics([ledger.access.topic(REPORTS.name)])
        while any(topic["topic"] == ledger.access.topic(REPORTS.name) for topic in await admin.describe_topics()):
            pass
    await administration.prepare(ledger.access)


def test_what_comes_into_a_topic_made_anew_is_taken(relayed: Ledger, worker: Start) -> None:
    one = worker()
    one.start()
    before, after = calls("before", 60), calls("after", 20)
    relayed.produce([*people(), *before])
    relayed.settle(one.alive)
    one.stop()
    asyncio.run(make_anew(relayed))
    relayed.produce(after)
    again = worker("two")
    again.start()
    relayed.settle(again.alive)
    with relayed.connection() as connection:
        logged = [id_ for (id_,) in connection.execute("SELECT id::text FROM log")]
    assert len(logged) == len(set(logged))
    assert {each.id for each in [*before, *after]} <= set(logged)
    assert relayed.one("SELECT count(*) FROM heard WHERE step = 'reports'") == len(before) + len(after)

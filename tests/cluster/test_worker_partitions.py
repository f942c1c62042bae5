"""A worker, or the keeper's relay, cut off for a minute, one way or both, with every socket open (F11).

Others go on meanwhile; what arrives late from where it was cut off changes nothing; and it takes its place again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
import pytest

from fixtures.servers.kafka import Kafka
from fixtures.servers.wire import Way, Wire
from streams.cluster.access import bootstrap
from streams.cluster.relay import Relay
from tests.cluster.conftest import Start
from tests.cluster.keeping import keeping
from tests.cluster.ledger import Calm, Ledger, calls, people
from tests.cluster.load import load
from tests.cluster.topic_contents import everything

pytestmark = pytest.mark.system("kafka", "postgresql")

CUT_S = 60.0


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.end()


@pytest.fixture(scope="module")
def kafka(wire: Wire) -> Iterator[Kafka]:
    """A broker with a second address, behind the wire."""
    server = Kafka.begin(wires=[wire])
    yield server
    server.end()


def behind(wire: Wire, database: str) -> str:
    """Give the address of a database by which it is reached over the wire."""
    parts = urlsplit(database)
    assert parts.port is not None
    return parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{wire.to(parts.port)}")).geturl()


@pytest.mark.parametrize("ways", [("there", "back"), ("back",)])
def test_a_worker_is_cut_off_from_kafka_for_a_minute(
    relayed: Ledger, worker: Start, kafka: Kafka, wire: Wire, ways: tuple[Way, ...]
) -> None:
    away, other = worker("away", kafka=kafka.bootstrap_of(1)), worker("other")
    enrolled = people()
    relayed.produce(enrolled)
    away.start()
    relayed.settle(away.alive)
    other.start()
    with load(relayed, "cut") as going:
        going.more(40)
        wire.cut(*ways)
        since = time.monotonic()
        going.last(since, CUT_S)
    relayed.settle(other.alive)  # nothing waits for the one that is cut off
    wire.heal()
    more = calls("cut", 20, first=len(going.rung))
    relayed.produce(more)
    relayed.settle(other.alive)
    other.kill()
    last = calls("cut", 20, first=len(going.rung) + 20)
    relayed.produce(last)
    relayed.settle(away.alive)  # it has taken its place again
    relayed.check(Calm(relayed.steps, enrolled, going.rung, more, last))


def test_the_answers_of_the_database_do_not_come_for_a_minute(relayed: Ledger, worker: Start, wire: Wire) -> None:
    away, other = worker("away", postgres=behind(wire, relayed.database)), worker("other")
    enrolled = people()
    relayed.produce(enrolled)
    away.start()
    relayed.settle(away.alive)
    other.start()
    with load(relayed, "cut") as going:
        going.more(40)
        wire.cut("back")  # a turn is committed, and the worker is not told
        since = time.monotonic()
        going.last(since, CUT_S)
        wire.heal()  # Kafka has heard it all along, so its partitions were nobody else's
        going.more(40)
    relayed.settle(other.alive)
    other.kill()
    last = calls("cut", 20, first=len(going.rung))
    relayed.produce(last)
    relayed.settle(away.alive)
    relayed.check(Calm(relayed.steps, enrolled, going.rung, last))


def test_kafkas_answers_to_the_relay_do_not_come_for_a_minute(
    ledger: Ledger, worker: Start, kafka: Kafka, wire: Wire
) -> None:
    one = worker()
    one.start()
    enrolled, before, rung = people(), calls("relay", 10), calls("relay", 60, first=10)
    ledger.produce(enrolled)
    ledger.produce(before)
    over = msgspec.structs.replace(ledger.access, bootstrap=bootstrap(kafka.bootstrap_of(1)))
    with keeping(ledger.database, Relay(ledger.database, over)):
        ledger.settle(one.alive)  # it has every connection that it needs
        wire.cut("back")
        since = time.monotonic()
        ledger.produce(rung)
        ledger.until("SELECT count(*) >= 70 FROM heard WHERE step = 'reports'", one.alive)
        while time.monotonic() - since < CUT_S:
            assert ledger.owed() > 0, "nothing of it was acknowledged"
            ledger.wait()
        wire.heal()
        ledger.settle(one.alive)
        ledger.check(Calm(ledger.steps, enrolled, [*before, *rung]))
    came = Counter(event.id for event in asyncio.run(everything(ledger.access, "dharura.reports")))
    assert max(came.values()) > 1, "nothing came twice: the cut has harmed nobody"

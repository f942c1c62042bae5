"""News of the database is heard, also after it was away, and nobody waits for news alone."""

import queue
import threading
from collections.abc import Iterator, Set
from contextlib import closing, contextmanager

import pytest

from fixtures.servers.postgresql import Postgresql
from streams.cluster.listening import Listening
from streams.cluster.postgres import Postgres

pytestmark = pytest.mark.system("postgresql")
CHANNEL = "dharura_test"
SECOND = "dharura_second"
NOTHING = frozenset[str]()
NEVER_S = 3600.0


class Heard(queue.SimpleQueue[Set[str]]):
    """What it was told."""


@contextmanager
def listening(address: str, heard: Heard, look_s: float) -> Iterator[Listening]:
    made = Listening(address, [CHANNEL, SECOND, CHANNEL], heard.put, who="test", look_s=look_s)
    made.start()
    try:
        yield made
    finally:
        ending = threading.Thread(target=made.stop)
        ending.start()
        with closing(Postgres.connect(address)) as connection:
            while ending.is_alive():
                connection.execute(f"NOTIFY {CHANNEL}")  # it looks up when it hears something
                ending.join(0.01)


def test_it_tells_when_it_begins_and_with_each_notification(database: str) -> None:
    heard = Heard()
    with listening(database, heard, NEVER_S), closing(Postgres.connect(database)) as connection:
        assert heard.get() == NOTHING
        assert heard.empty()
        for channel in (CHANNEL, SECOND, CHANNEL):
            connection.execute(f"NOTIFY {channel}")
            assert heard.get() == {channel}
        connection.execute("NOTIFY dharura_other")
        connection.execute(f"NOTIFY {CHANNEL}")
        assert heard.get() == {CHANNEL}
        assert heard.empty()


def test_it_tells_now_and_then_when_it_hears_nothing(database: str) -> None:
    heard = Heard()
    with listening(database, heard, 0.01):
        for _ in range(5):
            assert heard.get() == NOTHING


def test_it_tells_once_more_when_the_database_was_away(database: str, postgres: Postgresql) -> None:
    heard = Heard()
    with listening(database, heard, NEVER_S):
        heard.get()
        postgres.stop()
        postgres.start()
        heard.get()
        with closing(Postgres.connect(database)) as connection:
            connection.execute(f"NOTIFY {CHANNEL}")
        assert heard.get() == {CHANNEL}


def test_it_begins_before_the_database_is_there(database: str, postgres: Postgresql) -> None:
    heard = Heard()
    postgres.stop()
    with listening(database, heard, NEVER_S):
        assert heard.empty()
        postgres.start()
        heard.get()

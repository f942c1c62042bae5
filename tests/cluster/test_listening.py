"""News of the database is heard, also after it was away, and nobody waits for news alone."""

import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from fixtures.servers.postgresql import Postgresql
from streams.cluster.listening import Listening
from streams.cluster.postgres import Postgres

pytestmark = pytest.mark.system("postgresql")
CHANNEL = "dharura_test"
NEVER_S = 3600.0


class Heard(queue.SimpleQueue[None]):
    """How often it was told."""

    def tell(self) -> None:
        self.put(None)


@contextmanager
def listening(address: str, heard: Heard, look_s: float) -> Iterator[Listening]:
    made = Listening(address, CHANNEL, heard.tell, look_s=look_s)
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
        heard.get()
        assert heard.empty()
        for _ in range(3):
            connection.execute(f"NOTIFY {CHANNEL}")
            heard.get()
        connection.execute("NOTIFY dharura_other")
        connection.execute(f"NOTIFY {CHANNEL}")
        heard.get()
        assert heard.empty()


def test_it_tells_now_and_then_when_it_hears_nothing(database: str) -> None:
    heard = Heard()
    with listening(database, heard, 0.01):
        for _ in range(5):
            heard.get()


def test_it_tells_once_more_when_the_database_was_away(database: str, postgres: Postgresql) -> None:
    heard = Heard()
    with listening(database, heard, NEVER_S):
        heard.get()
        postgres.stop()
        postgres.start()
        heard.get()
        with closing(Postgres.connect(database)) as connection:
            connection.execute(f"NOTIFY {CHANNEL}")
        heard.get()


def test_it_begins_before_the_database_is_there(database: str, postgres: Postgresql) -> None:
    heard = Heard()
    postgres.stop()
    with listening(database, heard, NEVER_S):
        assert heard.empty()
        postgres.start()
        heard.get()

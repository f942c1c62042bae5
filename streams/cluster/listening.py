"""Hears one of PostgreSQL's NOTIFY channels in a thread, and goes on hearing it whatever becomes of the connection.

A notification may be lost with its connection, and says only that there may be news: so the listener is called after
each connection, and now and then without one, and looks for itself what is new.
"""

import threading
from collections.abc import Callable
from typing import Final

import psycopg
import structlog
from psycopg import sql

from streams.cluster.keeper import wait_s
from streams.cluster.postgres import Postgres
from streams.database import StorageError

LOOK_S: Final = 1.0
"""After so long without a notification the listener is called anyway."""

logger = structlog.get_logger()


class Listening:
    """The thread. `told` is called in it and must not block; `start` before use, `stop` at the end."""

    def __init__(self, address: str, channel: str, told: Callable[[], None], *, look_s: float = LOOK_S) -> None:
        self._address, self._channel, self._told, self._look_s = address, channel, told, look_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=f"listens-{channel}", daemon=True)

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def stop(self) -> None:
        """Hear no more. Blocks for as long as one look takes."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _listen(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            connection: Postgres | None = None
            try:
                connection = Postgres.connect(self._address, name=f"dharura listens: {self._channel}")
                connection.raw.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                failures = 0
                while not self._stopping.is_set():
                    self._told()
                    for _ in connection.raw.notifies(timeout=self._look_s, stop_after=1):
                        pass
            except (StorageError, psycopg.Error) as error:
                failures += 1
                logger.warning("notifications are not heard", channel=self._channel, detail=str(error))
                self._stopping.wait(wait_s(failures))
            finally:
                if connection is not None:
                    connection.close()

"""Hears PostgreSQL's NOTIFY channels in a thread, and goes on hearing them whatever becomes of the connection.

A notification may be lost with its connection, and says only that there may be news: so the listener is called after
each connection, and now and then without one, and looks for itself what is new.
"""

import threading
from collections.abc import Callable, Sequence, Set
from typing import Final

import psycopg
import structlog
from psycopg import sql

from streams.cluster.postgres import Postgres
from streams.cluster.retry import wait_s
from streams.database import StorageError

LOOK_S: Final = 1.0
"""After so long without a notification the listener is called anyway."""

logger = structlog.get_logger()


class Listening:
    """The thread. `told` is called in it, with the channels that were heard or with none, and must not block.

    `start` before use, `stop` at the end; `who` names it to PostgreSQL.
    """

    def __init__(
        self,
        address: str,
        channels: Sequence[str],
        told: Callable[[Set[str]], None],
        *,
        who: str,
        look_s: float = LOOK_S,
    ) -> None:
        self._address, self._channels, self._told = address, tuple(dict.fromkeys(channels)), told
        self._name, self._look_s = f"{who}: listens", look_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=self._name, daemon=True)

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def end(self) -> None:
        """Hear no more after the next notification or look; waits for nothing."""
        self._stopping.set()

    def stop(self) -> None:
        """Hear no more. Blocks for as long as one look takes at most: a database that hangs is not waited for."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(self._look_s)

    def _listen(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            connection: Postgres | None = None
            try:
                connection = Postgres.connect(self._address, name=self._name)
                for channel in self._channels:
                    connection.raw.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                failures = 0
                heard: Set[str] = frozenset()
                while not self._stopping.is_set():
                    self._told(heard)
                    heard = {notice.channel for notice in connection.raw.notifies(timeout=self._look_s, stop_after=1)}
            except (StorageError, psycopg.Error) as error:
                failures += 1
                logger.warning("notifications are not heard", who=self._name, detail=str(error))
                self._stopping.wait(wait_s(failures))
            finally:
                if connection is not None:
                    connection.close()

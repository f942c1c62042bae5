"""A node's way into the cluster: what the door accepts is on Kafka before it is answered; the rest happens elsewhere.

Ids are looked up in PostgreSQL's log first, so that whoever says the same again is told so; a repeat that slips through
(two nodes in the same moment) is dropped by every step. Next on the road: `streams.worker` takes the record up.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, ParamSpec, TypeVar

import structlog

from streams.cluster.pool import Pool
from streams.cluster.tables import end
from streams.cluster.writing import KNOWN
from streams.database import Reading, StorageError, cursor_of
from streams.log import LATER, Line
from streams.log_kafka import LogKafka

LOOK_S: Final = 5.0
"""How long ids are looked up at most before an append is given up."""
PROBE_S: Final = 2.0
"""How often it is looked whether the database is there and the same."""
RECENT: Final = 20_000
"""Ids that this node wrote last: they may not be in the log yet."""
PROJECTOR: Final = "projector"
"""The reader whose cursor says how far the read model is."""

T = TypeVar("T")
P = ParamSpec("P")

logger = structlog.get_logger()


class _Asked(NamedTuple):
    ids: list[str]
    known: "asyncio.Future[set[str]]"


class Clustered:
    """The host of one API node; all its methods but `end` and `done` are for the event loop.

    `changed` is called when this node must begin again, with the words why, as `why_changed` gives them: that is asked
    in a thread every few seconds, and gives None while the database holds what this node joined.
    """

    def __init__(
        self,
        database: str,
        epoch: str,
        log: LogKafka,
        *,
        clock: Callable[[], datetime],
        why_changed: Callable[[Reading], str | None],
        changed: Callable[[str], None],
    ) -> None:
        self.clock = clock
        self._epoch, self._log, self._why_changed, self._changed = epoch, log, why_changed, changed
        self._pool = Pool(database, most=2, name="dharura node: host")
        self._threads = ThreadPoolExecutor(2, "dharura-host")
        self._asked: list[_Asked] = []
        self._looking: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._recent: OrderedDict[str, None] = OrderedDict()
        self._database_trouble: StorageError | None = None

    @property
    def epoch(self) -> str:
        """Identity of the log."""
        return self._epoch

    @property
    def trouble(self) -> StorageError | None:
        """Why nothing can be written just now; None when all is well."""
        return self._log.trouble or self._database_trouble

    def end(self) -> int:
        """Give the newest offset of the log. Asks the database."""
        return end(self._pool)

    def done(self) -> int:
        """Give the offset up to which the read model has come. Asks the database."""
        return cursor_of(self._pool, PROJECTOR)

    def start(self) -> None:
        """Begin to reach for Kafka, and to look now and then whether the database is there and the same."""
        self._log.start()
        self._probing = asyncio.create_task(self._probe(), name="host-probe")

    async def close(self) -> None:
        """Let go of Kafka and the database."""
        for task in (self._probing, self._looking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._log.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.close()

    async def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Write events; `LATER` for each that is durable now, None where the id was there. Raises StorageError."""
        known = await self._known([line.event.id for line in lines])
        written: list[int | None] = []
        new: list[Line] = []
        for line in lines:
            fresh = line.event.id not in known
            written.append(LATER if fresh else None)
            if fresh:
                known.add(line.event.id)
                new.append(line)
        if new:
            await self._log.append(new)
            self._remember(new)
        return written

    def _remember(self, new: Sequence[Line]) -> None:
        for line in new:
            self._recent[line.event.id] = None
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    # --- which ids are known ---------------------------------------------------------------------------------------

    async def _known(self, ids: list[str]) -> set[str]:
        """Give those ids that are in the log, or that this node wrote a moment ago."""
        asked = _Asked(ids, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_up(), name="host-ids")
        try:
            async with asyncio.timeout(LOOK_S):
                found = await asked.known
        except TimeoutError:
            self._database_trouble = StorageError(f"the database did not answer within {LOOK_S:.0f} s")
            raise self._database_trouble from None
        return found | {id_ for id_ in ids if id_ in self._recent}

    async def _look_up(self) -> None:
        """Look up whatever is asked, all that waits in one query: a request more costs the database nothing."""
        while self._asked:
            waiting = [asked for asked in self._asked if not asked.known.done()]
            self._asked = []
            try:
                found = await self._read(self._find, [id_ for asked in waiting for id_ in asked.ids])
            except Exception as error:  # noqa: BLE001  whoever waits for it gets it
                for asked in waiting:
                    if not asked.known.done():
                        asked.known.set_exception(error)
                continue
            for asked in waiting:
                if not asked.known.done():
                    asked.known.set_result(found.intersection(asked.ids))

    def _find(self, ids: list[str]) -> set[str]:
        return {id_ for (id_,) in self._pool.execute(KNOWN, (ids,))}

    async def _read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the database in a thread, and note whether it answered."""
        work = partial(function, *args, **kwargs)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except StorageError as error:
            self._database_trouble = error
            raise
        self._database_trouble = None
        return found

    # --- whether it is there, and the same -------------------------------------------------------------------------

    async def _probe(self) -> None:
        while True:
            try:
                why = await self._read(self._why_changed, self._pool)
            except StorageError as error:
                logger.warning("the database is away", code=error.code, detail=str(error))
            except Exception:
                logger.exception("it could not be told whether this node may go on")
            else:
                if why is not None:
                    self._changed(why)
                    return
            await asyncio.sleep(PROBE_S)

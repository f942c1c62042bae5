"""How everything that should be moving is moving: what comes in, what goes out, and what is between.

You are behind `routes/health`: the console asks every few seconds, since a quiet screen may mean a quiet county or a
dead feed, and an operator must know which. `heard` is told by the door of what came in; the rest is read from the
database, at most every two seconds however many ask. Every judgement is a plain function of figures. Next: the strip
along the console's edge.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from alerts.admission import SeriesState
from responder_api.checkup import SCARCE, TOO_LITTLE, TRIED
from responder_api.series import usual_gap
from streams.database import Reading
from streams.events import Event, ReportReceived, SmsReceived
from streams.log import readable
from streams.world import Gauge

if TYPE_CHECKING:
    from responder_api.node import Node

State = Literal["ok", "late", "silent", "failing", "unknown"]

KEPT_S: Final = 2.0
QUIET_S: Final = 24 * 3600.0
"""A channel of the public from which nothing came for so long is called silent."""
USUAL_S: Final = 900.0
"""How often a gauge reports that has not yet shown it."""
LATE_AFTER: Final = (2.5, 120.0)
SILENT_AFTER: Final = (6.0, 600.0)
"""So many times the usual gap, and at least so many seconds, until a gauge is late or silent."""
WAITING_S: Final = 60.0
"""A message that waits longer than this, or steps that are behind for longer, are late."""
_LOOKED_BACK: Final = 20_000
"""Events of the log that are looked through at a start for what came in last."""
_LOOKED_AT: Final = 500
"""Messages that are looked at for the oldest one."""
_GAP_KEPT_S: Final = 300.0


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that should be moving.

    `ok`; `late`: slower than it should be; `silent`: nothing comes; `failing`: it tries and fails, or soon will;
    `unknown`: nothing came yet by which to tell. `last_at` is when it last moved, `age_s` how long ago that is. `count`
    is what has piled up (messages that wait, events not yet worked off, open dead letters, megabytes free), `station`
    and `county` are a gauge's.
    """

    id: str
    feed: Literal["sms", "reports", "gauge", "outgoing", "pipeline", "disk", "deadletters"]
    state: State
    detail: str
    last_at: datetime | None = None
    age_s: float | None = None
    count: int | None = None
    station: str | None = None
    county: str | None = None


class _Waiting(msgspec.Struct, frozen=True):
    """What of an asked message tells how long it waits."""

    seen: datetime


class Feeds:
    """Judges one node's feeds."""

    def __init__(self) -> None:
        self._heard: dict[str, datetime] = {}
        self._looked_to: int | None = None
        self._gaps: dict[str, tuple[float, float]] = {}
        self._caught_up: datetime | None = None
        self._kept: tuple[float, list[Feed]] | None = None
        self._asking = asyncio.Lock()

    def heard(self, event: Event) -> None:
        """Note that something came in at the door."""
        feed = _public_feed(event)
        if feed is not None:
            self._heard[feed] = event.seen

    async def now(self, node: "Node") -> list[Feed]:
        """Give how every feed is."""
        async with self._asking:
            if self._kept is None or time.monotonic() - self._kept[0] > KEPT_S:
                self._kept = (time.monotonic(), await node.read(self._look, node))
            return self._kept[1]

    def _look(self, node: "Node") -> list[Feed]:
        now, database = node.clock(), node.views.connection()
        end = node.host.end()
        # What came in at other nodes stands in the log alone; so does what came in before this start.
        for feed, at in _last_heard(database, end - _LOOKED_BACK if self._looked_to is None else self._looked_to):
            self._heard[feed] = max(at, self._heard.get(feed, at))
        self._looked_to = end
        return [
            public_channel("sms", "text messages", self._heard.get("sms"), now),
            public_channel("reports", "reports from web and app", self._heard.get("reports"), now),
            *(self._gauge(node, known, now) for _, known in sorted(node.world.stations.items())),
            _outgoing(node, database, now),
            self._pipeline(node, now),
            disk(shutil.disk_usage(node.settings.data).free),
            # One that was replayed stays in view until it is filed, but waits for nobody.
            dead_letters(_count(database, "SELECT count(*) FROM view WHERE kind = 'deadletter' AND over IS NULL")),
        ]

    def _gauge(self, node: "Node", known: Gauge, now: datetime) -> Feed:
        document = node.views.get("gauge", known.station.id)
        value = msgspec.json.decode(document.data) if document is not None else {}
        heard = value.get("heard_at")
        flags = [flag["flag"] for flag in value.get("flags", []) if flag["flag"] in ("stuck", "recovered")]
        stuck = flags[:1] == ["stuck"]
        return gauge(known, datetime.fromisoformat(heard) if heard else None, self._gap(node, known), now, stuck=stuck)

    def _gap(self, node: "Node", known: Gauge) -> float:
        """Give a gauge's usual time between readings; it seldom changes, so it is not worked out each time."""
        made, gap = self._gaps.get(known.station.id, (float("-inf"), USUAL_S))
        if time.monotonic() - made > _GAP_KEPT_S:
            state = node.views.state("gauges", known.station.id).load("series", SeriesState)
            found = usual_gap(state.times[-100:]) if state is not None else None
            gap = found or USUAL_S
            # One that is not known yet is looked for again at once.
            self._gaps[known.station.id] = (time.monotonic() if found else float("-inf"), gap)
        return gap

    def _pipeline(self, node: "Node", now: datetime) -> Feed:
        behind = node.host.end() - node.host.done()
        if behind == 0 or self._caught_up is None:
            self._caught_up = now
        return pipeline(behind, self._caught_up, now, node.standstill())


def public_channel(feed: Literal["sms", "reports"], what: str, last: datetime | None, now: datetime) -> Feed:
    """Judge a channel on which people write when they have something to say."""
    if last is None:
        return Feed(id=feed, feed=feed, state="unknown", detail=f"no {what} yet")
    age = _age(last, now)
    state: State = "ok" if age <= QUIET_S else "silent"
    return Feed(id=feed, feed=feed, state=state, detail=what, last_at=last, age_s=age)


def gauge(known: Gauge, last: datetime | None, every_s: float, now: datetime, *, stuck: bool = False) -> Feed:
    """Judge a gauge by how often it usually reports."""
    station = known.station
    age = None if last is None else _age(last, now)
    state: State
    if age is None:
        state, detail = "unknown", "has not reported yet"
    elif age > max(SILENT_AFTER[0] * every_s, SILENT_AFTER[1]):
        state, detail = "silent", f"usually reports every {_span(every_s)}"
    elif stuck:
        state, detail = "failing", "its value does not move: the sensor may be stuck"
    elif age > max(LATE_AFTER[0] * every_s, LATE_AFTER[1]):
        state, detail = "late", f"usually reports every {_span(every_s)}"
    else:
        state, detail = "ok", f"reports every {_span(every_s)}"
    return Feed(
        id=f"gauge:{station.id}",
        feed="gauge",
        state=state,
        detail=f"{station.name} {detail}",
        last_at=last,
        age_s=age,
        station=station.id,
        county=known.county,
    )


def outgoing(waiting: int, failing: int, oldest: datetime | None, sent_at: datetime | None, now: datetime) -> Feed:
    """Judge the messages that must leave the house."""
    age = None if oldest is None else _age(oldest, now)
    state: State = "ok"
    detail = f"{waiting:,} waiting" if waiting else "none waiting"
    if failing:
        state, detail = "failing", f"{failing:,} of {waiting:,} waiting failed {TRIED} times or more"
    elif age is not None and age > WAITING_S:
        state, detail = "late", f"{waiting:,} waiting, the oldest for {_span(age)}"
    return Feed(id="outgoing", feed="outgoing", state=state, detail=detail, last_at=sent_at, age_s=age, count=waiting)


def pipeline(behind: int, caught_up: datetime, now: datetime, standstill: str | None) -> Feed:
    """Judge the steps by how long they have been behind the log, unless it is known that they stand still."""
    age = _age(caught_up, now)
    state: State = "ok"
    detail = f"{behind:,} events behind" if behind else "all worked off"
    if standstill is not None:
        state, detail = "failing", standstill
    elif behind and age > WAITING_S:
        state, detail = "late", f"{behind:,} events behind, for {_span(age)}"
    return Feed(id="pipeline", feed="pipeline", state=state, detail=detail, last_at=caught_up, age_s=age, count=behind)


def disk(free: int) -> Feed:
    """Judge the room that is left."""
    state: State = "failing" if free < TOO_LITTLE else "late" if free < SCARCE else "ok"
    return Feed(id="disk", feed="disk", state=state, detail=f"{free / 1e9:,.1f} GB free", count=free // 1_000_000)


def dead_letters(count: int) -> Feed:
    """Judge what no step could take."""
    detail = f"{count:,} wait for somebody to look" if count else "none open"
    return Feed(id="deadletters", feed="deadletters", state="failing" if count else "ok", detail=detail, count=count)


def _outgoing(node: "Node", database: Reading, now: datetime) -> Feed:
    waiting, failing = database.execute(
        "SELECT count(*), count(*) FILTER (WHERE attempts >= ?) FROM outgoing", (TRIED,)
    ).fetchone()
    rows = database.execute("SELECT event FROM outgoing LIMIT ?", (_LOOKED_AT,)) if waiting else ()
    oldest = min((msgspec.json.decode(data, type=_Waiting).seen for (data,) in rows), default=None)
    sent_at = None if node.effects is None else node.effects.sent_at
    return outgoing(waiting, failing, oldest, sent_at, now)


def _last_heard(database: Reading, after: int) -> Iterator[tuple[str, datetime]]:
    """Find what came in last behind an offset of the log."""
    rows = database.execute(
        "SELECT event FROM log WHERE \"offset\" > ? AND topic IN ('dharura.inbound', 'dharura.reports')"
        ' ORDER BY "offset" DESC',
        (after,),
    )
    found: set[str] = set()
    for (data,) in rows:
        event = readable(data)
        feed = None if event is None else _public_feed(event)
        if event is not None and feed is not None and feed not in found:
            found.add(feed)
            yield feed, event.seen
        if len(found) == 2:
            return


def _public_feed(event: Event) -> str | None:
    if isinstance(event.body, SmsReceived):
        return "sms"
    if isinstance(event.body, ReportReceived) and event.body.channel != "sms":
        return "reports"
    return None


def _count(database: Reading, query: str) -> int:
    (count,) = database.execute(query).fetchone()
    return int(count)


def _age(then: datetime, now: datetime) -> float:
    return max(0.0, round((now - then).total_seconds(), 1))


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"

"""Read models over either database, empty, and somebody who tells them facts, for the tests of what they promise."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid5

from responder_api import view_tables, view_tables_postgres
from responder_api.audience import Viewer, keys_of
from responder_api.projector import Projector
from responder_api.views_postgres import ViewsPostgres
from responder_api.views_sql import ViewsSql
from responder_api.views_sqlite import ViewsSqlite
from streams import events as e
from streams.cluster import tables
from streams.cluster.log_postgres import LogPostgres
from streams.cluster.postgres import Postgres
from streams.database import FILE, Connection, connect
from streams.events import NAMESPACE, AnyBody, Event, audience
from streams.log import Line, Stored, line
from streams.log_sqlite import LogSqlite
from tests.contracts.adapters import sqlite_transaction

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
COUNTY = "KE.042"
WARD = "KE.042.240.1201"
ELSEWHERE = "KE.047.280.1401"
LOCATED: dict[str, Any] = {"ward": WARD, "ward_name": "Nyalenda B", "lon": 34.75, "lat": -0.13}
JUDGED: dict[str, Any] = {"hazard": "flood", "severity": "Moderate"}


def keys(role: str, area: str, person: str | None = None) -> frozenset[str]:
    grants: Any = frozenset({(role, area)})
    return frozenset(keys_of(Viewer(account="a", person=person, grants=grants)))


OPERATOR = keys("operator", COUNTY)


class Kept(NamedTuple):
    """A read model, its log, and how its one writer writes both in one transaction."""

    views: ViewsSql
    epoch: str
    writer: Connection
    transaction: Callable[[], AbstractContextManager[object]]
    log: Callable[[Sequence[Line]], object]


@contextmanager
def sqlite_kept(folder: Path) -> Iterator[Kept]:
    with ExitStack() as opened:
        writer = opened.enter_context(closing(connect(folder / FILE)))
        view_tables.prepare(writer)
        log = LogSqlite(writer)
        transaction = partial(sqlite_transaction, writer, log)
        views = opened.enter_context(closing(ViewsSqlite(folder, log.epoch)))
        yield Kept(views, log.epoch, writer, transaction, log.append)


@contextmanager
def postgres_kept(address: str, *, empty: bool = True) -> Iterator[Kept]:
    with ExitStack() as opened:
        writer = opened.enter_context(closing(Postgres.connect(address)))
        epoch = tables.prepare(writer, (*tables.SCHEMA, *view_tables_postgres.SCHEMA))
        if empty:
            writer.execute("TRUNCATE view, filed, feed, part_of, log, outbox, state")
            writer.execute('UPDATE log_end SET "offset" = 0')
        views = opened.enter_context(closing(ViewsPostgres(address, epoch)))
        yield Kept(views, epoch, writer, writer.transaction, LogPostgres(writer).append)


class Teller:
    """Tells facts to a read model, each call one batch in one transaction."""

    def __init__(self, kept: Kept) -> None:
        self.kept, self.n, self.named = kept, 0, 0
        self.projector = Projector(kept.epoch)

    def tell(self, *bodies: AnyBody | Event, at: datetime = NOON) -> list[Event]:
        events = [body if isinstance(body, Event) else self.event(body, at=at) for body in bodies]
        with self.kept.transaction():
            batch = [Stored(self.n + n, event) for n, event in enumerate(events, start=1)]
            self.projector.follow(self.kept.writer, batch)
            self.kept.log([line(event) for event in events])
        self.n += len(events)
        return events

    def event(
        self, body: AnyBody, *, name: str = "", cause: str = "", area: str = COUNTY, at: datetime = NOON
    ) -> Event:
        self.named += 1
        id_ = uuid_of(name or f"{type(body).__name__}/{self.named}")
        seen_by = audience(area, "operator")
        return Event(id=id_, cause=cause or id_, source="s", key=area[:6], at=at, seen=at, audience=seen_by, body=body)


def uuid_of(name: str) -> str:
    return str(uuid5(NAMESPACE, f"views/{name}"))


def opened(incident: str, *, ward: str = WARD, report: str = "") -> AnyBody:
    about = LOCATED | JUDGED | {"ward": ward, "report": report}
    return e.IncidentOpened(incident=incident, reference=incident, evidence=0.3, **about)


def closed(incident: str) -> AnyBody:
    return e.IncidentClosed(incident=incident, by="kisumu", reason="over")


def reopened(incident: str) -> AnyBody:
    return e.IncidentReopened(incident=incident, severity="Moderate", evidence=0.3, reports=1, by="kisumu")


def enrolled(responder: str, phone: str, home: str = WARD, name: str = "Amina") -> AnyBody:
    return e.ResponderEnrolled(
        responder=responder, name=name, title="Officer", organisation="KRCS", phone=phone, skills=("boat",), home=home
    )

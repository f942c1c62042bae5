"""A folder that was played for ten minutes, and the empty cluster that it moves to."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fixtures.flood import play_flood
from fixtures.scenario import START
from fixtures.stepped import Stepped
from responder_api import view_tables
from responder_api.accounts import Account, Grant, SigningKey
from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.projector import Projector
from streams.cluster.access import Access, Cluster
from streams.cluster.postgres import Postgres
from streams.database import FILE, connect
from streams.handle import Step
from streams.log import line
from streams.log_sqlite import LogSqlite
from streams.pending import Pending
from tests.cluster.migrate.moves import report, unsent

MINUTES = 10


async def signed_in(folder: Path) -> None:
    """Let somebody have an account and a session, keys be changed once, and a set-up link be open."""
    accounts = SqliteAccounts(folder / FILE)
    roles = (Grant(role="operator", area="KE.042"),)
    made = Account(id="a1", name="atieno", display_name="Atieno", roles=roles, created_at=START, changed_at=START)
    await accounts.change("a1", lambda _before, _all: made, "hash")
    later = START + timedelta(days=365)
    await accounts.start("s1", "a1", "first", START, later)
    await accounts.carry_on("first", "second", START, START)
    for kid in ("old", "new"):
        await accounts.add_key(SigningKey(kid=kid, jwk={"kty": "oct"}, created_at=START), later)
    await accounts.open_setup("link", later)
    accounts.close()


@pytest.fixture(scope="session")
def played(steps: tuple[Step, ...], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """A folder ten minutes into the flood, cut off before the steps took a last report; and that moment."""
    folder = tmp_path_factory.mktemp("played")
    asyncio.run(signed_in(folder))
    connection = connect(folder / FILE)
    view_tables.prepare(connection)
    epoch = LogSqlite(connection).epoch
    host = Stepped(folder, steps, START, lambda: [Projector(epoch)])
    play_flood(host, 60.0 * MINUTES)
    now = host.now
    host.close()
    log = LogSqlite(connection)
    connection.execute("BEGIN")
    log.append([line(report("last", now, "flooding at Ring Road, people on rooftops"))])
    log.flush()
    Pending(connection).note(unsent(now))
    connection.execute("COMMIT")
    connection.close()
    return folder, now


@pytest.fixture
def folder(played: tuple[Path, datetime], tmp_path: Path) -> Path:
    return Path(shutil.copytree(played[0], tmp_path / "folder"))


@pytest.fixture
def cluster(access: Access, database: str) -> Cluster:
    return Cluster(kafka=access, database=database, worker="moved")


@pytest.fixture
def database_rows(database: str) -> Iterator[Postgres]:
    with closing(Postgres.connect(database, name="a look")) as connection:
        yield connection

"""A start waits for a database that is on its way up, and not for one that refuses it."""

import pytest
import structlog

from fixtures.servers.postgresql import Postgresql
from responder_api.joining import connect
from streams.cluster.access import Access, Cluster
from streams.database import StorageError

pytestmark = pytest.mark.system("postgresql")


def _cluster(database: str) -> Cluster:
    return Cluster(kafka=Access(bootstrap=("127.0.0.1:1",)), database=database, worker="one")


@pytest.mark.parametrize(
    ("name", "user", "said"), [("nowhere", "postgres", "nowhere"), ("postgres", "nobody-we-know", "nobody-we-know")]
)
def test_a_database_that_refuses_the_settings_is_not_waited_for(
    postgres: Postgresql, name: str, user: str, said: str
) -> None:
    head, _, _ = postgres.address.partition("://")
    at = postgres.address.partition("@")[2].partition("/")[0]
    with structlog.testing.capture_logs() as waited, pytest.raises(StorageError, match=said):
        connect(_cluster(f"{head}://{user}@{at}/{name}"))
    assert waited == []


def test_one_that_is_not_up_yet_is_waited_for_and_that_is_said_once() -> None:
    with structlog.testing.capture_logs() as waited, pytest.raises(StorageError, match="refused"):
        connect(_cluster("postgresql://postgres@127.0.0.1:1/postgres"), patience_s=3.0)
    assert [line["event"] for line in waited] == ["the database is waited for"]

"""What every test may rely on: system programs are declared, and skipping can be forbidden.

A test that starts a program of the operating system says so with `@pytest.mark.system("git")`; it is skipped where the
program is missing, and the summary tells how to get it. With `--no-skip` (as CI runs) any skip is a failure, so that a
part that never ran cannot pass for one that did. Fixtures of one package stand in that folder's own conftest.

The servers of the cluster are here, for every folder: `kafka`, `brokers` and `postgres` are started once a run (the
first test that asks pays the seconds), `prefix` and `database` give each test its own ground on them. With
`DHARURA_KAFKA` or `DHARURA_DATABASE` set they are those servers instead, and tests that would stop one are skipped.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator

import pytest
import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from fixtures.servers import kafka as kafka_server
from fixtures.servers import postgresql as postgresql_server
from fixtures.servers import unpacked
from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql, drop_database, fresh_database
from streams.cluster import administration
from streams.cluster.access import Access, bootstrap

WANTS_SYSTEM = "make system-deps"
# What is no program in PATH: how to tell that it is missing.
_FOUND_OTHERWISE: dict[str, Callable[[], str]] = {
    "kafka": kafka_server.missing,
    "postgresql": lambda: "" if postgresql_server.programs() else "postgresql is",
    "caddy": lambda: "" if unpacked.program("caddy") else "caddy is",
    "promtool": lambda: "" if unpacked.program("promtool") else "promtool is",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    # An option, not a variable: the server under test refuses DHARURA_* variables it does not know.
    parser.addoption("--no-skip", action="store_true", help="count every skipped test as failed")
    parser.addoption("--screenshots", default=".artefacts/screenshots", help="folder for pictures of the pages")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("system"):
        for program in mark.args:
            _need(program)


def _need(program: str) -> None:
    """Skip where a program is missing, by the name it has in PATH or in the table above."""
    find = _FOUND_OTHERWISE.get(program, lambda: "" if shutil.which(program) else f"{program} is")
    if lacking := find():
        pytest.skip(f"{lacking} not installed: {WANTS_SYSTEM}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if item.config.getoption("no_skip") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where skipping is forbidden: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if collector.config.getoption("no_skip") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} skipped where skipping is forbidden: {_reason(report.longrepr)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    wanting = [r for r in terminalreporter.stats.get("skipped", []) if WANTS_SYSTEM in _reason(r.longrepr)]
    if wanting:
        terminalreporter.write_line(f"{len(wanting)} skipped for want of a system program: {WANTS_SYSTEM}", yellow=True)


def _reason(longrepr: object) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)


@pytest.fixture(autouse=True)
def _logging_of_its_own() -> Iterator[None]:
    """Undo what a command set up for its log: the stream it writes to is this test's and closed after it."""
    handlers, level = list(logging.root.handlers), logging.root.level
    yield
    for handler in logging.root.handlers[:]:
        if type(handler) is logging.StreamHandler and handler not in handlers:
            logging.root.removeHandler(handler)
    logging.root.setLevel(level)
    structlog.reset_defaults()


# ------------------------------------------------------------------------------------------------------------- servers


class GivenKafka(Kafka):
    """Brokers that were there before us: used, never stopped."""

    def __init__(self, bootstrap: str) -> None:
        self._given = bootstrap.removeprefix("kafka://")

    @property
    def bootstrap(self) -> str:
        return self._given

    def start(self, broker: int | None = None) -> None:
        pass

    def _which(self, broker: int | None) -> Iterator[int]:
        pytest.skip("DHARURA_KAFKA names brokers that are not ours to stop")


class GivenPostgresql(Postgresql):
    """A server that was there before us: used, never stopped."""

    def __init__(self, address: str) -> None:
        self._given = address

    @property
    def address(self) -> str:
        return self._given

    def database(self) -> str:
        return fresh_database(self._given)

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pytest.skip("DHARURA_DATABASE names a server that is not ours to stop")

    def kill(self) -> None:
        self.stop()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One broker."""
    if given := os.environ.get("DHARURA_KAFKA"):
        yield GivenKafka(given)
        return
    _need("kafka")
    server = Kafka.begin()
    yield server
    server.end()


@pytest.fixture(scope="session")
def brokers() -> Iterator[Kafka]:
    """Three brokers, of which any one may be stopped, killed or frozen by its number."""
    if os.environ.get("DHARURA_KAFKA"):
        pytest.skip("DHARURA_KAFKA names brokers that are not ours to stop")
    _need("kafka")
    server = Kafka.begin(3)
    yield server
    server.end()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgresql]:
    """One PostgreSQL server."""
    if given := os.environ.get("DHARURA_DATABASE"):
        yield GivenPostgresql(given)
        return
    _need("postgresql")
    server = Postgresql.begin()
    yield server
    server.end()


@pytest.fixture
def prefix(kafka: Kafka) -> Iterator[str]:
    """Topics of one test begin with this; deleted when it is over. The broker runs, whatever was done to it."""
    kafka.start()
    mine = kafka.prefix()
    yield mine
    asyncio.run(_forget(kafka.bootstrap, mine))


@pytest.fixture
def database(postgres: Postgresql) -> Iterator[str]:
    """Address of an empty database of one test. The server runs, whatever was done to it."""
    postgres.start()
    mine = postgres.database()
    yield mine
    postgres.start()
    drop_database(postgres.address, mine)


async def _forget(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        if mine := [name for name in await admin.list_topics() if name.startswith(prefix)]:
            await admin.delete_topics(mine)
    except KafkaError:
        pass  # a broker that the test left stopped; its topics go with its folder
    finally:
        await admin.close()


@pytest.fixture
def access(kafka: Kafka, prefix: str) -> Access:
    """How one test reaches the broker; none of its topics is there yet."""
    return Access(bootstrap=bootstrap(kafka.bootstrap), prefix=prefix)


@pytest.fixture
def topics(access: Access) -> Access:
    """How one test reaches the broker, with its topics made."""
    asyncio.run(administration.prepare(access))
    return access

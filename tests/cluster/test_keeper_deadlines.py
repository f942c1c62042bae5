"""Deadlines of the cluster come once, not before their time, and whoever died meanwhile."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.servers.postgresql import Postgresql
from streams.cluster.deadlines import Deadlines
from streams.cluster.figures import figures
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres
from streams.events import DeadlineReached, Event
from tests.cluster.keeping import Plan, Process, deadline, keeping, logged, report, wait_for, write

pytestmark = pytest.mark.system("postgresql")


def reached(events: list[Event]) -> list[Event]:
    return [each for each in events if isinstance(each.body, DeadlineReached)]


def soon(seconds: float = 0.3) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def standing_at(now: datetime) -> Callable[[datetime], Callable[[], datetime]]:
    return lambda floor: lambda: max(now, floor)


def test_a_deadline_comes_when_its_time_has_come_and_once(database: str, connection: Postgres) -> None:
    set_ = [deadline(f"{n}", soon(0.1 * (n % 5))) for n in range(40)]
    with keeping(database, Deadlines(database)):
        write(connection, set_)
        found = wait_for(database, lambda events: len(reached(events)) == 40)
    assert Counter(each.cause for each in reached(found)) == Counter(each.id for each in set_)
    for each in reached(found):
        assert each.seen >= each.at
    assert connection.execute("SELECT count(*) FROM deadline").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (80,)


def test_a_deadline_comes_after_its_keepers_death(database: str, connection: Postgres) -> None:
    plan = Plan(database=database, duties=("deadlines",), ttl_s=0.5)
    with Process(plan) as dying:
        dying.says("a duty begins")
        write(connection, [deadline("one", soon(0.5))])
        dying.kill()
    with keeping(database, Deadlines(database), ttl_s=0.5):
        (found,) = reached(wait_for(database, lambda events: len(reached(events)) == 1))
    assert found.cause == deadline("one", soon()).id


def test_a_frozen_clock_that_comes_back_calls_nobody_again(database: str, connection: Postgres) -> None:
    plan = Plan(database=database, duties=("deadlines",), ttl_s=0.5)
    with Process(plan) as frozen:
        frozen.says("a duty begins")
        frozen.freeze()
        write(connection, [deadline(f"{n}", soon(0.0)) for n in range(10)])
        with keeping(database, Deadlines(database), ttl_s=0.5):
            wait_for(database, lambda events: len(reached(events)) == 10)
            frozen.thaw()
            write(connection, [deadline("late", soon(0.0))])
            found = wait_for(database, lambda events: len(reached(events)) == 11)
            assert frozen.stop() == 0
    assert set(Counter(each.id for each in found).values()) == {1}


def test_two_clocks_at_once_write_one_event(database: str, connection: Postgres) -> None:
    write(connection, [deadline(f"{n}", soon(-1)) for n in range(700)])
    clocks = Deadlines(database), Deadlines(database)
    for clock in clocks:
        clock.begin(Lease("deadlines", "nobody asks"))
    while [clock.work() for clock in clocks] != [False, False]:
        pass
    for clock in clocks:
        clock.end()
    assert len(reached(logged(connection))) == 700
    assert sum(clock.reached for clock in clocks) == 700


def test_a_clock_set_back_does_not_make_deadlines_wait(database: str, connection: Postgres) -> None:
    due = soon(0.0)
    write(connection, [deadline("one", due), report("later")])
    clock = Deadlines(database, standing_at(due - timedelta(hours=1)))
    clock.begin(Lease("deadlines", "me"))
    clock.work()
    clock.end()
    (found,) = reached(logged(connection))
    assert found.at == due


def test_a_deadline_that_has_not_come_does_not_come(database: str, connection: Postgres) -> None:
    write(connection, [deadline("far", soon(3600))])
    clock = Deadlines(database)
    clock.begin(Lease("deadlines", "me"))
    assert not clock.work()
    clock.end()
    assert reached(logged(connection)) == []
    assert figures(connection)["dharura_deadlines_overdue"] == 0


def test_a_restart_of_the_database_keeps_no_deadline_back(
    postgres: Postgresql, database: str, connection: Postgres
) -> None:
    with keeping(database, Deadlines(database), ttl_s=0.5):
        write(connection, [deadline("one", soon(0.2))])
        postgres.restart()
        (found,) = reached(wait_for(database, lambda events: len(reached(events)) == 1))
    assert found.cause == deadline("one", soon()).id

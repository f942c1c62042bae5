"""The keeper and its leases: one does each duty, the next goes on, and nobody needs to lend a hand."""

import threading
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from fixtures.servers.postgresql import Postgresql
from streams.cluster.figures import FIGURES, figures
from streams.cluster.keeper import Keeper, Stalled
from streams.cluster.leases import Lease, LeaseLost
from streams.cluster.postgres import Postgres
from streams.cluster.pruning import BATCH, Pruning
from streams.cluster.retry import wait_s
from streams.cluster.tables import prepare
from streams.database import StorageError
from tests.cluster.keeping import Plan, Process, asked, deadline, keeping, report, write

pytestmark = pytest.mark.system("postgresql")


class Counting:
    """A duty that notes what is done with it; each `work` raises the next of `failures`, while there is one."""

    name = "counting"
    channels = ("counted",)

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done: list[str] = []
        self.begun: Future[None] = Future()
        self.worked = threading.Semaphore(0)

    def begin(self, lease: Lease) -> None:
        self.done.append("begin")
        if not self.begun.done():
            self.begun.set_result(None)

    def work(self) -> bool:
        self.done.append("work")
        if self.failures:
            raise self.failures.pop(0)
        self.worked.release()
        return False

    def end(self) -> None:
        self.done.append("end")


def expire(connection: Postgres) -> None:
    connection.execute("UPDATE lease SET until = now() - interval '1 millisecond'")


# --- leases ----------------------------------------------------------------------------------------------------------


def test_a_lease_has_one_holder_until_it_is_over_or_given_back(connection: Postgres) -> None:
    one, two = Lease("duty", "one"), Lease("duty", "two")
    assert (one.take(connection), two.take(connection)) == (True, False)
    assert (one.held(), two.held()) == (True, False)
    assert one.take(connection)
    one.release(connection)
    assert not one.held()
    assert (two.take(connection), one.take(connection)) == (True, False)
    expire(connection)
    assert one.take(connection)
    assert not two.take(connection)


def test_nobody_gives_back_what_is_anothers(connection: Postgres) -> None:
    one, two = Lease("duty", "one"), Lease("duty", "two")
    one.take(connection)
    expire(connection)
    two.take(connection)
    one.release(connection)
    assert connection.execute("SELECT holder FROM lease").fetchone() == ("two",)


def test_a_lease_is_over_by_our_own_count_of_seconds_from_when_it_was_asked_for(connection: Postgres) -> None:
    now = 100.0
    lease = Lease("duty", "one", ttl_s=10.0, seconds=lambda: now)
    lease.take(connection)
    now = 109.9
    assert lease.held()
    now = 110.0
    assert not lease.held()


def test_confirming_fails_for_whoever_was_succeeded_and_holds_off_whoever_would_succeed(
    database: str, connection: Postgres
) -> None:
    one, two = Lease("duty", "one"), Lease("duty", "two")
    one.take(connection)
    other = Postgres.connect(database)
    other.execute("SET lock_timeout = '20ms'")
    with connection.transaction():
        one.confirm(connection)
        connection.execute("SELECT pg_sleep(0)")
        with pytest.raises(StorageError, match="lock timeout"):
            two.take(other)
    expire(connection)
    assert two.take(other)
    assert one.held()  # it was not told yet
    with connection.transaction(), pytest.raises(LeaseLost):
        one.confirm(connection)
    assert not one.held()
    other.close()


def test_a_lease_that_ran_out_is_not_confirmed_though_nobody_took_it(connection: Postgres) -> None:
    lease = Lease("duty", "one")
    lease.take(connection)
    expire(connection)
    with connection.transaction(), pytest.raises(LeaseLost):
        lease.confirm(connection)


# --- the keeper ------------------------------------------------------------------------------------------------------


def test_a_duty_is_done_by_one_keeper_and_by_the_next_when_it_stops(database: str, connection: Postgres) -> None:
    first, second = Counting(), Counting()
    with keeping(database, second, holder="never comes to it") as waiting:
        second.begun.result()
        with keeping(database, first, holder="first", ttl_s=3600) as keeper:
            assert keeper.held() == ()
            waiting.stop()
            first.begun.result()
            assert keeper.held() == ("counting",)
            assert waiting.held() == ()
            assert second.done[-1] == "end"
    assert first.done[0] == "begin"
    assert first.done[-1] == "end"
    assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)


def test_a_keeper_that_is_told_to_end_gives_its_leases_back(database: str, connection: Postgres) -> None:
    with Process(Plan(database=database, duties=("deadlines",), ttl_s=3600)) as keeper:
        keeper.says("a duty begins")
        assert connection.execute("SELECT count(*) FROM lease").fetchone() == (1,)
        assert keeper.stop() == 0
    assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)


def test_a_duty_is_woken_by_its_channel(database: str, connection: Postgres) -> None:
    duty = Counting()
    keeper = Keeper(database, [duty], holder="me", look_s=3600)
    thread = threading.Thread(target=keeper.run)
    thread.start()
    duty.worked.acquire()
    # Its listener may not listen yet; whoever writes once more is heard.
    while not duty.worked.acquire(blocking=False):
        connection.execute("NOTIFY counted")
    keeper.stop()
    thread.join()


def test_a_duty_that_fails_is_ended_and_begun_again(database: str, connection: Postgres) -> None:
    duty = Counting(ValueError("a bug"), StorageError("away"), OSError("away"))
    with keeping(database, duty):
        duty.worked.acquire()
    assert duty.done[:11] == ["begin", "work", "end"] * 3 + ["begin", "work"]


def test_a_duty_that_fails_again_and_again_is_left_to_another_keeper(database: str, connection: Postgres) -> None:
    unlucky, lucky = Counting(*[OSError("cannot reach it from here")] * 1000), Counting()
    with keeping(database, unlucky, holder="unlucky", ttl_s=3600):
        unlucky.begun.result()
        with keeping(database, lucky, holder="lucky"):
            lucky.worked.acquire()
            assert connection.execute("SELECT holder FROM lease").fetchone() == ("lucky",)


def test_a_keeper_alone_tries_again_though_it_left_the_duty(database: str, connection: Postgres) -> None:
    duty = Counting(*[OSError("away")] * 6)
    with keeping(database, duty):
        duty.worked.acquire()


def test_a_keeper_with_a_duty_that_hangs_ends(database: str, connection: Postgres) -> None:
    goes_on = threading.Event()

    class Hanging(Counting):
        def work(self) -> bool:
            goes_on.wait()
            return False

    other = Counting()
    other.name = "other"
    keeper = Keeper(database, [Hanging(), other], holder="me", stall_s=0.2)
    with pytest.raises(Stalled, match="counting"):
        keeper.run()
    # What hangs may yet do something: its lease is not given away before its time.
    assert connection.execute("SELECT name FROM lease").fetchall() == [("counting",)]
    goes_on.set()


def test_a_keeper_may_start_before_the_database_and_outlive_it(postgres: Postgresql, database: str) -> None:
    made = Postgres.connect(database)
    prepare(made)
    made.close()
    postgres.stop()
    duty = Counting()
    with keeping(database, duty, ttl_s=0.5) as keeper:
        postgres.start()
        duty.begun.result()
        postgres.kill()
        while keeper.held():
            pass
        postgres.start()
        while not keeper.held():
            pass


def test_waits_grow_and_stay_bounded() -> None:
    assert all(0.05 <= wait_s(0) <= 0.1 for _ in range(100))
    assert all(2.5 <= wait_s(n) <= 5.0 for n in range(7, 2000))


# --- what it watches and forgets -------------------------------------------------------------------------------------


def test_the_figures_count_what_is_owed(connection: Postgres) -> None:
    assert figures(connection) == dict.fromkeys(FIGURES, 0)
    write(connection, [report("one"), deadline("two", datetime.now(UTC) - timedelta(seconds=90)), asked("three")])
    Lease("duty", "me").take(connection)
    connection.execute("UPDATE outbox SET at = at - interval '40 seconds'")
    found = figures(connection)
    assert 40 <= found.pop("dharura_outbox_oldest_seconds") < 90
    assert 90 <= found.pop("dharura_deadline_oldest_overdue_seconds") < 140
    assert found == {
        "dharura_outbox_records": 3,
        "dharura_deadlines_overdue": 1,
        "dharura_messages_waiting": 1,
        "dharura_messages_taken": 0,
        "dharura_leases_held": 1,
    }


def test_what_was_heard_long_ago_is_forgotten_a_little_at_a_time(database: str, connection: Postgres) -> None:
    connection.execute(
        "INSERT INTO heard SELECT 'step', gen_random_uuid(), now() - make_interval(days => 15)"
        " FROM generate_series(1, ?)",
        (BATCH + 10,),
    )
    connection.execute("INSERT INTO heard SELECT 'step', gen_random_uuid(), now() - interval '13 days'")
    connection.execute("INSERT INTO suspect VALUES ('step', 'topic', 1, 1, now() - interval '15 days')")
    connection.execute("INSERT INTO suspect VALUES ('step', 'topic', 1, 2, now())")
    now = 0.0
    duty = Pruning(database, lambda: now)
    duty.begin(Lease("pruning", "me"))
    assert [duty.work(), duty.forgotten] == [True, BATCH + 1]
    assert [duty.work(), duty.forgotten] == [False, BATCH + 11]
    connection.execute("UPDATE heard SET at = now() - interval '15 days'")
    assert [duty.work(), duty.forgotten] == [False, BATCH + 11]
    now = 3600.0
    assert [duty.work(), duty.forgotten] == [False, BATCH + 12]
    duty.end()
    assert connection.execute('SELECT "offset" FROM suspect').fetchall() == [(2,)]


def test_a_refused_statement_leaves_the_connection_usable(connection: Postgres) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT 1 FROM nowhere")
    assert Lease("duty", "me").take(connection)

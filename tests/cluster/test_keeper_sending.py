"""Messages of the cluster: each ask is handed over at most once and accounted for, whoever dies or freezes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import Message, Receipt
from alerts.channels.outbox import Outbox
from fixtures.servers.postgresql import Postgresql
from streams.cluster.figures import figures
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres
from streams.cluster.sending import PostgresSending, Sending
from streams.events import (
    AssignmentAccepted,
    Event,
    MessageAsked,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageTaken,
)
from streams.log import line
from streams.pending import message_event
from tests.cluster.keeping import Plan, Process, asked, event, handed_over, keeping, logged, wait_for, write

pytestmark = pytest.mark.system("postgresql")


def plan(database: str, sent: Path, point: str = "", **rest: Any) -> Plan:
    return Plan(database=database, duties=("sending",), sent=str(sent), point=point, **rest)


def receipts(events: Sequence[Event], message: Event) -> list[str]:
    """Give what became of a message, in order, each with its attempt or code."""
    said = []
    for each in events:
        body = each.body
        if isinstance(body, MessageTaken | MessageSent | MessageFailed) and each.cause == message.id:
            told = {MessageTaken: "attempt", MessageSent: "provider_id", MessageFailed: "code"}[type(body)]
            said.append(f"{type(body).__name__} {getattr(body, told)}" if told != "provider_id" else "MessageSent")
    return said


def settled(events: Sequence[Event]) -> int:
    """Count the messages that were sent, or will not be tried again."""
    over = {
        each.body.message
        for each in events
        if isinstance(each.body, MessageSent) or (isinstance(each.body, MessageFailed) and not each.body.retry)
    }
    return len(over)


def test_each_message_is_taken_handed_over_and_accounted_for(
    database: str, connection: Postgres, tmp_path: Path
) -> None:
    messages = [asked(f"{n}", "ask" if n % 2 else "warning") for n in range(100)]
    with keeping(database, Sending(database, {"sms": Outbox(tmp_path / "sent")})):
        write(connection, messages)
        found = wait_for(database, lambda events: settled(events) == 100)
    assert Counter(handed_over(tmp_path / "sent")) == Counter(f"{n}" for n in range(100))
    for message in messages:
        assert receipts(found, message) == ["MessageTaken 1", "MessageSent"]
    assert figures(connection)["dharura_messages_waiting"] == figures(connection)["dharura_messages_taken"] == 0
    # What is written by the way goes to the agencies too.
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (300,)


@pytest.mark.parametrize(
    ("point", "handed"),
    [("taken", 0), ("with the carrier", 1)],
)
def test_what_a_dead_keeper_had_taken_is_settled_and_only_a_warning_is_repeated(
    database: str, connection: Postgres, tmp_path: Path, point: str, handed: int
) -> None:
    ask = asked("ask")
    with Process(plan(database, tmp_path / "sent", point, ttl_s=0.3)) as dying:
        dying.says("a duty begins")
        write(connection, [ask])
        assert dying.dies() == -9
    warning = asked("warning", "warning")
    with Process(plan(database, tmp_path / "sent", point, ttl_s=0.3)) as dying:
        wait_for(database, lambda events: len(receipts(events, ask)) == 2)
        write(connection, [warning])
        assert dying.dies() == -9
    with keeping(database, Sending(database, {"sms": Outbox(tmp_path / "sent")})):
        found = wait_for(database, lambda events: settled(events) == 2)
    assert receipts(found, ask) == ["MessageTaken 1", "MessageFailed unsure"]
    assert receipts(found, warning) == ["MessageTaken 1", "MessageFailed unsure", "MessageTaken 2", "MessageSent"]
    assert Counter(handed_over(tmp_path / "sent")) == Counter({"ask": handed, "warning": handed + 1})


@pytest.mark.parametrize("point", ["taken", "with the carrier"])
def test_a_frozen_keeper_that_comes_back_asks_nobody_again(
    database: str, connection: Postgres, tmp_path: Path, point: str
) -> None:
    ask, warning, later = asked("ask"), asked("warning", "warning"), asked("later")
    with Process(plan(database, tmp_path / "sent", point, fault="STOP", ttl_s=1.0)) as frozen:
        frozen.says("a duty begins")
        write(connection, [ask])
        frozen.freezes()
        with keeping(database, Sending(database, {"sms": Outbox(tmp_path / "sent")}), ttl_s=1.0):
            wait_for(database, lambda events: len(receipts(events, ask)) == 2)
            write(connection, [warning])
            wait_for(database, lambda events: settled(events) == 2)
            frozen.thaw()
            # It says what is true: the ask did go out, once.
            wait_for(database, lambda events: len(receipts(events, ask)) == 3)
            write(connection, [later])
            found = wait_for(database, lambda events: settled(events) == 3)
            assert frozen.stop() == 0
    assert receipts(found, ask) == ["MessageTaken 1", "MessageFailed unsure", "MessageSent"]
    assert receipts(found, warning) == receipts(found, later) == ["MessageTaken 1", "MessageSent"]
    assert sorted(handed_over(tmp_path / "sent")) == ["ask", "later", "warning"]


class SlowCarrier:
    """A carrier that answers when it is told to."""

    name = "sms"

    def __init__(self, path: Path) -> None:
        self._file = Outbox(path)
        self.has: Future[None] = Future()
        self.answers: Future[None] = Future()

    async def send(self, message: Message) -> Receipt:
        receipt = await self._file.send(message)
        if not self.has.done():
            self.has.set_result(None)
        await asyncio.wrap_future(self.answers)
        return receipt


def test_a_keeper_that_stops_in_order_waits_for_the_carrier_and_leaves_nothing_unsure(
    database: str, connection: Postgres, tmp_path: Path
) -> None:
    carrier, ask = SlowCarrier(tmp_path / "sent"), asked("ask")
    with keeping(database, Sending(database, {"sms": carrier})) as keeper:
        write(connection, [ask])
        carrier.has.result()
        keeper.stop()
        carrier.answers.set_result(None)
    assert receipts(logged(connection), ask) == ["MessageTaken 1", "MessageSent"]
    assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)


def test_a_receipt_outlives_the_databases_absence(
    postgres: Postgresql, database: str, connection: Postgres, tmp_path: Path
) -> None:
    carrier, ask = SlowCarrier(tmp_path / "sent"), asked("ask")
    with keeping(database, Sending(database, {"sms": carrier}), ttl_s=0.3):
        write(connection, [ask])
        carrier.has.result()
        postgres.stop()
        carrier.answers.set_result(None)
        postgres.start()
        found = wait_for(database, lambda events: settled(events) == 1)
    assert receipts(found, ask) == ["MessageTaken 1", "MessageSent"]
    assert handed_over(tmp_path / "sent") == ["ask"]


def test_an_ask_whose_assignment_is_over_or_that_was_recalled_does_not_leave(
    database: str, connection: Postgres, tmp_path: Path
) -> None:
    answered, recalled, wanted = asked("answered"), asked("recalled"), asked("wanted")
    assert isinstance(answered.body, MessageAsked)
    assert isinstance(recalled.body, MessageAsked)
    write(connection, [answered, recalled])
    accepted = AssignmentAccepted(assignment=answered.body.about, incident="i", responder="r001", via="sms")
    write(connection, [event("accepted", accepted)])
    write(connection, [event("recall", MessageRecalled(message=recalled.body.message, reason="because"))])
    write(connection, [wanted])
    with keeping(database, Sending(database, {"sms": Outbox(tmp_path / "sent")})):
        wait_for(database, lambda events: settled(events) == 1)
    assert handed_over(tmp_path / "sent") == ["wanted"]


def test_what_was_looked_up_before_the_lease_was_lost_is_not_taken(
    database: str, connection: Postgres, tmp_path: Path
) -> None:
    async def lose() -> int | None:
        host, lease = PostgresSending(database), Lease("sending", "first")
        assert lease.take(connection)
        await host.open(lease)
        write(connection, [asked("ask")])
        (ready,) = await host.outgoing()
        connection.execute("UPDATE lease SET until = now() - interval '1 second'")
        assert Lease("sending", "second").take(connection)
        assert lease.held()  # as far as it knows
        try:
            return await host.take(ready)
        finally:
            assert not lease.held()
            assert await host.close()

    assert asyncio.run(lose()) is None
    assert [type(each.body) for each in logged(connection)] == [MessageAsked]


def test_what_was_looked_up_before_its_assignment_was_over_is_not_taken(database: str, connection: Postgres) -> None:
    async def answer() -> int | None:
        host, lease = PostgresSending(database), Lease("sending", "me")
        lease.take(connection)
        await host.open(lease)
        write(connection, [ask := asked("ask")])
        (ready,) = await host.outgoing()
        assert isinstance(ask.body, MessageAsked)
        accepted = AssignmentAccepted(assignment=ask.body.about, incident="i", responder="r001", via="sms")
        write(connection, [event("accepted", accepted)])
        try:
            return await host.take(ready)
        finally:
            assert await host.close()

    assert asyncio.run(answer()) is None


def test_closing_waits_for_what_is_with_a_carrier_and_writes_it_down(database: str, connection: Postgres) -> None:
    async def close() -> bool:
        host, lease = PostgresSending(database), Lease("sending", "me")
        lease.take(connection)
        await host.open(lease)
        write(connection, [asked("ask")])
        (ready,) = await host.outgoing()
        assert await host.take(ready) == 1
        closing = asyncio.create_task(host.close())
        await asyncio.sleep(0)  # it begins, and has to wait
        assert isinstance(ready.body, MessageAsked)
        receipt = MessageSent(message=ready.body.message)
        await host.append([line(message_event(ready, "sent", receipt, host.clock()))])
        return await closing

    assert asyncio.run(close())
    assert receipts(logged(connection), asked("ask")) == ["MessageTaken 1", "MessageSent"]


def test_nobody_settles_what_is_his_own(database: str, connection: Postgres) -> None:
    async def renew() -> int:
        host, lease = PostgresSending(database), Lease("sending", "me")
        lease.take(connection)
        await host.open(lease)
        write(connection, [asked("mine"), asked("orphan")])
        mine, orphan = sorted(await host.outgoing(), key=lambda each: each.cause)
        assert await host.take(mine) == 1
        body = orphan.body
        assert isinstance(body, MessageAsked)
        write(connection, [event("taken by another", MessageTaken(message=body.message, attempt=1))])
        await host.open(lease)
        settled = await host.settle()
        assert isinstance(mine.body, MessageAsked)
        receipt = message_event(mine, "sent", MessageSent(message=mine.body.message), host.clock())
        await host.append([line(receipt)])
        assert await host.close()
        return settled

    assert asyncio.run(renew()) == 1
    assert sum(isinstance(each.body, MessageSent) for each in logged(connection)) == 1
    failed = [each.body for each in logged(connection) if isinstance(each.body, MessageFailed)]
    assert [(each.code, each.retry) for each in failed] == [("unsure", False)]

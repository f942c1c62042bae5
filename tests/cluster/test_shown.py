"""What follows from an event is shown when all steps have heard it and all that came of it, and not before."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from responder_api.host import Written
from responder_api.shown_cluster import OLD, ByConsequence, Story
from streams.cluster.host import PROJECTOR
from streams.cluster.postgres import Postgres
from streams.cluster.tables import prepare
from streams.cluster.writing import Writing
from streams.events import CONTRACT, AnyBody, Event, Filed, ReportReceived, SmsReceived
from streams.handle import Step
from streams.log import line

AT = datetime(2026, 4, 26, 11, 5, tzinfo=UTC)


def event(cause: str | None = None, body: AnyBody | None = None, seen: datetime = AT) -> Event:
    id_ = str(uuid4())
    body = body or SmsReceived(sender="+254700000001", to="", text="maji", gateway="test", gateway_id="g")
    return Event(
        id=id_,
        cause=cause or id_,
        source="test",
        key="KE.042",
        at=AT,
        seen=seen,
        audience=(),
        body=body,
        contract=CONTRACT,
    )


def steps(**hears: Sequence[type[AnyBody]]) -> tuple[Step, ...]:
    return tuple(
        Step(name=name, hears=tuple(kinds), writes=(), function=lambda *_: ()) for name, kinds in hears.items()
    )


def over(story: Story) -> bool:
    return story.complete


def test_a_story_is_over_when_all_of_it_was_heard() -> None:
    root, child = event(), event()
    story = Story(root.id, lambda each: ("a", "b") if each is root else ("c",), AT)
    assert not over(story)
    story.stands(7, root)
    story.heard(root.id, "a")
    assert not over(story)
    assert story.parents == set()
    story.heard(root.id, "b")
    assert story.parents == {root.id}, "its outputs are to be looked at"
    story.parents.clear()
    story.stands(9, child)
    assert not over(story)
    story.heard(child.id, "c")
    story.parents.clear()
    assert over(story)
    assert story.newest == 9


def test_what_was_said_long_ago_is_not_waited_for() -> None:
    root = event(seen=AT - OLD - timedelta(seconds=1))
    story = Story(root.id, lambda _: ("a",), AT)
    story.stands(1, root)
    assert story.waiting == {}


class Database:
    """The cluster's tables, as workers and the projector would fill them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.connection = Postgres.connect(address)
        prepare(self.connection)

    def write(self, *events: Event) -> None:
        with self.connection.transaction():
            Writing(self.connection).write([line(each) for each in events])

    def hear(self, step: str, *events: Event) -> None:
        for each in events:
            self.connection.execute("INSERT INTO heard (step, id) VALUES (?,?)", (step, each.id))

    def project(self, offset: int) -> None:
        self.connection.execute(
            'INSERT INTO cursor VALUES (?,?) ON CONFLICT (reader) DO UPDATE SET "offset" = excluded."offset"',
            (PROJECTOR, offset),
        )


@pytest.fixture
def database_(database: str) -> Iterator[Database]:
    made = Database(database)
    yield made
    made.connection.close()


@pytest.fixture
async def shown(database_: Database) -> AsyncIterator[ByConsequence]:
    made = ByConsequence(
        database_.address, steps(inbox=(SmsReceived,), fences=(SmsReceived,), reports=(ReportReceived,)), lambda: AT
    )
    yield made
    await made.close()


@pytest.mark.system("postgresql")
async def test_it_waits_for_each_thing_in_its_turn(shown: ByConsequence, database_: Database) -> None:
    root = event()
    child = event(root.id, ReportReceived(text="maji", channel="sms"))
    last = event(child.id, Filed(before=AT))
    other = event()
    waiting = asyncio.create_task(shown.reached(Written(root.id, new=True), 3600.0))

    async def still_waits() -> bool:
        """Look as often as it looks: what it sees by then does not suffice."""
        return not await shown.reached(Written(root.id, new=True), 0.3) and not waiting.done()

    assert await still_waits(), "it is nowhere yet"
    database_.write(root, other)
    assert await still_waits(), "nobody has heard it"
    database_.hear("fences", root)
    assert await still_waits(), "one of two has heard it"
    database_.write(child)
    database_.hear("inbox", root)
    assert await still_waits(), "what came of it was not heard"
    database_.write(last)
    database_.hear("reports", child)
    assert await still_waits(), "it is not projected"
    database_.project(3)
    assert await still_waits(), "the last of it is not projected"
    database_.project(4)
    assert await waiting, "another event that nobody has heard is none of its business"


@pytest.mark.system("postgresql")
async def test_many_wait_at_once_each_for_their_own(shown: ByConsequence, database_: Database) -> None:
    roots = [event() for _ in range(20)]
    database_.write(*roots)
    database_.project(20)
    database_.hear("inbox", *roots)
    database_.hear("fences", *roots[:10])
    told = await asyncio.gather(*(shown.reached(Written(root.id, new=True), 1.0) for root in roots))
    assert told == [True] * 10 + [False] * 10

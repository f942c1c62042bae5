"""Whatever the order of commits, joins, pages and prunings: exactly its frames, once, in order, or a stated resync."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from responder_api import audience
from responder_api.hub import (
    EVERYTHING,
    Entry,
    Future,
    Gap,
    Hub,
    Replay,
    Scope,
    Snapshot,
    areas_of,
    plan,
    prepare,
)
from responder_api.live_protocol import text_frame
from responder_api.views import Frame, Position

WARD = "KE.042.238.1189"
AREAS = ["KE", "KE.042", "KE.042.238", WARD, "KE.042.239.1190", "KE.041"]
ENTRIES = [f"{role}:{area}" for role in ("operator", "responder") for area in AREAS] + [
    "person:amina",
    "person:baraka",
    "public",
]
VIEWERS = [
    audience.Viewer(account="amina", grants=frozenset({("operator", "KE.042")})),
    audience.Viewer(account="baraka", person="baraka", grants=frozenset({("responder", WARD)})),
    audience.Viewer(account="chief", grants=frozenset({("admin", "KE"), ("responder", "KE.041")})),
    audience.Viewer(account="nobody"),
]
SCOPES = [
    EVERYTHING,
    Scope(kinds=frozenset({"incident"})),
    Scope(areas=frozenset({"KE.042.238"})),
    Scope(kinds=frozenset({"alert"}), areas=frozenset({"KE.041", WARD})),
]


def frame(offset: int, kind: str = "incident", entries: tuple[str, ...] = ("public",)) -> Frame:
    return Frame(offset, kind, entries, b'{"n":%d}' % offset)


def wire(*frames: Frame) -> bytes:
    return b"".join(text_frame(f.data) for f in frames)


def keys(viewer: audience.Viewer) -> frozenset[str]:
    return frozenset(audience.keys_of(viewer))


def wanted(viewer: audience.Viewer, scope: Scope, one: Frame) -> bool:
    """The rule in words, without the hub's index: may see it, and has not narrowed it away."""
    if not audience.may_see(viewer, one.audience):
        return False
    if scope.kinds is not None and one.kind not in scope.kinds:
        return False
    mine = {f"person:{name}" for name in (viewer.account, viewer.person) if name}
    areas = [entry.split(":")[1] for entry in one.audience if entry.startswith(("operator:", "responder:"))]
    if scope.areas is None or not areas or mine & set(one.audience):
        return True
    return any((a + ".").startswith(b + ".") or (b + ".").startswith(a + ".") for a in areas for b in scope.areas)


# ----------------------------------------------------------------------------------------------------------- plan


@pytest.mark.parametrize(
    ("given_", "decided"),
    [
        (None, Snapshot("fresh")),
        (Position("e1", 0), Replay(0)),
        (Position("e1", 1), Replay(1)),
        (Position("e1", 99), Replay(99)),
        (Position("e1", 100), Replay(100)),
        (Position("e1", 101), Future()),
        (Position("e0", 50), Snapshot("epoch-changed")),
        (Position("e0", 101), Snapshot("epoch-changed")),
    ],
)
def test_a_hello_is_answered_exactly_or_by_a_stated_gap_or_refused(  # F21
    given_: Position | None, decided: object
) -> None:
    assert plan(given_, epoch="e1", oldest=1, newest=100) == decided


def test_pruned_rows_and_too_long_an_absence_are_a_stated_gap() -> None:  # F21
    assert plan(Position("e", 9), epoch="e", oldest=10, newest=100) == Replay(9)
    assert plan(Position("e", 8), epoch="e", oldest=10, newest=100) == Snapshot("too-old")
    assert plan(Position("e", 0), epoch="e", oldest=1, newest=10_001, most=10_000) == Snapshot("too-old")
    assert plan(Position("e", 1), epoch="e", oldest=1, newest=10_001, most=10_000) == Replay(1)


def test_an_empty_feed_replays_nothing() -> None:
    assert plan(Position("e", 0), epoch="e", oldest=1, newest=0) == Replay(0)


@pytest.mark.parametrize(
    "text", ["", "e", "e:", ":5", "e:-1", "e:+1", "e:1.0", "e: 1", "e:٣", "e:" + "9" * 19, "x" * 65 + ":1"]
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="epoch:offset"):
        Position.parse(text)


@given(st.text(min_size=1, max_size=64), st.integers(0, 10**18 - 1))
def test_a_position_survives_the_wire(epoch: str, offset: int) -> None:
    assert Position.parse(str(Position(epoch, offset))) == Position(epoch, offset)


# -------------------------------------------------------------------------------------------------------- publish


def joined(hub: Hub[str], name: str, viewer: audience.Viewer, scope: Scope = EVERYTHING) -> None:
    hub.join(name, keys(viewer), scope, hub.newest)
    assert hub.catch_up(name, 1).state == "live"


def test_one_encoding_serves_everybody_who_hears_it() -> None:
    hub: Hub[str] = Hub("e", 0)
    for name, viewer in zip("abcd", VIEWERS, strict=True):
        joined(hub, name, viewer)
    (delivery,) = delivered(hub, [frame(1, entries=(f"operator:{WARD}", "person:baraka"))])
    assert sorted(delivery.clients) == ["a", "b", "c"]
    assert delivery.wire == text_frame(b'{"n":1}')


def delivered(hub: Hub[str], frames: list[Frame]) -> list[Any]:
    outcome = hub.publish(frames)
    assert not isinstance(outcome, Gap)
    return outcome


def test_a_batch_is_written_to_each_client_once() -> None:
    hub: Hub[str] = Hub("e", 0)
    for name, viewer in zip("abcd", VIEWERS, strict=True):
        joined(hub, name, viewer)
    one, two, three = frame(1), frame(2, entries=("person:amina",)), frame(3)
    deliveries = delivered(hub, [one, two, three])
    assert {d.wire: sorted(d.clients) for d in deliveries} == {
        wire(one, two, three): ["a"],
        wire(one, three): ["b", "c", "d"],
    }


def test_a_hole_in_the_feed_stops_publishing_until_it_is_filled() -> None:
    hub: Hub[str] = Hub("e", 5)
    joined(hub, "a", VIEWERS[0])
    assert hub.publish([frame(7)]) == Gap(5)
    assert hub.publish([frame(6), frame(8)]) == Gap(5)
    assert hub.newest == 5
    assert [d.wire for d in delivered(hub, [frame(5), frame(6), frame(7)])] == [wire(frame(6), frame(7))]
    assert delivered(hub, [frame(6), frame(7)]) == []


def test_who_left_is_not_written_to() -> None:
    hub: Hub[str] = Hub("e", 0)
    joined(hub, "a", VIEWERS[0])
    hub.leave("a")
    hub.leave("a")
    assert delivered(hub, [frame(1)]) == []
    assert len(hub) == 0
    assert not hub._index, "keys nobody listens under are kept"


def test_memory_is_bounded_in_frames_and_in_bytes() -> None:
    few: Hub[str] = Hub("e", 0, recent_frames=10)
    light: Hub[str] = Hub("e", 0, recent_bytes=100)
    for offset in range(1, 1001):
        few.publish([frame(offset)])
        light.publish([frame(offset)])
        assert offset - 20 <= few.floor
        assert sum(len(entry.wire) for entry in light._recent) == light._recent_weight <= 100


@given(st.lists(st.sampled_from(ENTRIES), max_size=4), st.sampled_from(VIEWERS), st.sampled_from(SCOPES))
def test_the_index_says_what_the_rule_says(entries: list[str], viewer: audience.Viewer, scope: Scope) -> None:
    hub: Hub[str] = Hub("e", 0)
    joined(hub, "a", viewer, scope)
    one = frame(1, "alert", tuple(entries))
    assert bool(delivered(hub, [one])) == wanted(viewer, scope, one)


@pytest.mark.parametrize("scope", [Scope(areas=frozenset({"KE.041"})), Scope(areas=frozenset({"KE.042.238.1190"}))])
def test_what_is_addressed_to_a_person_passes_their_area_scope_and_nobody_elses(scope: Scope) -> None:
    hub: Hub[str] = Hub("e", 0)
    joined(hub, "a", VIEWERS[0], scope)
    assert delivered(hub, [frame(1, entries=("person:baraka", f"operator:{WARD}"))]) == []
    assert len(delivered(hub, [frame(2, entries=("person:amina", f"operator:{WARD}"))])) == 1


def test_a_client_is_not_live_before_its_last_missing_frame() -> None:
    hub: Hub[str] = Hub("e", 0)
    delivered(hub, [frame(1), frame(2)])
    hub.join("a", keys(VIEWERS[0]), EVERYTHING, 0)
    first = hub.catch_up("a", 1)
    assert (first.wire, first.state) == (wire(frame(1)), "more")
    assert delivered(hub, [frame(3)]) == []
    rest = hub.catch_up("a", 1_000)
    assert (rest.wire, rest.state) == (wire(frame(2), frame(3)), "live")
    assert [d.clients for d in delivered(hub, [frame(4)])] == [["a"]]


@pytest.mark.parametrize("offsets", [[], [1], [3, 4], [2, 4]])
def test_a_page_that_does_not_connect_is_a_gap(offsets: list[int]) -> None:
    hub: Hub[str] = Hub("e", 9)
    hub.join("a", keys(VIEWERS[0]), EVERYTHING, 1)
    assert hub.catch_up("a", 1_000).state == "store"
    assert hub.replay("a", [prepare(frame(offset)) for offset in offsets], 1_000) == Gap(1)
    assert hub.offset("a") == 1


def test_areas_are_those_of_roles_only() -> None:
    assert areas_of(["operator:KE.042", "agency:KE", "person:KE.041", "public"]) == ("KE", "KE.042")


# ------------------------------------------------------------------------------------------------- every interleaving


@dataclass
class Client:
    """What a client and an onlooker who knows everything would say of it."""

    name: int
    viewer: audience.Viewer
    scope: Scope
    had: int
    got: list[int] = field(default_factory=list)
    page: list[Entry] | None = None
    resync: str | None = None


class Listening(RuleBasedStateMachine):
    """A store that commits and prunes, a hub that hears of it late, twice or with holes, clients that come and go."""

    @initialize(memory=st.integers(0, 5), weight=st.sampled_from([60, 1 << 20]))
    def start(self, memory: int, weight: int) -> None:
        self.store = [frame(offset) for offset in range(1, 13)]
        self.oldest = 1
        self.hub: Hub[int] = Hub("e", 8, recent_frames=memory, recent_bytes=weight)
        self.here: dict[int, Client] = {}
        self.names = iter(range(1_000_000))

    @rule(
        frames=st.lists(
            st.tuples(
                st.sampled_from(["incident", "alert"]),
                st.just(("public",)) | st.lists(st.sampled_from(ENTRIES), max_size=2).map(tuple),
            ),
            min_size=1,
            max_size=4,
        ),
        heard=st.booleans(),
    )
    def commit(self, frames: list[tuple[str, tuple[str, ...]]], heard: bool) -> None:
        for kind, entries in frames:
            self.store.append(frame(len(self.store) + 1, kind, entries))
        if heard:
            self.publish(0, len(self.store))

    @rule(start=st.integers(-3, 2), count=st.integers(0, 6))
    def tail(self, start: int, count: int) -> None:
        self.publish(start, count)

    def publish(self, start: int, count: int) -> None:
        """The tail pushes a batch: the next frames, some again, or some skipped."""
        first = max(0, self.hub.newest + start)
        batch = self.store[first : first + count]
        before = self.hub.newest
        outcome = self.hub.publish(batch)
        if isinstance(outcome, Gap):
            assert batch[0].offset > before + 1
            assert outcome == Gap(before)
            assert self.hub.newest == before
            return
        for delivery in outcome:
            assert len(set(delivery.clients)) == len(delivery.clients)
            for name in delivery.clients:
                self.receive(self.here[name], delivery.wire, delivery.frames)

    @precondition(lambda self: self.store)
    @rule(keep=st.integers(0, 6))
    def prune(self, keep: int) -> None:
        self.oldest = max(self.oldest, len(self.store) + 1 - keep)

    @rule(
        viewer=st.sampled_from(VIEWERS),
        scope=st.sampled_from(SCOPES),
        back=st.sampled_from([None, -1, 0, 1, 2, 3, 4, 6, 9, 11]),
        epoch=st.sampled_from(["e", "e", "e", "e", "e", "old"]),
    )
    def hello(self, viewer: audience.Viewer, scope: Scope, back: int | None, epoch: str) -> None:
        newest = len(self.store)
        self.enter(viewer, scope, None if back is None else Position(epoch, max(0, newest - back)))

    def enter(self, viewer: audience.Viewer, scope: Scope, given_: Position | None) -> None:
        newest = len(self.store)
        decided = plan(given_, epoch="e", oldest=self.oldest, newest=newest, most=10)
        if isinstance(decided, Future):
            assert given_ is not None
            assert given_.offset > newest
            return
        client = Client(next(self.names), viewer, scope, newest)
        if isinstance(decided, Replay):
            assert given_ == Position("e", decided.after)
            client.had = decided.after
        else:
            client.resync = decided.reason  # a snapshot at the store's newest: everything up to there is in it
        self.hub.join(client.name, keys(viewer), scope, client.had)
        self.here[client.name] = client

    def behind(self) -> list[Client]:
        return [client for client in self.here.values() if not self.hub._members[client.name].live]

    @precondition(lambda self: self.behind())
    @rule(which=st.integers(0, 9), most=st.sampled_from([1, 10_000]))
    def catch_up(self, which: int, most: int) -> None:
        client = self.behind()[which % len(self.behind())]
        step = self.hub.catch_up(client.name, most)
        self.receive(client, step.wire, step.frames)
        if step.state == "store" and client.page is None:
            after = self.hub.offset(client.name)
            rows = [f for f in self.store if f.offset > max(after, self.oldest - 1)][:3]
            client.page = [prepare(f) for f in rows]

    @precondition(lambda self: any(client.page is not None for client in self.here.values()))
    @rule(which=st.integers(0, 9), most=st.sampled_from([1, 10_000]))
    def apply_page(self, which: int, most: int) -> None:
        """A page asked for earlier comes back from the store, perhaps after much has happened."""
        waiting = [client for client in self.here.values() if client.page is not None]
        client = waiting[which % len(waiting)]
        page, client.page = client.page or [], None
        if self.hub.catch_up(client.name, 0).state != "store":
            return
        outcome = self.hub.replay(client.name, page, most)
        if isinstance(outcome, Gap):
            assert not page or page[0].offset > outcome.after + 1 or page[-1].offset <= outcome.after
            self.hub.leave(client.name)
            del self.here[client.name]
            return
        self.receive(client, outcome.wire, outcome.frames)

    @precondition(lambda self: self.here)
    @rule(which=st.integers(0, 9))
    def come_back(self, which: int) -> None:
        """The line breaks; the client says how far it was, and is somebody new to the hub."""
        client = list(self.here.values())[which % len(self.here)]
        offset = self.hub.offset(client.name)
        self.check(client, offset)
        self.hub.leave(client.name)
        del self.here[client.name]
        self.enter(client.viewer, client.scope, Position("e", offset))

    def receive(self, client: Client, data: bytes, frames: int) -> None:
        known = {text_frame(f.data): f.offset for f in self.store}
        count = 0
        while data:
            length = 2 + data[1]
            client.got.append(known[data[:length]])
            data = data[length:]
            count += 1
        assert count == frames

    def check(self, client: Client, offset: int) -> None:
        expected = [f.offset for f in self.store[client.had : offset] if wanted(client.viewer, client.scope, f)]
        assert client.got == expected

    @invariant()
    def exactly_its_frames_once_in_order(self) -> None:
        for client in getattr(self, "here", {}).values():
            self.check(client, self.hub.offset(client.name))

    @invariant()
    def who_is_live_has_everything_published(self) -> None:
        for client in getattr(self, "here", {}).values():
            if self.hub._members[client.name].live:
                assert self.hub.offset(client.name) >= self.hub.newest


Listening.TestCase.settings = settings(max_examples=400, stateful_step_count=50, deadline=None)
TestListening = Listening.TestCase

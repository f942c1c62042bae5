"""Decide who hears what, and when somebody who was away has caught up: pure, no socket, no clock.

You are between the feed (`views`) and the sockets (`live`). A client joins *behind*, at the position it gave or at
its snapshot's; it is handed frames from the hub's recent memory, or from the store where memory does not reach; and
in the very step in which nothing is missing any more it becomes *live* and hears what is published. There is no
moment between, so there is no frame between. Next: `live` writes what is decided here.

A client's offset always means: every frame up to here that is its own has been handed over.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Final, Generic, Literal, TypeVar

import msgspec

from geo import places
from responder_api import audience
from responder_api.live_protocol import text_frame
from responder_api.views import Frame, Position

C = TypeVar("C", bound=Hashable)

REPLAY_MOST: Final = 5_000
"""Frames a client may be behind and still be replayed to; past it a snapshot is shorter than the story."""

# ------------------------------------------------------------------------------------------------ what is decided


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A frame prepared once for everybody: its look-up keys, its areas, its bytes on the wire."""

    offset: int
    kind: str
    keys: frozenset[str]
    areas: tuple[str, ...]
    wire: bytes


def prepare(frame: Frame) -> Entry:
    """Work out, once for all clients, who can hear a frame and what is written to their sockets."""
    return Entry(
        frame.offset,
        frame.kind,
        frozenset(audience.keys(frame.audience)),
        areas_of(frame.audience),
        text_frame(frame.data),
    )


def areas_of(entries: Iterable[str]) -> tuple[str, ...]:
    """Give the area paths an audience names, sorted; persons and the public have none."""
    found = {rest for role, _, rest in (entry.partition(":") for entry in entries) if role in audience.ROLES}
    return tuple(sorted(found))


class Scope(msgspec.Struct, frozen=True):
    """A client's own narrowing of what it may see. It can only take away; None narrows nothing.

    What is addressed to a person, or names no area, passes an area scope: a screen zoomed to one ward must still
    ring when its owner is called to another.
    """

    kinds: frozenset[str] | None = None
    areas: frozenset[str] | None = None

    def admits(self, kind: str, areas: Sequence[str], to_person: bool) -> bool:  # noqa: FBT001 - read off an entry
        """Tell whether a frame or document of a kind, for areas, passes."""
        if self.kinds is not None and kind not in self.kinds:
            return False
        if self.areas is None or to_person or not areas:
            return True
        return any(places.contains(a, b) or places.contains(b, a) for a in self.areas for b in areas)


EVERYTHING: Final = Scope()


class Replay(msgspec.Struct, frozen=True):
    """Answer a hello with exactly what was missed after an offset."""

    after: int


class Snapshot(msgspec.Struct, frozen=True):
    """Answer a hello with a resync: a gap that cannot or should not be filled, said aloud, then the whole state."""

    reason: Literal["fresh", "epoch-changed", "too-old", "scope-changed"]


class Future(msgspec.Struct, frozen=True):
    """Refuse a hello: the position lies ahead of everything that ever happened in this epoch."""


def plan(
    given: Position | None, *, epoch: str, oldest: int, newest: int, most: int = REPLAY_MOST
) -> Replay | Snapshot | Future:
    """Choose how a client catches up: exactly, by a stated gap, or by a refusal; never by a guess."""
    if given is None:
        return Snapshot("fresh")
    if given.epoch != epoch:
        return Snapshot("epoch-changed")
    if given.offset > newest:
        return Future()
    if given.offset + 1 < oldest or newest - given.offset > most:
        return Snapshot("too-old")
    return Replay(given.offset)


class Gap(msgspec.Struct, frozen=True):
    """Frames are missing after an offset: nothing was done. The caller reads them from the store, or resyncs."""

    after: int


class Delivery(msgspec.Struct, Generic[C], frozen=True):
    """One piece of writing: these bytes (frames end to end) to each of these clients."""

    wire: bytes
    frames: int
    clients: list[C]


class Step(msgspec.Struct, frozen=True):
    """One step of catching up: bytes for the client; it is then live, has more to come, or needs the store."""

    wire: bytes
    frames: int
    state: Literal["live", "more", "store"]


def _dense(entries: Sequence[Entry]) -> bool:
    return entries[-1].offset - entries[0].offset == len(entries) - 1


# -------------------------------------------------------------------------------------------------------- the hub


class _Member(Generic[C]):
    """A client inside the hub: who it is, what it hears, how far it is until it is live."""

    __slots__ = ("after", "client", "keys", "live", "scope")

    def __init__(self, client: C, keys: frozenset[str], scope: Scope | None, after: int) -> None:
        self.client = client
        self.keys = keys
        self.scope = scope
        self.after = after
        self.live = False

    def hears(self, entry: Entry) -> bool:
        """Tell whether a frame is for this client; the look-up by key says the same for live ones."""
        return not self.keys.isdisjoint(entry.keys) and self.wants(entry)

    def wants(self, entry: Entry) -> bool:
        """Tell whether a frame it may see is within its own scope."""
        scope = self.scope
        if scope is None:
            return True
        to_person = any(key.startswith("person:") and key in self.keys for key in entry.keys)
        return scope.admits(entry.kind, entry.areas, to_person)


class Hub(Generic[C]):
    """Who listens to what on this node, and the recent frames in memory.

    Args:
        epoch: the feed's identity; a hub lives within one.
        newest: the offset published so far; publishing goes on from the next.
        recent_frames: how many frames memory keeps at least, so that a short absence costs no query.
        recent_bytes: what those frames may weigh; past it the older ones go first.
    """

    def __init__(self, epoch: str, newest: int, *, recent_frames: int = 4096, recent_bytes: int = 8 << 20) -> None:
        self.epoch = epoch
        self.newest = newest
        self._recent: list[Entry] = []
        self._recent_weight = 0
        self._recent_frames = recent_frames
        self._recent_bytes = recent_bytes
        self._members: dict[C, _Member[C]] = {}
        # Dictionaries for sets: they are walked in the order of joining, which is the order of memory.
        self._index: defaultdict[str, dict[_Member[C], None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, client: C) -> bool:
        return client in self._members

    @property
    def floor(self) -> int:
        """The offset from which memory alone can bring a client up to date."""
        return self.newest - len(self._recent)

    @property
    def position(self) -> Position:
        """How far this node is; what a heartbeat tells."""
        return Position(self.epoch, self.newest)

    def join(self, client: C, keys: frozenset[str], scope: Scope, after: int) -> None:
        """Take in a client that has had everything up to an offset; it hears nothing until it has caught up.

        An offset ahead of this node is allowed (another node was further): frames up to it are not repeated.
        """
        if client in self._members:
            raise ValueError("a client joins once")
        self._members[client] = _Member(client, keys, None if scope == EVERYTHING else scope, after)

    def leave(self, client: C) -> None:
        """Forget a client; nothing happens when it is not here."""
        member = self._members.pop(client, None)
        if member is None or not member.live:
            return
        for key in member.keys:
            listeners = self._index[key]
            listeners.pop(member, None)
            if not listeners:
                del self._index[key]

    def publish(self, frames: Sequence[Frame]) -> list[Delivery[C]] | Gap:
        """Take in new frames of the feed, in order, and say what is written to whom.

        Frames already published are dropped. When the first new one is not the next, or they are not dense, nothing
        is done and the gap is returned: fill it from the store and publish again.
        """
        fresh = [frame for frame in frames if frame.offset > self.newest]
        for expected, frame in enumerate(fresh, self.newest + 1):
            if frame.offset != expected:
                return Gap(self.newest)
        entries = [prepare(frame) for frame in fresh]
        self._remember(entries)
        if len(entries) == 1:
            clients = [member.client for member in self._listeners(entries[0])]
            return [Delivery(entries[0].wire, 1, clients)] if clients else []
        return self._grouped(entries)

    def catch_up(self, client: C, most: int) -> Step:
        """Hand a client the next frames from memory, about `most` bytes, and make it live when none is left.

        `store` says that memory does not reach back to it: read `views.replay(offset(client))` and give the page
        to `replay`.
        """
        member = self._members[client]
        if member.live:
            return Step(b"", 0, "live")
        if member.after < self.floor:
            return Step(b"", 0, "store")
        start = min(member.after - self.floor, len(self._recent))
        wire, frames = self._hand_over(member, self._recent[start:], most)
        if member.after < self.newest:
            return Step(wire, frames, "more")
        member.live = True
        for key in member.keys:
            self._index[key][member] = None
        return Step(wire, frames, "live")

    def replay(self, client: C, page: Sequence[Entry], most: int) -> Step | Gap:
        """Hand a client a page of the store, about `most` bytes of it; the page may begin before its offset.

        A gap says that the page does not connect: the rows were pruned meanwhile, and the client must resync.
        """
        member = self._members[client]
        skip = next((i for i, entry in enumerate(page) if entry.offset > member.after), len(page))
        if skip == len(page) or page[skip].offset != member.after + 1 or not _dense(page[skip:]):
            return Gap(member.after)
        wire, frames = self._hand_over(member, page[skip:], most)
        return Step(wire, frames, "more")

    def offset(self, client: C) -> int:
        """Give the offset up to which a client has been handed everything that is its own."""
        member = self._members[client]
        return max(member.after, self.newest) if member.live else member.after

    def _hand_over(self, member: _Member[C], entries: Iterable[Entry], most: int) -> tuple[bytes, int]:
        parts: list[bytes] = []
        weight = 0
        for entry in entries:
            if weight >= most:
                break
            member.after = entry.offset
            if member.hears(entry):
                parts.append(entry.wire)
                weight += len(entry.wire)
        return b"".join(parts), len(parts)

    def _listeners(self, entry: Entry) -> Iterable[_Member[C]]:
        found = [listeners for key in entry.keys if (listeners := self._index.get(key))]
        if not found:
            return ()
        everybody = found[0]
        for more in found[1:]:
            everybody = everybody | more
        offset = entry.offset
        # `after` lies ahead only for a client that came from a node further on.
        return [m for m in everybody if m.after < offset and (m.scope is None or m.wants(entry))]

    def _grouped(self, entries: Sequence[Entry]) -> list[Delivery[C]]:
        """Group clients by the very run of frames they hear, so that each is written to once a batch."""
        heard: defaultdict[_Member[C], int] = defaultdict(int)
        for bit, entry in enumerate(entries):
            for member in self._listeners(entry):
                heard[member] |= 1 << bit
        groups: defaultdict[int, list[C]] = defaultdict(list)
        for member, mask in heard.items():
            groups[mask].append(member.client)
        deliveries: list[Delivery[C]] = []
        for mask, clients in groups.items():
            run = [entry.wire for bit, entry in enumerate(entries) if mask >> bit & 1]
            deliveries.append(Delivery(b"".join(run), len(run), clients))
        return deliveries

    def _remember(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        self.newest = entries[-1].offset
        self._recent.extend(entries)
        self._recent_weight += sum(len(entry.wire) for entry in entries)
        # Trimmed by halves, not one by one: a list cut at its head costs its length.
        if len(self._recent) > 2 * self._recent_frames:
            self._forget(len(self._recent) - self._recent_frames)
        while self._recent and self._recent_weight > self._recent_bytes:
            self._forget(max(1, len(self._recent) // 2))

    def _forget(self, count: int) -> None:
        self._recent_weight -= sum(len(entry.wire) for entry in self._recent[:count])
        del self._recent[:count]

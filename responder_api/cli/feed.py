"""Keep one client's side of `/live`: how far it has come, what stands, and what each frame from the server means. Pure.

You are between the socket (`follow`), which brings frames one after the other, and whoever shows them (`shown`). Say
`hello` with what is kept here and nothing is missed and nothing comes twice: a position moves only when everything up
to it has been taken in, so a line that breaks in the middle of a snapshot starts that snapshot anew.
"""

from typing import Any, Final

import msgspec

Value = dict[str, Any]
Key = tuple[str, str]

KINDS: Final = (
    "report",
    "incident",
    "assignment",
    "responder",
    "presence",
    "alert",
    "gauge",
    "message",
    "deadletter",
)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One document as it was (None: not known here) and as it is now (None: gone from sight). `at` is RFC 3339."""

    kind: str
    id: str
    before: Value | None
    after: Value | None
    at: str | None = None


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """The server goes on exactly where this client stopped; so many positions of the feed lie between."""

    position: str
    behind: int


class Resync(msgspec.Struct, frozen=True, kw_only=True):
    """What was missed cannot be told one by one; the whole picture follows. `reason` is the server's."""

    reason: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The whole picture is here: every document, and what differs from what was known before."""

    position: str
    first: bool
    documents: int
    changes: list[Change]


class CaughtUp(msgspec.Struct, frozen=True):
    """Everything that had happened when the client came is here."""


News = Change | Resumed | Resync | Picture | CaughtUp


class Feed:
    """What a client knows. `position` and `view` are what the next hello says; both None begin afresh."""

    def __init__(self, position: str | None = None, view: str | None = None) -> None:
        self.position = position
        self.view = view
        self.documents: dict[Key, Value] = {}
        self.whole = False
        """Whether `documents` are all there are, not just those that changed since a position from elsewhere."""
        self.kinds: list[str] | None = None
        """The kinds that were asked for; None is all."""
        self._seen = ""
        self._target = 0
        self._unsaid = False
        self._behind = False
        self._stale = False
        self._parts: dict[Key, Value] | None = None

    def hello(self, token: str, kinds: list[str] | None, areas: list[str] | None) -> Value:
        """Give the first message of a connection."""
        said: Value = {"type": "hello", "token": token, "position": self.position, "kinds": kinds, "areas": areas}
        if self.position is not None and self.view is not None:
            said["view"] = self.view
        self.kinds = kinds
        self._parts = None
        self._stale = False
        return said

    def forget(self) -> None:
        """Give up the position, not the documents: the next hello begins afresh."""
        self.position = self.view = None

    def take(self, frame: Value) -> list[News]:
        """Take in one frame of the server and say what it means. Types not known here mean nothing."""
        kind = frame.get("type")
        if kind == "welcome":
            self._seen = frame["view"]
            self._target = _offset(frame["position"])
            self._unsaid = self.position is not None
            self._behind = True
            return []
        if kind == "resync":
            self._parts, self._unsaid = {}, False
            return [Resync(reason=frame["reason"])]
        if kind == "snapshot":
            return self._part(frame)
        if kind == "renewed":
            self._stale = frame["view"] != self._seen
            self._seen = frame["view"]
            return []
        if kind in ("change", "heartbeat", "pong"):
            return self._moved(frame)
        return []

    def _moved(self, frame: Value) -> list[News]:
        if self._parts is not None:
            # Between resync and the picture's last part nothing counts: the position is still the one before.
            return []
        news: list[News] = []
        if self._unsaid and self.position is not None:
            self._unsaid = False
            news.append(Resumed(position=self.position, behind=max(0, self._target - _offset(self.position))))
        if frame["type"] == "pong" or self._stale:
            return news
        if frame["type"] == "change" and self._is_new(frame["position"]):
            news.append(self._put(frame))
        if self._is_new(frame["position"]):
            self.position = frame["position"]
        self.view = self._seen
        if self._behind and (frame["type"] == "heartbeat" or _offset(frame["position"]) >= self._target):
            self._behind = False
            news.append(CaughtUp())
        return news

    def _is_new(self, position: str) -> bool:
        return self.position is None or _offset(position) > _offset(self.position)

    def _put(self, frame: Value) -> Change:
        key = (frame["kind"], frame["id"])
        before = self.documents.get(key)
        after: Value | None = frame["value"] if frame["op"] == "put" else None
        if after is None:
            self.documents.pop(key, None)
        else:
            self.documents[key] = after
        return Change(kind=key[0], id=key[1], before=before, after=after, at=frame.get("at"))

    def _part(self, frame: Value) -> list[News]:
        if frame["part"] == 1 or self._parts is None:
            self._parts = {}
        for shown in frame["documents"]:
            self._parts[(shown["kind"], shown["id"])] = shown["value"]
        if frame["part"] < frame["of"]:
            return []
        before, self.documents, self._parts = self.documents, self._parts, None
        changes = [
            Change(kind=key[0], id=key[1], before=before.get(key), after=after)
            for key, after in self.documents.items()
            if before.get(key) != after
        ]
        changes += [
            Change(kind=key[0], id=key[1], before=value, after=None)
            for key, value in before.items()
            if key not in self.documents
        ]
        first, self.whole, self._behind, self._stale = not self.whole and not before, True, False, False
        self.position, self.view = frame["position"], self._seen
        picture = Picture(position=frame["position"], first=first, documents=len(self.documents), changes=changes)
        return [picture, CaughtUp()]


def _offset(position: str) -> int:
    return int(position.rpartition(":")[2])

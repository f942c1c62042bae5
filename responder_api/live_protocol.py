"""Spell what is said on `/live`: the client's messages, the server's, the close codes. Pure; docs/live.md is its prose.

You are where bytes become words. `live_socket` carries the bytes, `live` holds the conversation. Every message is one
text frame holding one JSON object with a `type`.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Final

import msgspec

from geo.places import Rejected, check_area
from responder_api.audience import Viewer
from responder_api.live_limits import DEPTH_MOST, PART_MOST
from responder_api.views import Document, Position


class Close(enum.IntEnum):
    """Why the server ends a connection; its reason is a stable code, and `retry_after_ms=N` where coming back helps."""

    INTERNAL = 1011
    RESTART = 1012
    TRY_LATER = 1013
    UNAUTHENTICATED = 4001
    FORBIDDEN = 4003
    SLOW = 4008
    EXPIRED = 4009
    TOO_MANY = 4029
    BAD_FRAME = 4400
    SILENT = 4408


# ------------------------------------------------------------------------------------------------- what clients say

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Names = Annotated[list[Short], msgspec.Meta(max_length=64)]


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="hello"):
    """The first message: who, from where on, and what only.

    `view` is the one the last welcome gave: a position says how far somebody has come, not through whose eyes.
    """

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
    position: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    kinds: Names | None = None
    areas: Names | None = None
    view: Short | None = None
    ref: Short | None = None


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="token"):
    """A newer token for the same person, before the old one runs out."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
    ref: Short | None = None


class Received(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="received"):
    """A message reached the device: delivered, which is not yet answered."""

    id: Short
    ref: Short | None = None


class Answer(msgspec.Struct, frozen=True, tag_field="type", tag="answer"):
    """A person's answer. Its other fields belong to whoever handles it; they travel whole in `Other`."""

    ref: Short | None = None


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="ping"):
    """Are you there: for clients that cannot send the protocol's own ping, as browsers cannot."""

    ref: Short | None = None


Said = Hello | Token | Received | Answer | Ping
_SAID: Final = msgspec.json.Decoder(Said)


class Message(msgspec.Struct, frozen=True):
    """One message read: its kind as a type, and for the handler all its fields as they came."""

    said: Said
    fields: dict[str, Any]


def read(data: bytes) -> Message:
    """Read a client's message; Rejected `frame-not-understood` when it is not JSON, of no known type or shape."""
    if _too_deep(data):
        raise Rejected("frame-not-understood", f"the message nests deeper than {DEPTH_MOST} levels")
    try:
        said = _SAID.decode(data)
        fields = msgspec.json.decode(data, type=dict[str, Any]) if isinstance(said, Answer | Received) else {}
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise Rejected("frame-not-understood", str(exc)) from exc
    return Message(said, fields)


def _too_deep(data: bytes) -> bool:
    """Tell whether brackets nest too deep; brackets inside strings count too, which no honest message minds."""
    if data.count(b"[") + data.count(b"{") <= DEPTH_MOST:
        return False
    depth = 0
    for byte in data:
        if byte in b"[{":
            depth += 1
            if depth > DEPTH_MOST:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def areas(hello: Hello) -> frozenset[str] | None:
    """Give the areas a hello asks for; Rejected `area-malformed` when one is no area path."""
    return None if hello.areas is None else frozenset(map(check_area, hello.areas))


def position(hello: Hello) -> Position | None:
    """Give the position a hello comes with; Rejected `position-not-understood` when it is not epoch:offset."""
    if hello.position is None:
        return None
    try:
        return Position.parse(hello.position)
    except ValueError as exc:
        raise Rejected("position-not-understood", str(exc)) from exc


# ------------------------------------------------------------------------------------------------ what the server says


class Welcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="welcome"):
    """The answer to hello: who the server takes the client for, and how far the feed is."""

    position: str
    epoch: str
    heartbeat_s: float
    viewer: Viewer
    view: str
    expires_in_s: int
    retry_after_ms: int
    ref: str | None = None


class Resync(msgspec.Struct, frozen=True, tag_field="type", tag="resync"):
    """What was missed cannot be told one by one: forget everything, a snapshot follows."""

    reason: str


class Heartbeat(msgspec.Struct, frozen=True, tag_field="type", tag="heartbeat"):
    """All quiet up to a position: everything of the client's up to here has been sent."""

    position: str


class Renewed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="renewed"):
    """The newer token holds, for so many seconds; when `view` has changed, a resync follows."""

    expires_in_s: int
    view: str
    ref: str | None = None


class Pong(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="pong"):
    """Here I am."""

    position: str
    ref: str | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="error"):
    """Something the client said was not taken; `code` is stable and stands in the error table."""

    code: str
    detail: str = ""
    ref: str | None = None


def say(message: msgspec.Struct | dict[str, Any]) -> bytes:
    """Give the bytes on the wire, frame header included, of one server message."""
    return text_frame(msgspec.json.encode(message))


def reply(fields: dict[str, Any], ref: str | None) -> bytes:
    """Give the bytes on the wire of a handler's reply to `received` or `answer`, with the client's own reference."""
    return say({"type": "reply", **({} if ref is None else {"ref": ref}), **fields})


class _Shown(msgspec.Struct, frozen=True):
    kind: str
    id: str
    value: msgspec.Raw


class _Part(msgspec.Struct, frozen=True, tag_field="type", tag="snapshot"):
    position: str
    part: int
    of: int
    documents: list[_Shown]


def snapshot_parts(at: Position, documents: Iterable[Document]) -> Iterator[bytes]:
    """Give a snapshot as wire frames of bounded size, at least one, so that the end is always seen (part == of)."""
    parts: list[list[_Shown]] = [[]]
    weight = 0
    for document in documents:
        if weight and weight + len(document.data) > PART_MOST:
            parts.append([])
            weight = 0
        parts[-1].append(_Shown(document.kind, document.id, msgspec.Raw(document.data)))
        weight += len(document.data)
    for number, shown in enumerate(parts, 1):
        yield say(_Part(str(at), number, len(parts), shown))


def text_frame(payload: bytes) -> bytes:
    """Give one unmasked, unfragmented WebSocket text frame (RFC 6455, 5.2); the same bytes serve every client."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def reason(code: str, retry_after_ms: int | None = None) -> str:
    """Give a close reason: a stable code, then how long to wait before coming back where that helps."""
    return code if retry_after_ms is None else f"{code} retry_after_ms={retry_after_ms}"


def shares(spread: Sequence[float], roll: float) -> int:
    """Give a wait in ms between two bounds in seconds, at a roll in [0, 1): those sent away come back one by one."""
    low, high = spread
    return round(1000 * (low + (high - low) * roll))

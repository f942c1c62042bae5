"""A Kafka record as a step's reader gets it: what can be told from its headers, and the event that it carries.

Most of what passes a reader is none of its business, so that is found out from the headers, without decoding. Next on
the road: `turn` gives the events to the steps.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, get_args

import msgspec

from geo.places import Rejected
from streams.cloudevents import SOURCE, TYPE, from_cloudevent
from streams.events import CONTRACT, AnyBody, Body, Event
from streams.topics import MIRRORED, topic_of

_KINDS: Final[dict[bytes, type[Body]]] = {(TYPE + kind.__name__).encode(): kind for kind in get_args(AnyBody)}
_ID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


class Record(NamedTuple):
    """One record, `topic` by its name in `streams.topics` (without the cluster's prefix)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes]


def headers_of(pairs: Iterable[tuple[str, bytes | None]]) -> dict[str, bytes]:
    """Give a record's headers by name; one that is null, as Kafka allows, is empty."""
    return {name: data or b"" for name, data in pairs}


def kind_of(record: Record) -> type[Body] | None:
    """Give the kind of fact that the headers promise, without decoding; None where it is none that we know."""
    return _KINDS.get(_header(record, "ce_type"))


def source_of(record: Record) -> str:
    """Give the step or door that the headers name as its writer, without decoding; "" where there is none."""
    return _source(_header(record, "ce_source"))


def id_of(record: Record) -> str | None:
    """Give the event's id by the headers, in lower case; None where it is no UUID."""
    return _uuid(_header(record, "ce_id"))


# Every reader asks for the same records' headers.
@lru_cache(maxsize=16_384)
def _uuid(header: bytes) -> str | None:
    text = header.decode(errors="replace")
    return text.lower() if _ID.fullmatch(text) else None


@lru_cache(maxsize=1024)
def _source(header: bytes) -> str:
    return header.decode(errors="replace").removeprefix(SOURCE)


def event_of(record: Record) -> Event:
    """Give the event of a record.

    Raises Rejected as `from_cloudevent` does, and `contract-newer` for a contract that this version does not know,
    `invalid-body` for an id that is no UUID and `wrong-topic` for a fact that does not belong on this topic.
    """
    event = from_cloudevent(record.headers, record.value, record.key)
    if event.contract > CONTRACT:
        raise Rejected("contract-newer", f"contract {event.contract} is newer than {CONTRACT}, which is spoken here")
    if not _ID.fullmatch(event.id):
        raise Rejected("invalid-body", f"the id {event.id[:80]!r} is no UUID")
    if not event.id.islower() and not event.id.isdigit():
        event = msgspec.structs.replace(event, id=event.id.lower())
    _check_topic(record.topic, event)
    return event


def _check_topic(topic: str, event: Event) -> None:
    """Refuse what is on the wrong topic: the right to write one gives no right to write another one's facts."""
    name, carrier = type(event.body).__name__, topic_of(event.body).name
    if topic.removeprefix(MIRRORED) != carrier:
        raise Rejected("wrong-topic", f"{name} belongs on {carrier}, not on {topic}")
    if topic.startswith(MIRRORED) and not event.origin:
        raise Rejected("wrong-topic", f"{name} on {topic} does not say which system wrote it")
    if event.origin and not topic.startswith(MIRRORED):
        raise Rejected("wrong-topic", f"{name} of {event.origin[:80]!r} is on {topic}, where this system's own stand")


def _header(record: Record, name: str) -> bytes:
    try:
        return record.headers[name]
    except KeyError:  # names of headers are compared without case; ours are written in lower case
        return next((data for key, data in record.headers.items() if key.lower() == name), b"")

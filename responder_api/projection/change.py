"""What a projection gives, and the few ways to make it.

You are under every module of the projection: each has functions that take an event, its body and `Get` and give
`Change`s, and a table PROJECTIONS that says which fact does what.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from streams import events as e

Value = dict[str, Any]
Audience = tuple[str, ...]
Crew = list[Value]
"""Who goes to an incident (documents.Goer)."""


class Change(NamedTuple):
    """A document as it now is, and who may see it; `new` where this fact is the first word of it."""

    kind: str
    id: str
    value: Value
    audience: tuple[str, ...]
    new: bool = False


Get = Callable[[str, str], tuple[Value, tuple[str, ...]] | None]
"""Gives a standing document (kind, id): its value and audience."""

Project = Callable[[e.Event, Any, Get], Iterator[Change]]
"""Gives what an event (and its body) changes."""

Projections = dict[type, Project]
"""What each fact does, by the type of its body."""


def plain(value: Any) -> Any:
    """Give a value as JSON has it."""
    return msgspec.to_builtins(value)


def fields(body: e.AnyBody, *without: str) -> Value:
    """Give a body's fields as JSON has them, without those named.

    Also those that hold their default: over a standing document, an empty text or list takes back what stood. Only
    what is null is left out: where a fact does not say a number, what stood stands.
    """
    value: Value = msgspec.to_builtins(msgspec.structs.asdict(body))
    return {name: each for name, each in value.items() if each is not None and name not in without}


_NOTHING: tuple[Any, ...] = (None, "", [], (), {})


def told(value: Value) -> Value:
    """Give a document without the fields that say nothing: null, empty text, empty lists and maps."""
    return {name: each for name, each in value.items() if each not in _NOTHING}


def time(event: e.Event) -> Any:
    """Give the time of an event as JSON has it."""
    return plain(event.at)


def altered(kind: str, id_: str, get: Get, **news: Any) -> Iterator[Change]:
    """Give a standing document with some fields anew; nothing if there is none."""
    standing = get(kind, id_)
    if standing is not None:
        value, audience = standing
        yield Change(kind, id_, {**value, **news}, audience)

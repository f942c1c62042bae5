"""Whose a document is: what one system wrote, only that system's facts change (decision 0022).

What another system says of a document of ours, or of a third's, is not believed, whatever id it names: it could close
here what is open, or let people see what is not theirs. Our own facts know nothing of others' documents; where one
begins a document of the same id, as two systems hear the same gauge, ours takes its place.
"""

from collections.abc import Iterable, Iterator

from responder_api.projection.change import Change, Get, Value
from streams.events import Event


def writer_of(origin: str) -> str:
    """Give the system that wrote something first; "" for this one."""
    return origin.partition("/")[0]


def writer_of_document(value: Value) -> str:
    """Give the system whose a document is; "" for this one."""
    return writer_of(value.get("origin", ""))


def of_the_same(writer: str, get: Get) -> Get:
    """Give a look at the documents of one system alone."""

    def look(kind: str, id_: str) -> tuple[Value, tuple[str, ...]] | None:
        standing = get(kind, id_)
        return standing if standing is not None and writer_of_document(standing[0]) == writer else None

    return look


def owned(event: Event, changes: Iterable[Change], get: Get) -> Iterator[Change]:
    """Give those changes that an event may make; what another system wrote says so in `origin`."""
    writer = writer_of(event.origin)
    for change in changes:
        if not writer:
            yield change
            continue
        standing = get(change.kind, change.id)
        if standing is None or writer_of_document(standing[0]) == writer:
            yield change._replace(value={**change.value, "origin": event.origin})

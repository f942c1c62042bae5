"""A record that cannot be read becomes a dead letter, once, with all its bytes; and the line goes on.

The reader `archive` does it, because no step can be named: whatever hears this kind of fact never saw one. A delivery
that hung a worker, or that the database would not keep, becomes its step's letter (`refusing`).
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import uuid5

import msgspec

from geo.places import COUNTRY, Rejected
from streams.cluster.records import Record, id_of
from streams.events import CONTRACT, NAMESPACE, DeadLettered, Event, Fact, audience
from streams.handle import Step
from streams.log import Line, line
from streams.state import State

MOST: Final = 900_000
"""How many characters of what could not be read a letter quotes: it must itself fit into a record, and each may take
four bytes there, as one outside the basic plane or as a quotation mark within quotation marks."""


def letter_of(record: Record, reader: str, code: str, detail: str, now: datetime) -> Line:
    """Give the dead letter of a record that nobody can read; the same for the same record sent again."""
    quoted = quote(record)
    name = sha256(quoted.encode()).hexdigest()
    own = str(uuid5(NAMESPACE, f"unreadable/{name}"))
    area = _area(record.key)
    if len(quoted) > MOST:
        detail, quoted = (
            f"{detail} (cut: sha256 of all of it is {name})",
            json.dumps({"cut": quoted[:MOST]}, ensure_ascii=False),
        )
    body = DeadLettered(
        topic=record.topic,
        step=reader,
        code=code,
        detail=f"{record.topic}[{record.partition}] at {record.offset}: {detail}"[:2000],
        original=quoted,
        original_id=id_of(record) or "",
    )
    return line(
        Event(
            id=own,
            cause=id_of(record) or own,
            source=f"{reader}!",
            key=area,
            at=now,
            seen=now,
            audience=audience(area, "operator"),
            body=body,
            contract=CONTRACT,
        )
    )


def quote(record: Record) -> str:
    """Give a record's key, headers and value as JSON; bytes that are no text in base 64."""
    return json.dumps(
        {
            "topic": record.topic,
            "key": None if record.key is None else _bytes(record.key),
            "headers": {name: _bytes(data) for name, data in sorted(record.headers.items())},
            "value": _bytes(record.value),
        },
        ensure_ascii=False,
    )


def _bytes(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def _area(key: bytes | None) -> str:
    text = (key or b"").decode(errors="replace")
    return text if text.startswith(COUNTRY) and text.isprintable() else COUNTRY


def refusing(step: Step, code: str, detail: str) -> Step:
    """Give a step of the same name that takes nothing."""

    def refuse(state: State, event: Event) -> Iterable[Fact]:
        raise Rejected(code, detail)

    return msgspec.structs.replace(step, function=refuse)

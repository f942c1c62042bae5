"""The promise to those who read our events: fields are added with a default, never removed, renamed or retyped.

`shape` says what the contract is now; `fixtures/wire/contract.json` is what was last agreed; `breaks` names what would
make a reader of the old one fail or misread. A default belongs to the promise, for a field that holds it is not
written.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streams.events import CONTRACT, Body, Event
from streams.fields import FACTS, Field, fields, values
from streams.topics import TOPICS

Shape = Mapping[str, Any]
"""`contract`: its version; `types`: name → `topic` (facts only), `fields`: name → `type`, `required`, `default`."""

_CHOICE = re.compile(r"\{([^}]*)\}")


def shape() -> dict[str, Any]:
    """Give the contract as it stands in the code: JSON values, in a settled order."""
    kinds: tuple[type[msgspec.Struct], ...] = (Event, *FACTS, *values())
    return {"contract": CONTRACT, "types": {kind.__name__: _shape_of(kind) for kind in sorted(kinds, key=_name)}}


def breaks(agreed: Shape, offered: Shape) -> list[str]:
    """Name every promise of `agreed` that `offered` breaks, a line each; an empty list: it can be read as before.

    A new value in a closed list (a new hazard) is allowed only together with a higher `contract`.
    """
    found = []
    raised = offered["contract"] > agreed["contract"]
    if offered["contract"] < agreed["contract"]:
        found.append("the contract's version went back")
    for name, before in agreed["types"].items():
        now = offered["types"].get(name)
        if now is None:
            found.append(f"{name} is gone")
            continue
        if before.get("topic") != now.get("topic"):
            found.append(f"{name} moved from {before.get('topic')} to {now.get('topic')}")
        found += [f"{name}.{line}" for line in _field_breaks(before["fields"], now["fields"], raised=raised)]
    return found


def _name(kind: type) -> str:
    return kind.__name__


def _shape_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    topic = {"topic": _topic(kind)} if issubclass(kind, Body) else {}
    return topic | {"fields": {field.name: _field(field) for field in fields(kind)}}


def _topic(kind: type[Body]) -> str:
    return next(topic.name for topic in TOPICS if kind in topic.carries)


def _field(field: Field) -> dict[str, Any]:
    rest = {"required": True} if field.required else {"required": False, "default": field.default}
    return {"type": field.type} | rest


def _field_breaks(agreed: Mapping[str, Any], offered: Mapping[str, Any], *, raised: bool) -> Iterator[str]:
    for name, now in offered.items():
        if name not in agreed and now["required"]:
            yield f"{name} was added without a default: old events do not have it"
    for name, before in agreed.items():
        if name not in offered:
            yield f"{name} is gone"
            continue
        now = offered[name]
        yield from (f"{name} {line}" for line in _type_breaks(before["type"], now["type"], raised=raised))
        if before["required"] != now["required"]:
            word = "required: old events may lack it" if now["required"] else "optional: old readers rely on it"
            yield f"{name} became {word}"
        elif before.get("default") != now.get("default"):
            yield f"{name} means something else when missing: {now.get('default')!r}, not {before.get('default')!r}"


def _type_breaks(before: str, now: str, *, raised: bool) -> Iterator[str]:
    if _CHOICE.sub("{}", before) != _CHOICE.sub("{}", now):
        yield f"was {before}, is {now}"
        return
    for old, new in zip(_CHOICE.findall(before), _CHOICE.findall(now), strict=True):
        gone = set(old.split(", ")) - set(new.split(", "))
        more = set(new.split(", ")) - set(old.split(", "))
        if gone:
            yield f"can no longer be {', '.join(sorted(gone))}"
        if more and not raised:
            yield f"can now be {', '.join(sorted(more))}: raise the contract's version with it"

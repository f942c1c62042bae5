"""The JSON Schema (2020-12) of the documents and of what `/live` says, for clients in any language.

Made from the structs in `documents` and `live_protocol`, never written by hand: `dharura contract` writes it to
`docs/documents.schema.json`, and `document_types` makes the pages' TypeScript of it.
"""

from typing import Any, Final, get_args

import msgspec
from msgspec import inspect as types

from geo.answers import Code
from responder_api import documents
from responder_api.audience import Role
from responder_api.documents import KINDS
from responder_api.live_protocol import Failure, Heartbeat, Pong, Renewed, Resync, Welcome
from responder_api.located import Located
from responder_api.people import People
from streams.events import Ground, Hazard, LeftFor, PositionOf, Severity
from streams.fields import kinds, meanings

Schema = dict[str, Any]

SAID: Final[tuple[type[msgspec.Struct], ...]] = (Welcome, Resync, Heartbeat, Renewed, Pong, Failure)
"""What the server says on the socket besides documents."""

ANSWERS: Final[tuple[type[msgspec.Struct], ...]] = (People, Located)
"""What REST answers with that is no document."""

NAMED: Final[dict[str, tuple[str, ...]]] = {
    "Hazard": get_args(Hazard),
    "Severity": get_args(Severity),
    "PositionOf": get_args(PositionOf),
    "Ground": get_args(Ground),
    "LeftFor": get_args(LeftFor),
    "Role": get_args(Role),
    "LocatedCode": get_args(Code),
    **{
        name: get_args(getattr(documents, name))
        for name in (
            "Channel",
            "ReportState",
            "IncidentState",
            "AssignmentState",
            "PresenceState",
            "AlertState",
            "MessageState",
            "DeadletterState",
            "MessageKind",
            "MessageChannel",
        )
    },
}
"""Closed lists of values by their name, in their own order; severities from the worst."""

_BY_VALUES: Final[dict[frozenset[object], str]] = {frozenset(values): name for name, values in NAMED.items()}
_TEXT: Final[Schema] = {"type": "string"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_REF: Final = "#/$defs/{name}"


def schema() -> Schema:
    """Give the whole schema as JSON values; its root is any frame of `/live`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Documents",
        "description": "What people see: the documents, and the frames of /live that carry them. A field that says "
        "nothing is left out. Ignore fields, kinds and frames that you do not know.",
        "$ref": _to("Frame")["$ref"],
        "$defs": {name: _list_of(name) for name in NAMED} | _structs() | _frames(),
    }


def _list_of(name: str) -> Schema:
    return {"enum": list(NAMED[name])}


def _to(name: str) -> Schema:
    return {"$ref": _REF.format(name=name)}


# --- structs -----------------------------------------------------------------------------------------------------


def _structs() -> dict[str, Schema]:
    roots = (*KINDS.values(), *SAID, *ANSWERS)
    found = _reached(roots)
    _, made = msgspec.json.schema_components(roots, ref_template=_REF)
    by_struct = {_shown_name(kind): (kind, made[name]) for kind, name in _component_names(found, made).items()}
    return {name: _struct(kind, each) for name, (kind, each) in by_struct.items()}


def _reached(roots: tuple[type[msgspec.Struct], ...]) -> list[type[msgspec.Struct]]:
    """Give the structs that these are made of, themselves included, each once, in the order in which one meets them."""
    found: dict[type[msgspec.Struct], None] = {}

    def walk(kind: types.Type) -> None:
        match kind:
            case types.StructType(cls=cls, fields=inner):
                if cls not in found:
                    found[cls] = None
                    for field in inner:
                        walk(field.type)
            case types.UnionType(types=options) | types.TupleType(item_types=options):
                for option in options:
                    walk(option)
            case types.DictType(value_type=item):
                walk(item)
            case types.ListType(item_type=item) | types.VarTupleType(item_type=item):
                walk(item)
            case types.FrozenSetType(item_type=item) | types.SetType(item_type=item):
                walk(item)
            case _:
                pass

    for root in roots:
        walk(types.type_info(root))
    return list(found)


def _component_names(found: list[type[msgspec.Struct]], made: dict[str, Schema]) -> dict[type[msgspec.Struct], str]:
    """Give the name by which msgspec made each: its own, or its module's and its own where two share one."""
    return {
        kind: kind.__name__ if kind.__name__ in made else f"{kind.__module__}.{kind.__qualname__}" for kind in found
    }


def _shown_name(kind: type[msgspec.Struct]) -> str:
    return f"Cap{kind.__name__}" if kind.__module__ == "alerts.cap" else kind.__name__


def _struct(kind: type[msgspec.Struct], made: Schema) -> Schema:
    said, types_of = meanings(kind), kinds(kind)
    config = kind.__struct_config__
    always = set(made.get("required", ()))
    properties: Schema = {}
    for name, each in made["properties"].items():
        if name not in types_of:  # the tag
            properties[name] = {"const": each["enum"][0]}
            continue
        left_out = name not in always and (config.omit_defaults or _unset(kind, name))
        if not left_out:
            always.add(name)
        shown = _property(each, types_of[name], nullable=not left_out)
        properties[name] = ({"description": said[name]} if said.get(name) else {}) | shown
    about = " ".join((kind.__doc__ or "").split())
    required = [name for name in properties if name in always]
    return {"description": about, "type": "object", "properties": properties, "required": required}


def _unset(kind: type[msgspec.Struct], name: str) -> bool:
    return kind.__struct_defaults__[kind.__struct_fields__.index(name) - len(kind.__struct_fields__)] is msgspec.UNSET


def _property(made: Schema, kind: types.Type, *, nullable: bool) -> Schema:
    """Give one field's schema: closed lists by name, times as such, no null where the field is left out instead."""
    match kind:
        case types.StructType(cls=cls):
            return _to(_shown_name(cls))
        case types.LiteralType(values=values) if frozenset(values) in _BY_VALUES:
            return _to(_BY_VALUES[frozenset(values)])
        case types.DateTimeType():
            return dict(_TIME)
        case types.ListType(item_type=item) | types.VarTupleType(item_type=item) | types.FrozenSetType(item_type=item):
            return {"type": "array", "items": _property(made["items"], item, nullable=True)}
        case types.TupleType(item_types=items):
            each = [_property(one, item, nullable=True) for one, item in zip(made["prefixItems"], items, strict=True)]
            return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each)}
        case types.DictType(value_type=item):
            value = _property(made["additionalProperties"], item, nullable=True)
            return {"type": "object", "additionalProperties": value}
        case types.UnionType(types=options):
            pairs = zip(made["anyOf"], options, strict=True)
            kept = [_property(one, each, nullable=nullable) for one, each in pairs if nullable or not _none(each)]
            return kept[0] if len(kept) == 1 else {"anyOf": kept}
        case _:
            return {name: value for name, value in made.items() if name != "default"}


def _none(kind: types.Type) -> bool:
    return isinstance(kind, types.NoneType)


# --- frames that carry documents -----------------------------------------------------------------------------------


def _frames() -> dict[str, Schema]:
    said = [_shown_name(kind) for kind in SAID]
    put = {"type": {"const": "change"}, "op": {"const": "put"}, "position": _TEXT, "cause": _TEXT, "at": _TIME}
    gone = put | {"op": {"const": "gone"}, "kind": {"enum": list(KINDS)}, "id": _TEXT}
    number = {"type": "integer", "minimum": 1}
    return {
        "Shown": {"description": "One document as it stands.", "oneOf": _by_kind({})},
        "Snapshot": _object(
            "Part of all that the viewer may see; the position is theirs when `part` equals `of`.",
            {
                "type": {"const": "snapshot"},
                "position": _TEXT,
                "part": number,
                "of": number,
                "documents": {"type": "array", "items": _to("Shown")},
            },
        ),
        "Put": {"description": "One document is now so; `cause` is the event.", "oneOf": _by_kind(put)},
        "Gone": _object("One document is no longer the viewer's to see, or is filed away.", gone),
        "Change": {"anyOf": [_to("Put"), _to("Gone")]},
        "Reply": _object(
            "What the client said was taken down, as the event with this id.",
            {"type": {"const": "reply"}, "ref": _TEXT, "id": _TEXT, "assignment": _TEXT},
            optional=("ref", "assignment"),
        ),
        "Frame": {
            "description": "Anything that the server says on /live.",
            "anyOf": [_to(name) for name in (*said, "Snapshot", "Put", "Gone", "Reply")],
        },
    }


def _by_kind(around: Schema) -> list[Schema]:
    return [
        _object("", {**around, "kind": {"const": kind}, "id": _TEXT, "value": _to(_shown_name(struct))})
        for kind, struct in KINDS.items()
    ]


def _object(about: str, properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    said = {"description": about} if about else {}
    return said | {"type": "object", "properties": properties, "required": required}

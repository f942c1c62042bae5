"""The fields of every fact, read from the classes themselves: name, type on the wire, whether required, what it means.

What the published documents (`streams.contract`, `docs/events.md`) and the promise (`streams.compatibility`) are made
from. A meaning is the docstring that follows the field in its class, else what `streams.glossary` says of the name.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import msgspec
from msgspec import inspect as types

from streams.events import AnyBody, Body
from streams.glossary import GLOSSARY

FACTS: tuple[type[Body], ...] = get_args(AnyBody)
"""Every fact, in the order of the two roads."""

_NAMES = {
    types.StrType: "text",
    types.IntType: "integer",
    types.FloatType: "number",
    types.BoolType: "boolean",
    types.DateTimeType: "time",
    types.NoneType: "null",
}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field as a reader meets it: `type` in words, `default` what a missing one means (JSON values)."""

    name: str
    type: str
    required: bool
    default: Any = None
    meaning: str = ""


def fields(kind: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Give the fields of a fact or a value, as they stand in its class; KeyError for one without a meaning."""
    written = _docstrings(kind)
    return tuple(
        Field(
            name=field.encode_name,
            type=_words(field.type),
            required=field.required,
            default=None if field.required else msgspec.json.decode(msgspec.json.encode(_default(field))),
            meaning=written.get(field.name) or _meaning(kind, field.name),
        )
        for field in _struct(kind).fields
    )


def meanings(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Give what the fields of any struct mean, by name; those of which nothing is written down are left out."""
    said = {name: GLOSSARY.get(f"{kind.__name__}.{name}") or GLOSSARY.get(name, "") for name in kind.__struct_fields__}
    return {name: meaning for name, meaning in (said | _docstrings(kind)).items() if meaning}


@cache
def values() -> tuple[type[msgspec.Struct], ...]:
    """Give the structs that facts are made of, each once, in the order in which a reader meets them."""
    found: dict[type[msgspec.Struct], None] = {}
    for fact in FACTS:
        for field in _struct(fact).fields:
            found |= dict.fromkeys(_nested(field.type))
    return tuple(found)


def kinds(kind: type[msgspec.Struct]) -> dict[str, types.Type]:
    """Give the fields of a struct by name, as msgspec sees their types."""
    return {field.encode_name: field.type for field in _struct(kind).fields}


@cache
def _struct(kind: type[msgspec.Struct]) -> types.StructType:
    found = types.type_info(kind)
    if not isinstance(found, types.StructType):
        raise TypeError(f"{kind} is no struct")
    return found


def _default(field: types.Field) -> object:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _nested(kind: types.Type) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, types.StructType):
        yield kind.cls
        for field in kind.fields:
            yield from _nested(field.type)
    for inner in _inside(kind):
        yield from _nested(inner)


def _inside(kind: types.Type) -> tuple[types.Type, ...]:
    match kind:
        case types.VarTupleType(item_type=item):
            return (item,)
        case types.TupleType(item_types=items):
            return items
        case types.UnionType(types=options):
            return options
        case types.DictType(key_type=key, value_type=value):
            return (key, value)
        case _:
            return ()


def _words(kind: types.Type) -> str:
    inner = [_words(each) for each in _inside(kind)]
    match kind:
        case types.LiteralType(values=options):
            return "{" + ", ".join(str(option) for option in options) + "}"
        case types.StructType(cls=cls):
            return str(cls.__name__)
        case types.VarTupleType():
            return f"list of ({inner[0]})" if " or " in inner[0] else f"list of {inner[0]}"
        case types.TupleType():
            return f"[{', '.join(inner)}]"
        case types.DictType():
            return f"map of {inner[0]} to {inner[1]}"
        case types.UnionType(types=options) if all(isinstance(each, types.StructType) for each in options):
            return "any fact"
        case types.UnionType():
            return " or ".join(inner)
        case _:
            return _NAMES[type(kind)]


def _meaning(kind: type[msgspec.Struct], name: str) -> str:
    return GLOSSARY.get(f"{kind.__name__}.{name}") or GLOSSARY[name]


@cache
def _docstrings(kind: type[msgspec.Struct]) -> dict[str, str]:
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(made, ast.ClassDef):
        raise TypeError(f"{kind} is no class")
    found = {}
    for field, after in zip(made.body, made.body[1:], strict=False):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                found[name] = " ".join(text.split())
            case _:
                pass
    return found

"""The JSON Schema of every fact and of the values in it, as the AsyncAPI document (`streams.contract`) publishes them.

msgspec makes them from the classes; here they become draft 7, which is what AsyncAPI builds on, with the meaning of
each field, `date-time` for times, and the fact's name as a constant.
"""

from typing import Any

import msgspec
from msgspec import inspect as types

from streams.fields import FACTS, fields, kinds, values

REF = "#/components/schemas/{name}"
"""Where the document keeps its schemas."""


def schemas(ref_template: str = REF) -> dict[str, dict[str, Any]]:
    """Give the schemas by name, facts first; each may refer to others by `ref_template`."""
    _, made = msgspec.json.schema_components(FACTS, ref_template=ref_template)
    structs: tuple[type[msgspec.Struct], ...] = (*FACTS, *values())
    return {kind.__name__: _schema(kind, made[kind.__name__]) for kind in structs}


def _schema(kind: type[msgspec.Struct], made: dict[str, Any]) -> dict[str, Any]:
    said = {field.name: field.meaning for field in fields(kind)}
    types_of = kinds(kind)
    described = {
        name: _described(_draft7(schema, types_of.get(name)), said.get(name, "Which fact it is."))
        for name, schema in made["properties"].items()
    }
    return made | {"properties": described}


def _described(schema: dict[str, Any], meaning: str) -> dict[str, Any]:
    # In draft 7 a reference hides all that stands beside it.
    beside = {"allOf": [schema]} if "$ref" in schema else schema
    return {"description": meaning} | beside


def _draft7(schema: dict[str, Any], kind: types.Type | None) -> dict[str, Any]:
    match kind:
        case None:  # the tag
            (name,) = schema["enum"]
            return {"const": name}
        case types.DateTimeType():
            return schema | {"format": "date-time"}
        case types.VarTupleType(item_type=item):
            return schema | {"items": _draft7(schema["items"], item)}
        case types.TupleType(item_types=items):
            rest = {name: value for name, value in schema.items() if name != "prefixItems"}
            each = [_draft7(inner, item) for inner, item in zip(schema["prefixItems"], items, strict=True)]
            return rest | {"items": each, "additionalItems": False}
        case types.UnionType(types=options):
            return schema | {"anyOf": [_draft7(one, kind) for one, kind in zip(schema["anyOf"], options, strict=True)]}
        case _:
            return schema

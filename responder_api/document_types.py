"""The documents and frames as TypeScript, for the pages: made from `document_schema`, never typed a second time.

`dharura contract` writes it to `console/src/data/contract.ts`. It knows as much of JSON Schema as that schema uses.
"""

import json
from collections.abc import Iterator
from typing import Any

from responder_api.document_schema import NAMED, schema
from responder_api.documents import KINDS

HEAD = """\
/**
 * What the server shows and says, as types: made from responder_api/documents.py by `dharura contract`. Do not edit.
 *
 * A field that says nothing is left out. Times are RFC 3339 in UTC, positions WGS 84 degrees, ids UUIDs unless said.
 */
"""

_WORDS = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}
_WIDTH = 120


def typescript() -> str:
    """Give the whole module."""
    definitions: dict[str, Any] = schema()["$defs"]
    parts = [HEAD, *(_named(name) for name in NAMED)]
    parts += [_definition(name, each) for name, each in definitions.items() if name not in NAMED]
    parts.append(_by_kind(definitions))
    return "\n".join(parts)


def _named(name: str) -> str:
    values = [f"  {json.dumps(value)}," for value in NAMED[name]]
    const = _plural(name)
    kind = f"export type {name} = (typeof {const})[number];"
    return "\n".join([f"export const {const} = [", *values, "] as const;", kind, ""])


def _plural(name: str) -> str:
    """Give the constant's name: Severity → SEVERITIES, ReportState → REPORT_STATES."""
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in name).strip("_").upper()
    return f"{words[:-1]}IES" if words.endswith("Y") else f"{words}S"


def _definition(name: str, made: dict[str, Any]) -> str:
    lines = list(_comment(made.get("description", ""), ""))
    if made.get("type") == "object":
        lines += [f"export interface {name} {{", *_members(made, "  "), "}", ""]
    else:
        lines += [f"export type {name} ={_union(made)};", ""]
    return "\n".join(lines)


def _union(made: dict[str, Any]) -> str:
    options = [_type(each) for each in made.get("oneOf") or made["anyOf"]]
    return "".join(f"\n  | {option}" for option in options)


def _members(made: dict[str, Any], indent: str) -> Iterator[str]:
    for name, each in made["properties"].items():
        yield from _comment(each.get("description", ""), indent)
        mark = "" if name in made["required"] else "?"
        yield f"{indent}readonly {name}{mark}: {_type(each)};"


def _comment(text: str, indent: str) -> Iterator[str]:
    if not text:
        return
    if len(indent) + len(text) + 7 <= _WIDTH:
        yield f"{indent}/** {text} */"
        return
    lines: list[str] = []
    line = ""
    for word in text.split():
        if len(indent) + len(line) + len(word) + 4 > _WIDTH:
            lines, line = [*lines, line], ""
        line = f"{line} {word}" if line else word
    yield from (f"{indent}/**", *(f"{indent} * {each}" for each in (*lines, line)), f"{indent} */")


def _type(made: dict[str, Any]) -> str:
    if "$ref" in made:
        return str(made["$ref"]).rpartition("/")[2]
    if "const" in made:
        return json.dumps(made["const"])
    if "enum" in made:
        return "Kind" if made["enum"] == list(KINDS) else " | ".join(json.dumps(value) for value in made["enum"])
    if "anyOf" in made:
        return " | ".join(_type(each) for each in made["anyOf"])
    if "prefixItems" in made:
        return f"readonly [{', '.join(_type(each) for each in made['prefixItems'])}]"
    if made.get("type") == "array":
        inner = _type(made["items"])
        return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
    if "additionalProperties" in made:
        return f"Readonly<Record<string, {_type(made['additionalProperties'])}>>"
    if made.get("type") == "object":
        return f"{{ {' '.join(_members(made, ''))} }}"
    return _WORDS[made["type"]]


def _by_kind(definitions: dict[str, Any]) -> str:
    values = [each["properties"] for each in definitions["Shown"]["oneOf"]]
    rows = [f"  readonly {each['kind']['const']}: {_type(each['value'])};" for each in values]
    names = [f"  {json.dumps(kind)}," for kind in KINDS]
    documents = ["export interface Documents {", *rows, "}", "export type Kind = keyof Documents;"]
    kinds = ["export const KINDS = [", *names, "] as const satisfies readonly Kind[];", ""]
    return "\n".join(["/** The kinds of document, and what each looks like. */", *documents, *kinds])

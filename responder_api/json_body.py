"""Read a request body that may be hostile, and write the answer.

You are at the door's mat: a route asks `read_json(request, Kind)` or `read_form(request, Kind)` for its input and gets
a value of that type, or `Refused` is raised with the code and the field. The body is cut off at its limit while it
streams in, then checked as text (UTF-8), as JSON (depth, repeated keys, numbers that are none) and last as the type.
Input types are `msgspec.Struct(forbid_unknown_fields=True)`: what is not listed cannot be set. `json_body` and
`form_body` put the same types into the OpenAPI document. Next: the route turns the value into an event.
"""

import json
import re
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from geo.places import Rejected
from responder_api.errors import Refused, pointer

Kind = TypeVar("Kind")

MOST_FORM_FIELDS: Final = 200
_INT_DIGITS: Final = 19
_TOO_LARGE: Final = ("Number out of range", "Integer value out of range")
_AT: Final = re.compile(r" - at `(?:key` in `)?\$([^`]*)`$")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[([^\]]*)\]")
_FIELD: Final = re.compile(r"^Object (?:missing required|contains unknown) field `(.*?)`", re.DOTALL)


async def read_bytes(request: Request, max_bytes: int) -> bytes:
    """Read a whole body of at most `max_bytes`.

    Refused `body-too-large` as soon as the declared or the received length is over, without keeping what came, and
    `unsupported-media-type` for a compressed body: its true size is not known before it is unpacked.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused("unsupported-media-type", "Send the body without Content-Encoding.")
    too_large = Refused("body-too-large", f"The body may have {max_bytes:,} bytes.", headers={"connection": "close"})
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared[:20]) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            if len(body) + len(chunk) > max_bytes:
                raise too_large
            body += chunk
    except ClientDisconnect:
        raise Refused("bad-request", "The connection closed before the body was complete.") from None
    return bytes(body)


async def read_json(request: Request, kind: type[Kind], max_bytes: int | None = None) -> Kind:
    """Read a JSON body into `kind`; the limit is DHARURA_MAX_BODY_BYTES unless told.

    Refused with the code of what is wrong, and for a wrong field with a pointer to it.
    """
    _expect(request, "application/json", "+json")
    return decode_json(await read_bytes(request, max_bytes or request.app.state.settings.max_body_bytes), kind)


async def read_optional_json(request: Request, kind: type[Kind], missing: Kind) -> Kind:
    """Read a JSON body into `kind` as `read_json` does; no body at all is `missing`."""
    sent = await read_bytes(request, request.app.state.settings.max_body_bytes)
    if not sent:
        return missing
    _expect(request, "application/json", "+json")
    return decode_json(sent, kind)


async def read_form(request: Request, kind: type[Kind], max_bytes: int | None = None) -> Kind:
    """Read an `application/x-www-form-urlencoded` body into `kind`; numbers and booleans are read from their text."""
    _expect(request, "application/x-www-form-urlencoded")
    return decode_form(await read_bytes(request, max_bytes or request.app.state.settings.max_body_bytes), kind)


def _expect(request: Request, *endings: str) -> None:
    sent = request.headers.get("content-type", endings[0]).partition(";")[0].strip().lower()
    if not sent.endswith(endings):
        raise Refused("unsupported-media-type", f"Send Content-Type: {endings[0]}.")


def decode_json(data: bytes, kind: type[Kind]) -> Kind:
    """Decode JSON bytes into `kind`, refusing what parsers disagree about; a byte order mark is passed over."""
    text = _text(data)
    try:
        value = msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        _refuse(error)
    except (msgspec.DecodeError, RecursionError):
        _check(text)
        # The grammar is right: what is left is a string that no UTF-8 text can hold.
        raise Refused("not-utf8", "A string holds half of a surrogate pair.") from None
    _check(text)
    return value


def _check(text: str) -> None:
    """Refuse what the typed decoder lets pass, repeated keys and huge numbers, and say what it only calls malformed."""
    try:
        json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_fits)
    except RecursionError:
        raise Refused("json-too-deep", "The JSON is nested too deeply to read.") from None
    except json.JSONDecodeError as error:
        raise Refused("not-json", f"{error.msg}: line {error.lineno}, column {error.colno}.") from None


def decode_form(data: bytes, kind: type[Kind]) -> Kind:
    """Decode a URL-encoded form into `kind`: each field once, UTF-8."""
    text = _text(data)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_FIELDS, separator="&")
    except UnicodeDecodeError:
        raise Refused("not-utf8", "A field is not UTF-8.") from None
    except ValueError:
        raise Refused("not-a-form", f"A form may have {MOST_FORM_FIELDS} fields.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refused("duplicate-keys", "A field of the form was sent twice.")
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        _refuse(error)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("not-utf8", f"Byte {error.start} of the body is not UTF-8.") from None


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that names a key twice; what is in it is read by the second pass, typed."""
    if len(dict(pairs)) != len(pairs):
        raise Refused("duplicate-keys", "An object of the JSON names a key twice.")


def _no_constant(name: str) -> NoReturn:
    raise Refused("not-json", f"{name} is not JSON.")


def _fits(digits: str) -> int:
    if len(digits) >= _INT_DIGITS and (len(digits) > _INT_DIGITS + 1 or not -(2**63) <= int(digits) < 2**63):
        raise Refused("number-out-of-range", "A whole number of the JSON does not fit 64 bits.")
    return 0


def _refuse(error: msgspec.ValidationError) -> NoReturn:
    """Say which field is wrong, from the decoder's message; a Rejected raised by the type keeps its code."""
    text = str(error)
    found = _AT.search(text)
    path = [name or index for name, index in _STEP.findall(found[1])] if found else []
    reason = text[: found.start()] if found else text
    if field := _FIELD.match(reason):
        path.append(field[1])
    code = "number-out-of-range" if reason in _TOO_LARGE else "invalid-body"
    if isinstance(error.__cause__, Rejected):
        code, reason = error.__cause__.code, error.__cause__.detail
    where = pointer(path)
    raise Refused(code, f"{where}: {reason}", errors=[{"detail": reason, "pointer": where}]) from None


def reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Write an answer as JSON, structs and all."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def json_body(kind: Any, example: Any = None, *, required: bool = True) -> dict[str, Any]:
    """Describe a route's JSON body for OpenAPI: `@router.post(..., openapi_extra=json_body(Kind))`."""
    return _body(kind, "application/json", example, required=required)


def form_body(kind: Any, example: Any = None) -> dict[str, Any]:
    """Describe a route's form body for OpenAPI."""
    return _body(kind, "application/x-www-form-urlencoded", example)


def json_answer(kind: Any, description: str) -> dict[str, Any]:
    """Describe a route's answer for OpenAPI, to stand under its status in `responses`."""
    return {"description": description, "content": {"application/json": {"schema": schema(kind)}}}


def document_answer(media_type: str) -> dict[str, Any]:
    """Describe an answer that is a document of its own kind, not JSON of ours; the route needs `response_class`."""
    return {"content": {media_type: {}}}


def _body(kind: Any, media_type: str, example: Any, *, required: bool = True) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema(kind)}
    if example is not None:
        content["example"] = msgspec.to_builtins(example)
    return {"requestBody": {"required": required, "content": {media_type: content}}}


def schema(kind: Any) -> dict[str, Any]:
    """Make the JSON Schema of a type with every reference written out, so that it can stand anywhere.

    Raises RecursionError for a type that contains itself: no body of ours does.
    """
    (top,), named = msgspec.json.schema_components((kind,), ref_template="{name}")

    def written_out(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return written_out(named[part["$ref"]]) | {k: v for k, v in part.items() if k != "$ref"}
            return {key: written_out(value) for key, value in part.items() if key != "discriminator"}
        if isinstance(part, list):
            return [written_out(value) for value in part]
        return part

    described: dict[str, Any] = written_out(top)
    return described

"""Answer every failure with a problem document (RFC 9457), never with a surprise.

You are where a request ends when it cannot be served. `install` gives an application its handlers: `Rejected` from
any floor becomes its row of the table in `problems`; what the framework refuses is put into the same shape; a disk
that is full or a database that is busy becomes 503 with Retry-After; everything else becomes `internal`, whose cause
goes to the log and not to the client. Nothing of a request is repeated in an answer before it is made printable.
"""

import errno
import json
import math
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from geo.places import Rejected
from responder_api.problems import PROBLEMS
from streams.database import StorageError

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being served: in every answer, every problem and every line of the log."""

MEDIA_TYPE: Final = "application/problem+json"
LONGEST_DETAIL: Final = 500
MOST_FIELDS: Final = 50

_RETRY_AFTER: Final = {"storage-full": 30, "storage-broken": 60, "storage-busy": 2, "too-many-sockets": 10}
_BY_STATUS: Final = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "body-too-slow",
    409: "conflict",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "invalid-body",
    429: "too-many-requests",
    503: "not-ready",
}
_BY_ERRNO: Final = {
    errno.ENOSPC: "storage-full",
    errno.EDQUOT: "storage-full",
    errno.EIO: "storage-broken",
    errno.EROFS: "storage-broken",
}
_BY_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "storage-full",
    sqlite3.SQLITE_BUSY: "storage-busy",
    sqlite3.SQLITE_LOCKED: "storage-busy",
    sqlite3.SQLITE_IOERR: "storage-broken",
    sqlite3.SQLITE_READONLY: "storage-broken",
    sqlite3.SQLITE_CANTOPEN: "storage-broken",
    sqlite3.SQLITE_CORRUPT: "storage-broken",
    sqlite3.SQLITE_NOTADB: "storage-broken",
}


class Refused(Rejected):
    """A `Rejected` raised at the door, with what only HTTP can carry.

    `errors` lists fields as `{"detail": ..., "pointer": "#/lon"}` (a JSON pointer into the body) or
    `{"detail": ..., "parameter": "limit"}`; `headers` are added to the answer.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.errors = errors or []
        self.headers = dict(headers or {})


def problem(
    code: str, detail: str, *, status: int | None = None, headers: Mapping[str, str] | None = None, **extra: object
) -> Response:
    """Make the problem document of a code.

    A code that is not in the table is answered as `rejected`, under its own name. `extra` members are added to the
    document; they cannot replace the standard ones. 401, 429 and 503 get the header that belongs to them.
    """
    row = PROBLEMS.get(code, PROBLEMS["rejected"])
    status = status or row.status
    document = {name: printable(value) for name, value in extra.items()}
    document |= {
        "type": f"/errors#{code if code in PROBLEMS else 'rejected'}",
        "title": row.title,
        "status": status,
        "detail": printable(detail)[:LONGEST_DETAIL],
        "code": code,
        "next": row.next,
    }
    if REQUEST_ID.get():
        document["instance"] = f"urn:uuid:{REQUEST_ID.get()}"
    sent = {"cache-control": "no-store"}
    if status == 401:
        sent["www-authenticate"] = 'Bearer error="invalid_token"' if code == "token-expired" else "Bearer"
    if status in (429, 503):
        sent["retry-after"] = str(_RETRY_AFTER.get(code, 5))
    sent |= headers or {}
    return Response(json.dumps(document, ensure_ascii=False), status, sent, MEDIA_TYPE)


def printable(value: Any) -> Any:
    """Make a value that always goes into UTF-8 JSON: lone surrogates and non-finite numbers are replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {printable(str(name)): printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable(inner) for inner in value]
    return None


def pointer(path: tuple[str | int, ...] | list[str | int]) -> str:
    """Write a path into a body as the fragment of a JSON pointer (RFC 6901): ("a", 0) is #/a/0."""
    return "#" + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def unavailable(error: BaseException) -> str | None:
    """Name the code of a failure that passes by itself or by a hand on the server, or None when it is neither."""
    if isinstance(error, StorageError):
        return error.code
    if isinstance(error, sqlite3.Error):
        # Extended codes keep the primary one in their low byte.
        return _BY_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, OSError):
        return _BY_ERRNO.get(error.errno or 0)
    return None


def answer(error: Exception) -> Response:
    """Make the answer to any failure; one that is nobody's fault at the door becomes `internal`."""
    if isinstance(error, Rejected):
        errors = getattr(error, "errors", None)
        extra = {"errors": errors} if errors else {}
        return problem(error.code, error.detail, headers=getattr(error, "headers", None), **extra)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        code = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
        return problem(code, PROBLEMS[code].next, status=error.status_code, headers=error.headers)
    code = unavailable(error) or "internal"
    return problem(code, PROBLEMS[code].next)


def _invalid(error: RequestValidationError) -> Response:
    """List the fields, without their values: a value may hold what cannot be written, or what should not be."""
    fields: list[dict[str, str]] = []
    for found in error.errors()[:MOST_FIELDS]:
        where, *path = found["loc"]
        place = {"pointer": pointer(path)} if where == "body" else {"parameter": ".".join(map(str, path)) or str(where)}
        fields.append({"detail": str(found["msg"])[:LONGEST_DETAIL], **place})
    in_body = any("pointer" in field for field in fields)
    named = ", ".join(field.get("pointer") or field["parameter"] for field in fields[:5])
    return problem("invalid-body" if in_body else "invalid-parameter", f"Not valid: {named}.", errors=fields)


def install(app: FastAPI) -> None:
    """Give an application the handlers that put every failure into one shape."""

    async def expected(_: Request, error: Exception) -> Response:
        return answer(error)

    async def passing(_: Request, error: Exception) -> Response:
        if unavailable(error) is None:
            raise error
        return answer(error)

    handled: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        Rejected: expected,
        RequestValidationError: expected,
        HTTPException: expected,
        StorageError: expected,
        sqlite3.Error: passing,
        OSError: passing,
        Exception: expected,
    }
    for kind, handler in handled.items():
        app.add_exception_handler(kind, handler)


_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "For programs; every code stands at /errors."},
        "next": {"type": "string", "description": "What to do next."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The request, in the server's log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Parameter of the address."},
                },
            },
        },
    },
}

PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "Refused", "content": {MEDIA_TYPE: {"schema": _SCHEMA}}},
    "5XX": {"description": "Not now", "content": {MEDIA_TYPE: {"schema": _SCHEMA}}},
}
"""For `FastAPI(responses=...)`: how refusals show in the OpenAPI document."""

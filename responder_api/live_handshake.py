"""Decide, before a socket is opened, whether it may be: path, token in the address, Origin, room. Pure.

You are at the front of `/live`: uvicorn has read an upgrade request and handed it over; `live_socket` asks here and
writes either the refusal or the 101. Who somebody is comes later, in their first frame.
"""

import json
import re
from typing import Final
from urllib.parse import urlsplit

import msgspec
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from responder_api.problems import PROBLEMS

PATH: Final = "/live"

_TOKEN_NAME: Final = re.compile(r"(?i)(token|ticket|jwt|bearer|auth|key|secret|password|session)")
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


class Refusal(msgspec.Struct, frozen=True):
    """Why a handshake is refused: HTTP status, stable code, what to tell, and when to come back."""

    status: int
    code: str
    detail: str
    retry_after_s: int | None = None


def refusal(request: Request, allowed_origins: frozenset[str]) -> Refusal | None:
    """Judge path, query and Origin of an upgrade request; None lets it pass.

    An absent Origin passes: only browsers send one, and only a browser can be made to call against its user's will.
    """
    path, question, query = request.path.partition("?")
    if path != PATH:
        return Refusal(404, "not-found", "Live sockets are opened at /live.")
    if question:
        if _TOKEN_NAME.search(query) or "eyJ" in query:
            return Refusal(400, "token-in-url", "A token in an address ends up in logs. Send it in the first frame.")
        return Refusal(400, "bad-request", "/live takes no parameters: say in the first frame what you want.")
    origins = request.headers.get_all("Origin")
    if not origins:
        return None
    if len(origins) > 1 or not origin_allowed(origins[0], request.headers.get_all("Host"), allowed_origins):
        return Refusal(403, "origin-not-allowed", "Pages of this origin may not open live sockets here.")
    return None


def origin_allowed(origin: str, hosts: list[str], allowed: frozenset[str]) -> bool:
    """Tell whether a page of an origin may call: it is listed, or it is of this very host.

    The host is compared without the scheme: behind a proxy that ends TLS a page of https speaks to us through http.
    """
    if origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
        if parts.scheme not in _DEFAULT_PORT or len(hosts) != 1:
            return False
        mine = urlsplit(f"{parts.scheme}://{hosts[0]}")
        same_port = (parts.port or _DEFAULT_PORT[parts.scheme]) == (mine.port or _DEFAULT_PORT[parts.scheme])
        return bool(parts.hostname) and parts.hostname == mine.hostname and same_port
    except ValueError:
        return False


def masked(path: str) -> str:
    """Give a request's path as a log may show it: without the values of its query."""
    bare, question, query = path.partition("?")
    if not question:
        return printable(bare)
    names = [printable(pair.partition("=")[0]) for pair in query.split("&")[:8]]
    # A token without a name before it would pass for a name.
    return printable(bare) + "?" + "&".join(f"{name if len(name) <= 24 else ''}=***" for name in names)


def printable(text: str) -> str:
    """Give at most 100 characters of a text, those of ASCII that print, so that no line of a log can be forged."""
    return "".join(ch if " " <= ch <= "~" else "?" for ch in text[:100])


def answer(refused: Refusal) -> Response:
    """Write a refusal as an HTTP answer with a problem document (RFC 9457)."""
    row = PROBLEMS.get(refused.code)
    body = json.dumps(
        {
            "type": f"/errors#{refused.code}",
            "title": row.title if row else refused.detail,
            "status": refused.status,
            "detail": refused.detail,
            "code": refused.code,
        }
    ).encode()
    headers = Headers(
        [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ]
    )
    if refused.retry_after_s is not None:
        headers["Retry-After"] = str(refused.retry_after_s)
    return Response(refused.status, _PHRASES[refused.status], headers, body)


_PHRASES: Final = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable"}

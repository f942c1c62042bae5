"""Keep a page's session in a cookie that no script can read.

You are beside `routes/sessions`. A program keeps its refresh token itself; a page could only keep it where every script
of the page can take it. So for a page (`keep` is `console` or `phone`) the token goes into a cookie that only the
browser sees and only `/sessions` is sent. The two pages have a cookie each: one browser can be an operator at the
console and a responder on the phone page. What a browser sends by itself, another site's page could make it send; the
origin is asked for first. Next: `identity` exchanges the token.
"""

from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, structs
from starlette.requests import Request
from starlette.responses import Response

from responder_api.errors import Refused
from responder_api.identity import Tokens
from responder_api.json_body import reply
from responder_api.live_handshake import origin_allowed
from responder_api.settings import Settings

Keep = Literal["body", "console", "phone"]
PAGES: Final = ("console", "phone")
PATH: Final = "/sessions"


def cookie(keep: Keep) -> str:
    """Name a page's cookie."""
    return f"dharura_{keep}"


def own_page(request: Request) -> None:
    """Refused `origin-not-allowed` when the page of another site asks; a request that names no origin is no page's."""
    settings: Settings = request.app.state.settings
    origins, hosts = request.headers.getlist("origin"), request.headers.getlist("host")
    if len(origins) > 1 or (origins and not origin_allowed(origins[0], hosts, settings.origins())):
        raise Refused("origin-not-allowed", "Only this server's own pages keep a session in a cookie.")


def kept_token(request: Request, keep: Keep) -> str:
    """Give the refresh token that a page's cookie brought; Refused `unauthenticated` when there is none."""
    token = request.cookies.get(cookie(keep), "")
    if not token:
        raise Refused("unauthenticated", "This browser keeps no session for the page.")
    return token


def handed(request: Request, tokens: Tokens, keep: Keep, now: datetime, status: int = 200) -> Response:
    """Answer with tokens; a page's refresh token goes into its cookie, until the session's end, not into the body."""
    if keep == "body" or not isinstance(tokens.refresh_token, str):
        return reply(tokens, status)
    response = reply(structs.replace(tokens, refresh_token=UNSET), status)
    left = max(0, int((tokens.session_expires_at - now).total_seconds()))
    _set(request, response, keep, tokens.refresh_token, left)
    return response


def forget(request: Request, response: Response, keep: Keep) -> None:
    """Have the browser throw a page's cookie away."""
    _set(request, response, keep, "", 0)


def _set(request: Request, response: Response, keep: Keep, value: str, seconds: int) -> None:
    # The proxy that ends TLS speaks http to us; the browser says by the page's origin what it speaks.
    secure = request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
    response.set_cookie(
        cookie(keep), value, max_age=seconds, path=PATH, secure=secure, httponly=True, samesite="strict"
    )

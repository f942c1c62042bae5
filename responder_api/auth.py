"""Say whom a route serves: the dependencies that routes name. A route that names none knows nobody.

You are at the beginning of a route. `viewer_of` is anybody signed in, `require` somebody with a role, `intake_viewer`
whoever may bring something in. They ask `identity` (at `request.app.state.auth`) and refuse with 401 or 403. Next: the
route acts for the viewer, and `audience` decides what the viewer may see.
"""

import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import HTTPBearer

from responder_api.audience import ANYBODY, Role, Viewer, holds
from responder_api.errors import Refused
from responder_api.identity import Auth
from responder_api.tokens import Claims

_BEARER: Final = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access token of POST /sessions.")


async def signed_in(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Claims:
    """Depend on somebody who is signed in, and get what their token says; Refused with 401."""
    sent = request.headers.getlist("authorization")
    scheme, _, token = (sent[0] if len(sent) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("unauthenticated", "This address is for people who are signed in.")
    auth: Auth = request.app.state.auth
    return await auth.check(token.strip())


async def viewer_of(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Viewer:
    """Depend on somebody who is signed in, and get who they are to `audience`."""
    return (await signed_in(request)).viewer


def require(*roles: Role, area: str | None = None) -> Callable[..., Awaitable[Viewer]]:
    """Make a dependency on a viewer who has one of the roles: over `area`, or over any area when there is none.

    A route whose area comes from what it acts on asks for the role here and calls `must_hold` once it knows the area.
    """

    async def required(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Viewer:
        found = await viewer_of(request)
        has = any(role in roles for role, _ in found.grants) if area is None else _holds_any(found, roles, area)
        if not has:
            raise Refused("forbidden", f"This needs the role {' or '.join(roles)}{f' over {area}' if area else ''}.")
        return found

    return required


def must_hold(found: Viewer, roles: tuple[Role, ...], area: str) -> None:
    """Refused `forbidden` unless the viewer has one of the roles over the area."""
    if not _holds_any(found, roles, area):
        raise Refused("forbidden", f"This needs the role {' or '.join(roles)} over {area}.")


def _holds_any(found: Viewer, roles: tuple[Role, ...], area: str) -> bool:
    return any(holds(found, role, area) for role in roles)


async def intake_viewer(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Viewer:
    """Depend on somebody who may bring something in, and get who it is: ANYBODY for a gateway, a sensor, the public.

    A signed-in person is themselves. A gateway or sensor shows DHARURA_INTAKE_KEY, as a bearer token or, when it only
    knows addresses with a user in them, as the password of HTTP Basic. While the setting is unset nothing need be
    shown. Refused `intake-key-wrong`, or as `signed_in` refuses a token.
    """
    key: str | None = request.app.state.settings.intake_key
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and sent.count(".") == 2:
        return await viewer_of(request)
    if key is None:
        return ANYBODY
    # Header values come decoded as Latin-1; these are the bytes that were sent.
    shown = sent.strip().encode("latin-1")
    if scheme.lower() == "basic":
        shown = _basic_password(shown)
    if scheme.lower() not in ("bearer", "basic") or not hmac.compare_digest(shown, key.encode()):
        raise Refused("intake-key-wrong", "This address is for people who are signed in, and gateways with the key.")
    return ANYBODY


def _basic_password(encoded: bytes) -> bytes:
    try:
        return b64decode(encoded, validate=True).partition(b":")[2]
    except ValueError:
        return b""

"""Sign in, stay signed in, sign out, and make the first account.

`POST /sessions` is where a person comes in; `POST /setup` is where the very first one does, with the one-time token
that the first start printed. Next: `identity` judges, `accounts` keeps.
"""

import uuid
from typing import Annotated, Final, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from geo.places import COUNTRY
from responder_api.accounts import LONGEST_PASSWORD, Account, Grant, normal_name
from responder_api.auth import signed_in
from responder_api.errors import Refused
from responder_api.identity import PAGE_GRACE, Auth, Tokens
from responder_api.json_body import json_answer, json_body, read_json, reply
from responder_api.kept import PAGES, Keep, cookie, forget, handed, kept_token, own_page
from responder_api.tokens import Claims

router: Final = APIRouter(tags=["sessions"])

_LARGEST: Final = 16 << 10
Name = Annotated[str, Meta(min_length=1, max_length=100, description="The name to sign in with.")]
Password = Annotated[str, Meta(min_length=1, max_length=LONGEST_PASSWORD)]
Token = Annotated[str, Meta(min_length=1, max_length=200)]
Kept = Annotated[
    Keep,
    Meta(
        description="Where the refresh token goes: into the answer, or into the HttpOnly cookie of one of our pages, "
        "which is then sent by the browser alone."
    ),
]
DisplayName = Annotated[str, Meta(min_length=1, max_length=100, description="How the person is called on screens.")]


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and its password."""

    name: Name
    password: Password
    keep: Kept = "body"


class Refresh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the last answer, each works once; or which page's cookie holds it."""

    refresh_token: Token | None = None
    keep: Kept = "body"

    def __post_init__(self) -> None:
        """Refuse a token both ways and neither way."""
        if (self.keep == "body") == (self.refresh_token is None):
            raise ValueError("send refresh_token, or say which page's cookie is kept")


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password of now and the one from now on."""

    old: Password
    new: Password
    keep: Kept = "body"


class SetUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one-time token from the first start, and the administrator to make with it."""

    token: Token
    name: Name
    display_name: DisplayName
    password: Password
    keep: Kept = "body"


Said = TypeVar("Said", SignIn, Refresh, NewPassword, SetUp)


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who you are here, and until when this token says so."""

    account: Account
    session: str
    token_expires_at: str
    centre_phone: str | None
    """Number of the operations centre, where the county has set one."""
    exercise: bool
    """Whether everything here is played: then nobody may take an ask for a real one."""


@router.post(
    "/sessions",
    openapi_extra=json_body(SignIn),
    status_code=201,
    responses={201: json_answer(Tokens, "Signed in.")},
)
async def sign_in(request: Request) -> Response:
    """Sign in with a name and a password."""
    body = await _read(request, SignIn)
    _, tokens = await _auth(request).sign_in(body.name, body.password, address_of(request))
    return _handed(request, tokens, body.keep, 201)


@router.post(
    "/sessions/refresh",
    openapi_extra=json_body(Refresh),
    responses={200: json_answer(Tokens, "New tokens of the same session.")},
)
async def refresh(request: Request) -> Response:
    """Exchange a refresh token for the next pair; if the answer is lost, it works again within a minute.

    A page that kept its session says so by `keep`; its cookie works again within an hour, and in several tabs at once.
    401 `unauthenticated` when the browser has no such cookie.
    """
    body = await _read(request, Refresh)
    if body.refresh_token is not None:
        return reply(await _auth(request).refresh(body.refresh_token))
    tokens = await _auth(request).refresh(kept_token(request, body.keep), PAGE_GRACE)
    return _handed(request, tokens, body.keep)


@router.delete("/sessions", status_code=204)
async def sign_out(request: Request, claims: Annotated[Claims, Depends(signed_in)]) -> Response:
    """Sign out: the session's tokens are refused from now on, and the page's cookie that holds one is thrown away."""
    auth = _auth(request)
    await auth.sign_out(claims)
    response = Response(status_code=204)
    for keep in PAGES:
        if (token := request.cookies.get(cookie(keep))) and await auth.is_of(claims, token):
            forget(request, response, keep)
    return response


@router.get("/me", responses={200: json_answer(Me, "Who you are.")})
async def me(request: Request, claims: Annotated[Claims, Depends(signed_in)]) -> Response:
    """Tell who is signed in, and with which roles over which areas."""
    account = await request.app.state.accounts.get(claims.viewer.account)
    if account is None:
        raise Refused("session-over", "The account is no longer there.")
    here = Me(
        account=account,
        session=claims.session,
        token_expires_at=claims.expires_at.isoformat(),
        centre_phone=request.app.state.settings.centre_phone,
        exercise=request.app.state.exercise,
    )
    return reply(here)


@router.post(
    "/me/password",
    openapi_extra=json_body(NewPassword),
    responses={200: json_answer(Tokens, "Changed; every other session is over.")},
)
async def change_password(request: Request, claims: Annotated[Claims, Depends(signed_in)]) -> Response:
    """Replace your own password; you are signed out everywhere else."""
    body = await _read(request, NewPassword)
    tokens = await _auth(request).change_password(claims, body.old, body.new, address_of(request))
    return _handed(request, tokens, body.keep)


@router.post(
    "/setup",
    openapi_extra=json_body(SetUp),
    status_code=201,
    responses={201: json_answer(Tokens, "Made and signed in.")},
)
async def set_up(request: Request) -> Response:
    """Make an administrator over the whole country with the one-time token that the server printed."""
    auth = _auth(request)
    body = await _read(request, SetUp)
    name, now = normal_name(body.name), auth.clock()
    made = Account(
        id=str(uuid.uuid4()),
        name=name,
        display_name=body.display_name,
        roles=(Grant(role="admin", area=COUNTRY),),
        created_at=now,
        changed_at=now,
    )
    password_hash = await auth.hash_password(body.password, name)
    _, tokens = await auth.set_up(body.token, lambda _before, _everybody: made, password_hash)
    return _handed(request, tokens, body.keep, 201)


def address_of(request: Request) -> str:
    """Give the address a request came from, as far as the server in front of us tells."""
    return request.client.host if request.client else "unknown"


async def _read(request: Request, kind: type[Said]) -> Said:
    """Read a body; one that has to do with a page's cookie comes from a page of ours."""
    body = await read_json(request, kind, _LARGEST)
    if body.keep != "body":
        own_page(request)
    return body


def _handed(request: Request, tokens: Tokens, keep: Keep, status: int = 200) -> Response:
    return handed(request, tokens, keep, _auth(request).clock(), status)


def _auth(request: Request) -> Auth:
    auth: Auth = request.app.state.auth
    return auth

"""Sign in, stay signed in, sign out, and make the first account.

`POST /sessions` is where a person comes in; `POST /setup` is where the very first one does, with the one-time token
that the first start printed. Next: `identity` judges, `accounts` keeps.
"""

import uuid
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from geo.places import COUNTRY
from responder_api.accounts import LONGEST_PASSWORD, Account, Grant, normal_name
from responder_api.auth import signed_in
from responder_api.errors import Refused
from responder_api.identity import Auth, Tokens
from responder_api.json_body import json_answer, json_body, read_json, reply
from responder_api.tokens import Claims

router: Final = APIRouter(tags=["sessions"])

_LARGEST: Final = 16 << 10
Name = Annotated[str, Meta(min_length=1, max_length=100, description="The name to sign in with.")]
Password = Annotated[str, Meta(min_length=1, max_length=LONGEST_PASSWORD)]
Token = Annotated[str, Meta(min_length=1, max_length=200)]
DisplayName = Annotated[str, Meta(min_length=1, max_length=100, description="How the person is called on screens.")]


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and its password."""

    name: Name
    password: Password


class Refresh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the last answer; each works once."""

    refresh_token: Token


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password of now and the one from now on."""

    old: Password
    new: Password


class SetUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one-time token from the first start, and the administrator to make with it."""

    token: Token
    name: Name
    display_name: DisplayName
    password: Password


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who you are here, and until when this token says so."""

    account: Account
    session: str
    token_expires_at: str


@router.post(
    "/sessions",
    openapi_extra=json_body(SignIn),
    status_code=201,
    responses={201: json_answer(Tokens, "Signed in.")},
)
async def sign_in(request: Request) -> Response:
    """Sign in with a name and a password."""
    body = await read_json(request, SignIn, _LARGEST)
    _, tokens = await _auth(request).sign_in(body.name, body.password, address_of(request))
    return reply(tokens, 201)


@router.post(
    "/sessions/refresh",
    openapi_extra=json_body(Refresh),
    responses={200: json_answer(Tokens, "New tokens of the same session.")},
)
async def refresh(request: Request) -> Response:
    """Exchange a refresh token for the next pair; if the answer is lost, it works again within a minute."""
    body = await read_json(request, Refresh, _LARGEST)
    return reply(await _auth(request).refresh(body.refresh_token))


@router.delete("/sessions", status_code=204)
async def sign_out(request: Request, claims: Annotated[Claims, Depends(signed_in)]) -> Response:
    """Sign out: the session's tokens are refused from now on."""
    await _auth(request).sign_out(claims)
    return Response(status_code=204)


@router.get("/me", responses={200: json_answer(Me, "Who you are.")})
async def me(request: Request, claims: Annotated[Claims, Depends(signed_in)]) -> Response:
    """Tell who is signed in, and with which roles over which areas."""
    account = await request.app.state.accounts.get(claims.viewer.account)
    if account is None:
        raise Refused("session-over", "The account is no longer there.")
    return reply(Me(account=account, session=claims.session, token_expires_at=claims.expires_at.isoformat()))


@router.post(
    "/me/password",
    openapi_extra=json_body(NewPassword),
    responses={200: json_answer(Tokens, "Changed; every other session is over.")},
)
async def change_password(request: Request, claims: Annotated[Claims, Depends(signed_in)]) -> Response:
    """Replace your own password; you are signed out everywhere else."""
    body = await read_json(request, NewPassword, _LARGEST)
    return reply(await _auth(request).change_password(claims, body.old, body.new, address_of(request)))


@router.post(
    "/setup",
    openapi_extra=json_body(SetUp),
    status_code=201,
    responses={201: json_answer(Tokens, "Made and signed in.")},
)
async def set_up(request: Request) -> Response:
    """Make an administrator over the whole country with the one-time token that the server printed."""
    auth = _auth(request)
    body = await read_json(request, SetUp, _LARGEST)
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
    return reply(tokens, 201)


def address_of(request: Request) -> str:
    """Give the address a request came from, as far as the server in front of us tells."""
    return request.client.host if request.client else "unknown"


def _auth(request: Request) -> Auth:
    auth: Auth = request.app.state.auth
    return auth

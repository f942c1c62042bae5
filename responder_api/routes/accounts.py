"""Let administrators keep the accounts of their own area.

An administrator sees an account when any of its roles lies in their area, and changes it only when all of them do,
before and after: otherwise a county could take over, or hand out, what belongs to another or to the country. The rules
run inside the store's transaction. Next: `accounts` keeps, and `identity` notices the new version at the next request.
"""

import uuid
from typing import Annotated, Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from geo.places import COUNTRY, Rejected, contains
from responder_api.accounts import Account, Grant, covers, normal_name, still_administered, touches
from responder_api.audience import Viewer
from responder_api.auth import must_hold, require
from responder_api.errors import Refused
from responder_api.identity import Auth
from responder_api.json_body import json_answer, json_body, read_json, reply
from responder_api.routes.sessions import DisplayName, Name, Password

router: Final = APIRouter(tags=["accounts"])
Admin = Annotated[Viewer, Depends(require("admin"))]

_LARGEST: Final = 64 << 10
_log = structlog.get_logger("dharura.accounts")

Roles = Annotated[tuple[Grant, ...], Meta(min_length=1, max_length=50, description="Roles, each over an area.")]
Person = Annotated[str, Meta(min_length=1, max_length=100)]


class NewAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to make. `person` is the responder's id, for somebody who is sent out."""

    name: Name
    display_name: DisplayName
    password: Password
    roles: Roles
    person: Person | None = None


class Changes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of an account; what is left out stays. A new password signs the person out everywhere."""

    display_name: DisplayName | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    person: Person | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class Rotate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to replace the signing key: `at_once` when it may be known to others."""

    at_once: bool = False


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the key that signs from now on."""

    kid: str


@router.get("/accounts", responses={200: json_answer(list[Account], "By name.")})
async def list_accounts(request: Request, admin: Admin) -> Response:
    """List the accounts that have a role in your area."""
    everybody: list[Account] = await request.app.state.accounts.all()
    return reply([account for account in everybody if touches(admin, account.roles)])


@router.get("/accounts/{account_id}", responses={200: json_answer(Account, "Its ETag is the version.")})
async def get_account(request: Request, account_id: str, admin: Admin) -> Response:
    """Give one account that has a role in your area."""
    account = _seen(await request.app.state.accounts.get(account_id), admin)
    return _shown(account)


@router.post(
    "/accounts",
    openapi_extra=json_body(NewAccount),
    status_code=201,
    responses={201: json_answer(Account, "Made.")},
)
async def create_account(request: Request, admin: Admin) -> Response:
    """Make an account with roles in your area."""
    auth: Auth = request.app.state.auth
    body = await read_json(request, NewAccount, _LARGEST)
    _must_cover(admin, body.roles)
    await _check_person(request, admin, body.person)
    name, now = normal_name(body.name), auth.clock()
    made = Account(
        id=str(uuid.uuid4()),
        name=name,
        display_name=body.display_name,
        roles=tuple(sorted(set(body.roles))),
        person=body.person,
        created_at=now,
        changed_at=now,
    )
    password_hash = await auth.hash_password(body.password, name)
    account = await request.app.state.accounts.change(made.id, lambda _before, _everybody: made, password_hash)
    _log.info("account-made", by=admin.account, account=account.id, roles=_written(account))
    return _shown(account, 201, {"location": f"/accounts/{account.id}"})


@router.patch(
    "/accounts/{account_id}",
    openapi_extra=json_body(Changes),
    responses={200: json_answer(Account, "Changed. With If-Match, only when the version is still that one.")},
)
async def change_account(request: Request, account_id: str, admin: Admin) -> Response:
    """Change an account whose roles all lie in your area: its roles, its password, whether it is disabled."""
    auth: Auth = request.app.state.auth
    body = await read_json(request, Changes, _LARGEST)
    changes: dict[str, Any] = {
        field: value for field, value in msgspec.structs.asdict(body).items() if value is not UNSET
    }
    password = changes.pop("password", None)
    if "roles" in changes:
        changes["roles"] = tuple(sorted(set(changes["roles"])))
    if "person" in changes:
        await _check_person(request, admin, changes["person"])
    expected, now = request.headers.get("if-match"), auth.clock()

    def rule(before: Account | None, everybody: list[Account]) -> Account:
        before = _seen(before, admin)
        _must_cover(admin, before.roles)
        if expected not in (None, "*", _etag(before)):
            raise Refused("version-stale", f"The account has version {before.version} by now.")
        after = msgspec.structs.replace(before, **changes, changed_at=now)
        _must_cover(admin, after.roles)
        still_administered(before, after, everybody)
        return after

    if password is not None:
        # Asked first without a lock, so that nobody is made to wait for a hash that will not be used.
        seen = _seen(await request.app.state.accounts.get(account_id), admin)
        _must_cover(admin, seen.roles)
        password = await auth.hash_password(password, seen.name)
    account = await request.app.state.accounts.change(account_id, rule, password)
    _log.info(
        "account-changed",
        by=admin.account,
        account=account.id,
        fields=sorted(changes),
        password=password is not None,
        roles=_written(account),
        disabled=account.disabled,
    )
    return _shown(account)


@router.post(
    "/signing-keys", openapi_extra=json_body(Rotate), status_code=201, responses={201: json_answer(Rotated, "Made.")}
)
async def rotate_keys(request: Request, admin: Admin) -> Response:
    """Sign tokens with a new key from now on; needs the role over the whole country, since it concerns everybody."""
    must_hold(admin, ("admin",), COUNTRY)
    body = await read_json(request, Rotate, _LARGEST)
    auth: Auth = request.app.state.auth
    kid = await auth.rotate_keys(at_once=body.at_once)
    _log.info("key-rotation-asked", by=admin.account, kid=kid, at_once=body.at_once)
    return reply(Rotated(kid=kid), 201)


def _seen(account: Account | None, admin: Viewer) -> Account:
    """Refused `not-found` alike for an account that is not there and for one of another area."""
    if account is None or not touches(admin, account.roles):
        raise Refused("not-found", "There is no such account in your area.")
    return account


def _must_cover(admin: Viewer, roles: tuple[Grant, ...]) -> None:
    if not covers(admin, roles):
        raise Refused("forbidden", "An account's roles must all lie in your area.")


async def _check_person(request: Request, admin: Viewer, person: str | None) -> None:
    """Rejected `person-unknown` when the responder is not in the administrator's area.

    Whoever is that person here may read what is addressed to them. Without a way to look people up, only a
    country-wide administrator may say.
    """
    if person is None:
        return
    area_of = getattr(request.app.state, "area_of_person", None)
    area = COUNTRY if area_of is None else await area_of(person)
    if area is None or not any(role == "admin" and contains(over, area) for role, over in admin.grants):
        raise Rejected("person-unknown", "There is no such responder in your area.")


def _etag(account: Account) -> str:
    return f'"{account.version}"'


def _shown(account: Account, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return reply(account, status, {"etag": _etag(account), **(headers or {})})


def _written(account: Account) -> list[str]:
    return [f"{grant.role}@{grant.area}" for grant in account.roles]

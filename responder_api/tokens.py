"""Sign and read access tokens: short JWTs under one pinned algorithm, Ed25519 (RFC 8037, RFC 9864).

Pure: keys and time are arguments. A token says who (`sub`), which session (`sid`), which version of the account
(`ver`), and what it grants (`roles`, `person`). Reading believes nothing but the signature of a key that still counts:
the header's `alg` must be the pinned one, `kid` only chooses among our keys, and any key it brings along is ignored.
Next: `identity` asks whether the session and the version still stand.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import GuestProtocol, OKPKey

from responder_api.accounts import Account, SigningKey
from responder_api.audience import Role, Viewer, is_area
from responder_api.errors import Refused

ALGORITHM: Final = "Ed25519"
ISSUER: Final = "dharura"
AUDIENCE: Final = "dharura-api"
LONGEST_TOKEN: Final = 8192


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says, once it is believed."""

    viewer: Viewer
    session: str
    version: int
    expires_at: datetime


class _Payload(msgspec.Struct, frozen=True):
    sub: str
    sid: str
    ver: int
    exp: datetime
    roles: list[str]
    person: str | None = None


def new_key(now: datetime) -> SigningKey:
    """Make a signing key."""
    kid = secrets.token_hex(8)
    made = OKPKey.generate_key(ALGORITHM, {"kid": kid, "use": "sig", "alg": ALGORITHM}, private=True)
    return SigningKey(kid=kid, jwk={k: str(v) for k, v in made.as_dict(private=True).items()}, created_at=now)


def open_key(key: SigningKey) -> OKPKey:
    """Open a kept key for signing and reading."""
    return OKPKey.import_key(dict(key.jwk))


def sign(key: OKPKey, account: Account, session: str, now: datetime, life: timedelta) -> str:
    """Write a token for an account's session that lives from `now` for `life`."""
    issued = int(now.timestamp())
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": account.id,
        "sid": session,
        "ver": account.version,
        "iat": issued,
        "exp": issued + int(life.total_seconds()),
        "roles": sorted(f"{grant.role}@{grant.area}" for grant in account.roles),
        "person": account.person,
    }
    return jwt.encode({"alg": ALGORITHM, "kid": str(key.kid)}, payload, key, algorithms=[ALGORITHM])


def read(token: str, keys: Mapping[str, OKPKey], now: datetime) -> Claims:
    """Read a token; Refused `token-expired` when only its time is over, `unauthenticated` for all else."""

    def chosen(header: GuestProtocol) -> OKPKey:
        return keys[str(header.headers()["kid"])]

    try:
        if len(token) > LONGEST_TOKEN:
            raise ValueError(len(token))
        found = jwt.decode(token, chosen, algorithms=[ALGORITHM])
        jwt.JWTClaimsRegistry(
            int(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        ).validate(found.claims)
        payload = msgspec.convert(found.claims, _Payload, strict=False)
        grants = frozenset(map(_grant, payload.roles))
    except ExpiredTokenError:
        raise Refused("token-expired", "The access token is over.") from None
    except (JoseError, ValueError, KeyError, TypeError):
        raise Refused("unauthenticated", "The access token is not one of ours.") from None
    viewer = Viewer(account=payload.sub, person=payload.person, grants=grants)
    return Claims(viewer=viewer, session=payload.sid, version=payload.ver, expires_at=payload.exp)


def _grant(text: str) -> tuple[Role, str]:
    role, _, area = text.partition("@")
    if not is_area(area):
        raise ValueError(text)
    return msgspec.convert(role, Role), area

"""Sign people in and know them again.

You are between the routes and the three stores of `accounts`. Signing in costs an argon2 check behind a throttle and
gives a short access token and a refresh token; every request after that is judged by `check`: the signature, then
whether the session and the account still stand as the token says. So a role taken away, a password changed or an
account disabled counts from the next request on. Next: `auth`, where routes say whom they serve.
"""

import hashlib
import math
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import structlog
from joserfc.jwk import OKPKey
from msgspec import UNSET, UnsetType

from geo.places import Rejected
from responder_api.accounts import (
    Account,
    Accounts,
    Keys,
    Rule,
    Sessions,
    SigningKey,
    check_password,
    normal_name,
    normal_password,
)
from responder_api.errors import Refused
from responder_api.passwords import Passwords
from responder_api.settings import Settings
from responder_api.throttle import Guesses, OwnThrottle
from responder_api.tokens import Claims, new_key, open_key, read, sign

REFRESH_GRACE: Final = timedelta(seconds=60)
PAGE_GRACE: Final = timedelta(hours=1)
"""How long a page's refresh token works again. A phone that lost the answer may be out of reach for so long, and only
the browser itself can send the cookie it stands in."""

_log = structlog.get_logger("dharura.auth")


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What signing in gives: send `access_token` with every request, `refresh_token` only to /sessions/refresh.

    A session that is kept for a page has no refresh token here: it stands in the page's cookie.
    """

    access_token: str
    refresh_token: str | UnsetType = UNSET
    expires_in: int
    session_expires_at: datetime
    token_type: str = "Bearer"  # noqa: S105 - the scheme of RFC 6750, not a secret


class Auth:
    """Everything about who is asking. `clock` is UTC now; `throttle` is by default this process's own."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: Sessions,
        keys: Keys,
        passwords: Passwords,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        throttle: Guesses | None = None,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._keys = keys
        self._passwords = passwords
        self._throttle = throttle or OwnThrottle(time.monotonic)
        self._token_life = timedelta(minutes=settings.token_minutes)
        self._session_life = timedelta(hours=settings.session_hours)
        self._setup_life = timedelta(hours=settings.setup_hours)
        self.clock = clock
        self._opened: dict[str, OKPKey] = {}

    async def start(self) -> None:
        """Make the first signing key if there is none that signs."""
        if all(key.ends_at is not None for key, _ in await self._ring()):
            await self.rotate_keys()

    # --- signing in and out

    async def sign_in(self, name: str, password: str, address: str) -> tuple[Account, Tokens]:
        """Begin a session; Refused `login-failed` whatever was wrong, `too-many-requests` with Retry-After."""
        account = await self._prove(name, password, address)
        return account, await self._begin(account)

    async def _prove(self, name: str, password: str, address: str) -> Account:
        try:
            name = normal_name(name)
        except Rejected:
            name = ""
        wait = await self._throttle.attempt(name, address)
        if wait > 0:
            raise Refused(
                "too-many-requests", "Too many attempts to sign in.", headers={"retry-after": str(math.ceil(wait))}
            )
        account, password_hash = await self._accounts.find(name) or (None, None)
        fits = await self._passwords.matches(normal_password(password), password_hash)
        if account is None or account.disabled or not fits:
            _log.warning("sign-in-failed", address=address, known=account is not None)
            raise Refused("login-failed", "The name or the password is wrong.")
        await self._throttle.succeeded(name, address)
        return account

    async def refresh(self, refresh_token: str, grace: timedelta = REFRESH_GRACE) -> Tokens:
        """Exchange a refresh token for new tokens of the same session; Refused `session-over`.

        A token that was exchanged already works again for as long as `grace`.
        """
        now, following = self.clock(), _opaque()
        found = await self._sessions.carry_on(_hash(refresh_token), _hash(following), now, now - grace)
        if found is None:
            raise Refused("session-over", "The session is over, or this refresh token was used before.")
        return await self._tokens(found.account, found.session, following, found.expires_at)

    async def sign_out(self, claims: Claims) -> None:
        """End the session a token belongs to; its tokens are refused from now on."""
        await self._sessions.revoke(claims.session, self.clock())

    async def is_of(self, claims: Claims, refresh_token: str) -> bool:
        """Tell whether a refresh token was given to the session of an access token."""
        return await self._sessions.session_of(_hash(refresh_token)) == claims.session

    async def change_password(self, claims: Claims, old: str, new: str, address: str) -> Tokens:
        """Replace one's own password: every session ends and a new one begins; Refused like signing in."""
        account = await self._accounts.get(claims.viewer.account)
        if account is None:
            raise Refused("session-over", "The account is no longer there.")
        await self._prove(account.name, old, address)
        now = self.clock()

        def touched(before: Account | None, _: list[Account]) -> Account:
            if before is None or before.disabled:
                raise Refused("session-over", "The account is no longer there.")
            return msgspec.structs.replace(before, changed_at=now)

        changed = await self._accounts.change(account.id, touched, await self.hash_password(new, account.name))
        _log.info("password-changed", account=account.id)
        return await self._begin(changed)

    async def hash_password(self, password: str, name: str) -> str:
        """Hash a new password after judging it; Rejected `password-weak`."""
        return await self._passwords.hash(check_password(password, name))

    # --- the first account

    async def open_setup(self) -> str:
        """Make the one-time token for an administrator's account and give it, to be shown once; kept as a hash."""
        token = _opaque()
        await self._accounts.open_setup(_hash(token), self.clock() + self._setup_life)
        return token

    async def set_up(self, token: str, rule: Rule, password_hash: str) -> tuple[Account, Tokens]:
        """Spend the one-time token for the account that the rule makes, and sign it in."""
        account = await self._accounts.claim_setup(_hash(token), self.clock(), rule, password_hash)
        _log.info("account-set-up", account=account.id, name=account.name)
        return account, await self._begin(account)

    # --- knowing them again

    async def check(self, token: str) -> Claims:
        """Tell whose access token this is.

        Refused `unauthenticated`; `token-expired` when a refresh helps: it is over, or the account changed since;
        `session-over` when only signing in again does.
        """
        now = self.clock()
        counting = {key.kid: opened for key, opened in await self._ring() if key.ends_at is None or key.ends_at > now}
        claims = read(token, counting, now)
        if code := await self.fallen(claims):
            raise Refused(code, "What the token says about you no longer holds.")
        return claims

    async def fallen(self, claims: Claims) -> str | None:
        """Give the code of why claims no longer stand, None while they do.

        For long-lived sockets: a token may be over while its socket lives, but not its session or its version.
        """
        standing = await self._sessions.standing(claims.session, claims.viewer.account)
        if standing is None or standing.revoked or standing.disabled or standing.expires_at <= self.clock():
            return "session-over"
        return None if standing.version == claims.version else "token-expired"

    # --- keys

    async def rotate_keys(self, *, at_once: bool = False) -> str:
        """Sign with a new key from now on and give its id.

        The old ones count until the last token they signed is over; or not from now on, when one of them leaked: then
        everybody's next request is refused once and their refresh token brings the new one.
        """
        now = self.clock()
        key = new_key(now)
        await self._keys.add_key(key, now if at_once else now + self._token_life)
        _log.debug("signing-key-rotated", kid=key.kid, at_once=at_once)
        return key.kid

    async def _ring(self) -> list[tuple[SigningKey, OKPKey]]:
        """Give the keys that count, the newest first: asked each time, since another process may have rotated them."""
        found = await self._keys.keys(self.clock())
        self._opened = {key.kid: self._opened.get(key.kid) or open_key(key) for key in found}
        return [(key, self._opened[key.kid]) for key in found]

    async def _begin(self, account: Account) -> Tokens:
        now, session, refresh_token = self.clock(), str(uuid.uuid4()), _opaque()
        expires_at = now + self._session_life
        await self._sessions.start(session, account.id, _hash(refresh_token), now, expires_at)
        return await self._tokens(account, session, refresh_token, expires_at)

    async def _tokens(self, account: Account, session: str, refresh_token: str, expires_at: datetime) -> Tokens:
        key = next((opened for key, opened in await self._ring() if key.ends_at is None), None)
        if key is None:
            raise RuntimeError("Auth.start() was not awaited: there is no signing key")
        now = self.clock()
        life = min(self._token_life, expires_at - now)
        return Tokens(
            access_token=sign(key, account, session, now, life),
            refresh_token=refresh_token,
            expires_in=int(life.total_seconds()),
            session_expires_at=expires_at,
        )


def _opaque() -> str:
    return secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    # 256 random bits cannot be guessed from their hash: no salt, no slow hash needed.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

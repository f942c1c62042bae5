"""Say what an account is and what keeping accounts promises (the port; `accounts_sqlite` keeps them in the one file).

You are between the routes that sign people in (`routes/sessions`, `routes/accounts`) and the store. Three small ports,
since three things have their own life: accounts, sessions (who is signed in), and the keys that tokens are signed with.
Rules about accounts are plain functions here; the store runs them inside its transaction. Next: `identity`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from geo.places import Rejected, check_area, contains
from responder_api.audience import Role, Viewer

_NAME: Final = re.compile(r"[a-z0-9+][a-z0-9._@+-]{1,63}")
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128


class Grant(msgspec.Struct, frozen=True, kw_only=True, order=True, forbid_unknown_fields=True):
    """A role over an area."""

    role: Role
    area: str

    def __post_init__(self) -> None:
        """Refuse what is not an area path."""
        check_area(self.area)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in. `version` grows with each change; tokens of an older version are over."""

    id: str
    name: str
    display_name: str
    roles: tuple[Grant, ...]
    person: str | None = None
    disabled: bool = False
    version: int = 1
    created_at: datetime
    changed_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an account and one of its sessions stand now."""

    version: int
    disabled: bool
    expires_at: datetime
    revoked: bool


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key for tokens: `jwk` is private. Once `ends_at` is set it signs nothing more and counts until then."""

    kid: str
    jwk: dict[str, str]
    created_at: datetime
    ends_at: datetime | None = None


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """A session that was carried on, and its account."""

    session: str
    account: Account
    expires_at: datetime


Rule = Callable[[Account | None, list[Account]], Account]
"""Make the next state of an account from its present one (None: there is none) and from all accounts, or raise."""


class Accounts(Protocol):
    """Keep accounts. Every write is durable when it returns, or raises and has changed nothing."""

    async def get(self, account_id: str) -> Account | None:
        """Give one account by its id."""

    async def find(self, name: str) -> tuple[Account, str] | None:
        """Give one account and its password hash by the name it signs in with."""

    async def all(self) -> list[Account]:
        """Give every account, by name."""

    async def change(self, account_id: str, rule: Rule, password_hash: str | None = None) -> Account:
        """Run a rule inside one transaction that nobody else writes in, and keep what it makes.

        The version is set to one more than it was. With a new password, or when the account ends up disabled, all its
        sessions end in the same transaction. Rejected `name-taken` when another account has the name, `person-taken`
        when another account that is not disabled has the person.
        """

    async def open_setup(self, token_hash: str, expires_at: datetime) -> None:
        """Keep the hash of a one-time token for the first account; an older one is over."""

    async def claim_setup(self, token_hash: str, now: datetime, rule: Rule, password_hash: str) -> Account:
        """Spend the one-time token and make an account, both or neither; Rejected `setup-link-spent`."""


class Sessions(Protocol):
    """Keep who is signed in. Refresh tokens come as hashes; every write is durable when it returns."""

    async def start(self, session: str, account_id: str, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """Begin a session. Sessions that are over are cleared away."""

    async def carry_on(self, token_hash: str, next_hash: str, now: datetime, grace_from: datetime) -> Refreshed | None:
        """Exchange a refresh token for the next one; None when it is not valid.

        A token is exchanged once. It is taken again when that was not before `grace_from`, since the answer may have
        been lost on the way or two tabs have asked at once, and each answer's token counts: nobody knows which of them
        arrives last. Later than that it is a copy in other hands: the session is revoked.
        """

    async def session_of(self, token_hash: str) -> str | None:
        """Name the session a refresh token was given to, whether it still counts or not."""

    async def standing(self, session: str, account_id: str) -> Standing | None:
        """Tell how a session and its account stand."""

    async def revoke(self, session: str, now: datetime) -> None:
        """End one session."""


class Keys(Protocol):
    """Keep the keys that tokens are signed with."""

    async def keys(self, now: datetime) -> list[SigningKey]:
        """Give the keys that still count, the newest first."""

    async def add_key(self, key: SigningKey, others_end_at: datetime) -> None:
        """Add a key to sign with from now on, and give the others their end, both or neither.

        A key that had an end already keeps the earlier of the two; keys whose end is past are removed.
        """


class AccountStore(Accounts, Sessions, Keys, Protocol):
    """All three of them in one database."""

    def close(self) -> None:
        """Let the database go, after a write that is under way."""


def normal_name(name: str) -> str:
    """Write a sign-in name the one way it is kept: NFKC, lower case; Rejected `name-malformed`."""
    normal = unicodedata.normalize("NFKC", name).strip().casefold()
    if _NAME.fullmatch(normal) is None:
        raise Rejected("name-malformed", "A name has 2 to 64 of a-z, 0-9 and . _ @ + -")
    return normal


def normal_password(password: str) -> str:
    """Write a password the one way it is hashed (NFKC), whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, name: str) -> str:
    """Give a new password in the form it is hashed in; Rejected `password-weak`.

    Length is what counts (NIST SP 800-63B): no rule about kinds of characters, but not the name, nor a few repeated.
    """
    normal = normal_password(password)
    if not SHORTEST_PASSWORD <= len(normal) <= LONGEST_PASSWORD:
        raise Rejected("password-weak", f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if len(set(normal)) < 5 or (len(name) > 3 and name in normal.casefold() and len(normal) < 2 * len(name)):
        raise Rejected("password-weak", "A password is not the name and not a few characters repeated.")
    return normal


def covers(admin: Viewer, roles: Iterable[Grant]) -> bool:
    """Tell whether an administrator's areas contain every one of these roles."""
    over = [area for role, area in admin.grants if role == "admin"]
    return all(any(contains(area, grant.area) for area in over) for grant in roles)


def touches(admin: Viewer, roles: Iterable[Grant]) -> bool:
    """Tell whether an administrator's areas contain any of these roles: such an account can be seen by them."""
    return any(covers(admin, [grant]) for grant in roles)


def still_administered(before: Account, after: Account, everybody: Iterable[Account]) -> None:
    """Rejected `last-administrator` when a change would leave an area without anybody who administers it."""
    left = [after, *(account for account in everybody if account.id != after.id)]
    remaining = [g.area for account in left if not account.disabled for g in account.roles if g.role == "admin"]
    for grant in before.roles:
        if grant.role == "admin" and not before.disabled and not any(contains(area, grant.area) for area in remaining):
            raise Rejected("last-administrator", f"Nobody else administers {grant.area}.")

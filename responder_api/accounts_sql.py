"""Keep accounts, sessions and signing keys: the statements, written once for both databases.

You are between the ports (`accounts`) and their adapters: `accounts_sqlite` in the embedded file, `accounts_postgres`
in the cluster's database. An adapter says how one reads, and how one writes with nobody else writing the same: SQLite
has one writer; PostgreSQL has a lock for what looks at every account, and locks a session's row for the rest.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeVar

import msgspec

from geo.places import Rejected
from responder_api.accounts import Account, Grant, Refreshed, Rule, SigningKey, Standing
from streams.database import Connection

Result = TypeVar("Result")

_COLUMNS: Final = "id, name, display_name, roles, person, disabled, version, created_at, changed_at, password_hash"
_BY_ID: Final = f"SELECT {_COLUMNS} FROM account WHERE id = ?"  # noqa: S608 (ours)
_BY_NAME: Final = f"SELECT {_COLUMNS} FROM account WHERE name = ?"  # noqa: S608 (ours)
_EVERYBODY: Final = f"SELECT {_COLUMNS} FROM account ORDER BY name"  # noqa: S608 (ours)
_KEEP: Final = f"INSERT INTO account ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)"  # noqa: S608 (ours)


class AccountsSql(ABC):
    """Accounts, Sessions and Keys over one database."""

    session_lock: ClassVar[str]
    """What makes a query keep the session that it finds as it is until the commit."""

    @abstractmethod
    async def read(self, query: str, *values: object) -> list[Any]:
        """Give the rows of a query."""

    @abstractmethod
    async def write(self, work: Callable[[Connection], Result], *, alone: bool = False) -> Result:
        """Do work in one transaction; durable when it returns. `alone`: nobody else's `alone` work runs meanwhile."""

    @abstractmethod
    def close(self) -> None:
        """Let the database go, after a write that is under way."""

    # --- accounts

    async def get(self, account_id: str) -> Account | None:
        """See Accounts.get."""
        rows = await self.read(_BY_ID, account_id)
        return _account(rows[0]) if rows else None

    async def find(self, name: str) -> tuple[Account, str] | None:
        """See Accounts.find."""
        rows = await self.read(_BY_NAME, name)
        return (_account(rows[0]), rows[0][-1]) if rows else None

    async def all(self) -> list[Account]:
        """See Accounts.all."""
        return [_account(row) for row in await self.read(_EVERYBODY)]

    async def change(self, account_id: str, rule: Rule, password_hash: str | None = None) -> Account:
        """See Accounts.change."""
        return await self.write(lambda db: _change(db, account_id, rule, password_hash), alone=True)

    async def open_setup(self, token_hash: str, expires_at: datetime) -> None:
        """See Accounts.open_setup."""
        statement = (
            "INSERT INTO setup (one, token_hash, expires_at) VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE"
            " SET token_hash = excluded.token_hash, expires_at = excluded.expires_at"
        )
        row = (token_hash, expires_at.timestamp())
        await self.write(lambda db: db.execute(statement, row), alone=True)

    async def claim_setup(self, token_hash: str, now: datetime, rule: Rule, password_hash: str) -> Account:
        """See Accounts.claim_setup."""

        def claim(db: Connection) -> Account:
            row = (token_hash, now.timestamp())
            if db.execute("DELETE FROM setup WHERE token_hash = ? AND expires_at > ?", row).rowcount != 1:
                raise Rejected("setup-link-spent", "This set-up link was used, replaced, or is over.")
            return _change(db, "", rule, password_hash)

        return await self.write(claim, alone=True)

    # --- sessions

    async def start(self, session: str, account_id: str, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """See Sessions.start."""

        def start(db: Connection) -> None:
            db.execute("DELETE FROM session WHERE expires_at < ?", (now.timestamp(),))
            db.execute(
                "INSERT INTO session (id, account, created_at, expires_at) VALUES (?, ?, ?, ?)",
                (session, account_id, now.timestamp(), expires_at.timestamp()),
            )
            db.execute("INSERT INTO refresh_token (hash, session) VALUES (?, ?)", (token_hash, session))

        await self.write(start, alone=True)

    async def carry_on(self, token_hash: str, next_hash: str, now: datetime, grace_from: datetime) -> Refreshed | None:
        """See Sessions.carry_on."""

        def carry_on(db: Connection) -> Refreshed | None:
            query = (
                "SELECT s.id, s.account, t.exchanged_at, s.expires_at FROM refresh_token t"
                " JOIN session s ON s.id = t.session WHERE t.hash = ? AND s.revoked_at IS NULL AND s.expires_at > ?"
            )
            row = db.execute(query + self.session_lock, (token_hash, now.timestamp())).fetchone()
            if row is None:
                return None
            session, account_id, exchanged_at, expires_at = row
            found = db.execute(_BY_ID, (account_id,)).fetchone()
            account = _account(found) if found else None
            if account is None or account.disabled:
                return None
            if exchanged_at is not None and exchanged_at < grace_from.timestamp():
                db.execute("UPDATE session SET revoked_at = ? WHERE id = ?", (now.timestamp(), session))
                return None
            db.execute(
                "UPDATE refresh_token SET exchanged_at = coalesce(exchanged_at, ?) WHERE hash = ?",
                (now.timestamp(), token_hash),
            )
            db.execute("INSERT INTO refresh_token (hash, session) VALUES (?, ?)", (next_hash, session))
            return Refreshed(session=session, account=account, expires_at=_time(expires_at))

        return await self.write(carry_on)

    async def session_of(self, token_hash: str) -> str | None:
        """See Sessions.session_of."""
        rows = await self.read("SELECT session FROM refresh_token WHERE hash = ?", token_hash)
        return str(rows[0][0]) if rows else None

    async def standing(self, session: str, account_id: str) -> Standing | None:
        """See Sessions.standing."""
        rows = await self.read(
            "SELECT a.version, a.disabled, s.expires_at, s.revoked_at IS NOT NULL"
            " FROM session s JOIN account a ON a.id = s.account WHERE s.id = ? AND a.id = ?",
            session,
            account_id,
        )
        if not rows:
            return None
        version, disabled, expires_at, revoked = rows[0]
        return Standing(version=version, disabled=bool(disabled), expires_at=_time(expires_at), revoked=bool(revoked))

    async def revoke(self, session: str, now: datetime) -> None:
        """See Sessions.revoke."""
        row = (now.timestamp(), session)
        await self.write(
            lambda db: db.execute("UPDATE session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", row)
        )

    # --- keys

    async def keys(self, now: datetime) -> list[SigningKey]:
        """See Keys.keys."""
        rows = await self.read(
            "SELECT kid, jwk, created_at, ends_at FROM signing_key WHERE ends_at IS NULL OR ends_at > ?"
            " ORDER BY created_at DESC, rowid DESC",
            now.timestamp(),
        )
        return [
            SigningKey(
                kid=kid, jwk=json.loads(jwk), created_at=_time(made), ends_at=None if ends is None else _time(ends)
            )
            for kid, jwk, made, ends in rows
        ]

    async def add_key(self, key: SigningKey, others_end_at: datetime) -> None:
        """See Keys.add_key."""

        def add(db: Connection) -> None:
            end = others_end_at.timestamp()
            db.execute("UPDATE signing_key SET ends_at = ? WHERE ends_at IS NULL OR ends_at > ?", (end, end))
            db.execute("DELETE FROM signing_key WHERE ends_at <= ?", (key.created_at.timestamp(),))
            db.execute(
                "INSERT INTO signing_key (kid, jwk, created_at) VALUES (?, ?, ?)",
                (key.kid, json.dumps(key.jwk), key.created_at.timestamp()),
            )

        await self.write(add, alone=True)


def _change(db: Connection, account_id: str, rule: Rule, password_hash: str | None) -> Account:
    everybody = [_account(row) for row in db.execute(_EVERYBODY)]
    before = next((account for account in everybody if account.id == account_id), None)
    after = rule(before, everybody)
    after = msgspec.structs.replace(after, version=before.version + 1 if before else 1)
    if password_hash is None:
        found = db.execute("SELECT password_hash FROM account WHERE id = ?", (after.id,)).fetchone()
        password_hash = found[0] if found else ""
    elif before is not None:
        db.execute("DELETE FROM session WHERE account = ?", (after.id,))
    if after.disabled:
        db.execute("DELETE FROM session WHERE account = ?", (after.id,))
    _nobody_elses(after, (account for account in everybody if account.id != after.id))
    db.execute("DELETE FROM account WHERE id = ?", (after.id,))
    db.execute(_KEEP, (*_row(after), password_hash))
    return after


def _nobody_elses(after: Account, others: Iterable[Account]) -> None:
    for other in others:
        if other.name == after.name:
            raise Rejected("name-taken", "Another account has this name.")
        if other.person is not None and other.person == after.person and not (other.disabled or after.disabled):
            raise Rejected("person-taken", "Another account is this person's.")


def _account(row: tuple[Any, ...]) -> Account:
    id_, name, display_name, roles, person, disabled, version, created_at, changed_at, _ = row
    return Account(
        id=id_,
        name=name,
        display_name=display_name,
        roles=msgspec.json.decode(roles, type=tuple[Grant, ...]),
        person=person,
        disabled=bool(disabled),
        version=version,
        created_at=_time(created_at),
        changed_at=_time(changed_at),
    )


def _row(account: Account) -> tuple[object, ...]:
    return (
        account.id,
        account.name,
        account.display_name,
        msgspec.json.encode(account.roles).decode(),
        account.person,
        int(account.disabled),
        account.version,
        account.created_at.timestamp(),
        account.changed_at.timestamp(),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

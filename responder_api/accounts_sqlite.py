"""Keep accounts, sessions and signing keys in the SQLite file (the adapter of `accounts`).

Writes run in a thread, one at a time, each in its own IMMEDIATE transaction with synchronous=FULL: what returned is on
the disk. Reads are by key, take microseconds and never wait for a writer (WAL), so they run where they are asked for.
The file holds private keys and is made readable for its owner alone.
"""

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from geo.places import Rejected
from responder_api.accounts import Account, Refreshed, Rule, SigningKey, Standing
from responder_api.accounts_tables import prepare, transaction
from streams.database import connect

Result = TypeVar("Result")

_BY_ID: Final = "SELECT * FROM account WHERE id = ?"
_BY_NAME: Final = "SELECT * FROM account WHERE name = ?"
_EVERYBODY: Final = "SELECT * FROM account ORDER BY name"
_KEEP: Final = """
INSERT INTO account VALUES (
    :id, :name, :display_name, :roles, :person, :disabled, :version, :created_at, :changed_at, :password_hash
)
"""


class SqliteAccounts:
    """Accounts, Sessions and Keys over one SQLite file, which others may use too."""

    def __init__(self, path: Path) -> None:
        """Open the file, made when missing; raises StorageError or sqlite3.Error when it cannot be used."""
        path.touch(mode=0o600)
        with contextlib.suppress(PermissionError):  # another owner's file is another owner's care
            path.chmod(0o600)
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._writer = connect(path)
        prepare(self._writer)
        self._writer.execute("PRAGMA foreign_keys = ON")  # a session takes its refresh tokens with it
        self._reader = connect(path, read_only=True)
        self._writer.row_factory = self._reader.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the file, after a write that is under way."""
        with self._writing, self._reading:
            # Who closes last folds the write-ahead log into the file, which a reader cannot.
            self._reader.close()
            self._writer.close()

    # --- accounts

    async def get(self, account_id: str) -> Account | None:
        """See Accounts.get."""
        rows = self._read(_BY_ID, account_id)
        return _account(rows[0]) if rows else None

    async def find(self, name: str) -> tuple[Account, str] | None:
        """See Accounts.find."""
        rows = self._read(_BY_NAME, name)
        return (_account(rows[0]), rows[0]["password_hash"]) if rows else None

    async def all(self) -> list[Account]:
        """See Accounts.all."""
        return [_account(row) for row in self._read(_EVERYBODY)]

    async def change(self, account_id: str, rule: Rule, password_hash: str | None = None) -> Account:
        """See Accounts.change."""
        return await self._write(lambda db: _change(db, account_id, rule, password_hash))

    async def open_setup(self, token_hash: str, expires_at: datetime) -> None:
        """See Accounts.open_setup."""
        row = (token_hash, expires_at.timestamp())
        await self._write(lambda db: db.execute("INSERT OR REPLACE INTO setup VALUES (1, ?, ?)", row))

    async def claim_setup(self, token_hash: str, now: datetime, rule: Rule, password_hash: str) -> Account:
        """See Accounts.claim_setup."""

        def claim(db: sqlite3.Connection) -> Account:
            row = (token_hash, now.timestamp())
            if db.execute("DELETE FROM setup WHERE token_hash = ? AND expires_at > ?", row).rowcount != 1:
                raise Rejected("setup-link-spent", "This set-up link was used, replaced, or is over.")
            return _change(db, "", rule, password_hash)

        return await self._write(claim)

    # --- sessions

    async def start(self, session: str, account_id: str, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """See Sessions.start."""

        def start(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM session WHERE expires_at < ?", (now.timestamp(),))
            db.execute(
                "INSERT INTO session (id, account, created_at, expires_at) VALUES (?, ?, ?, ?)",
                (session, account_id, now.timestamp(), expires_at.timestamp()),
            )
            db.execute("INSERT INTO refresh_token (hash, session) VALUES (?, ?)", (token_hash, session))

        await self._write(start)

    async def carry_on(self, token_hash: str, next_hash: str, now: datetime, grace_from: datetime) -> Refreshed | None:
        """See Sessions.carry_on."""

        def carry_on(db: sqlite3.Connection) -> Refreshed | None:
            row = db.execute(
                "SELECT s.id, s.account, t.exchanged_at, s.expires_at FROM refresh_token t"
                " JOIN session s ON s.id = t.session WHERE t.hash = ? AND s.revoked_at IS NULL AND s.expires_at > ?",
                (token_hash, now.timestamp()),
            ).fetchone()
            if row is None:
                return None
            session, account_id, exchanged_at, expires_at = row
            account = _present(db, account_id)
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

        return await self._write(carry_on)

    async def session_of(self, token_hash: str) -> str | None:
        """See Sessions.session_of."""
        rows = self._read("SELECT session FROM refresh_token WHERE hash = ?", token_hash)
        return str(rows[0][0]) if rows else None

    async def standing(self, session: str, account_id: str) -> Standing | None:
        """See Sessions.standing."""
        rows = self._read(
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
        await self._write(
            lambda db: db.execute("UPDATE session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", row)
        )

    # --- keys

    async def keys(self, now: datetime) -> list[SigningKey]:
        """See Keys.keys."""
        rows = self._read(
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

        def add(db: sqlite3.Connection) -> None:
            end = others_end_at.timestamp()
            db.execute("UPDATE signing_key SET ends_at = min(coalesce(ends_at, ?), ?)", (end, end))
            db.execute("DELETE FROM signing_key WHERE ends_at <= ?", (key.created_at.timestamp(),))
            db.execute(
                "INSERT INTO signing_key (kid, jwk, created_at) VALUES (?, ?, ?)",
                (key.kid, json.dumps(key.jwk), key.created_at.timestamp()),
            )

        await self._write(add)

    # --- the file

    def _read(self, query: str, *values: Any) -> list[Any]:
        with self._reading:
            return self._reader.execute(query, values).fetchall()

    async def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        def run() -> Result:
            with self._writing, transaction(self._writer):
                return work(self._writer)

        return await asyncio.to_thread(run)


def _change(db: sqlite3.Connection, account_id: str, rule: Rule, password_hash: str | None) -> Account:
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
    try:
        db.execute("DELETE FROM account WHERE id = ?", (after.id,))
        db.execute(_KEEP, {**_row(after), "password_hash": password_hash})
    except sqlite3.IntegrityError as error:
        if "account.name" in str(error):
            raise Rejected("name-taken", "Another account has this name.") from None
        if "account.person" in str(error):
            raise Rejected("person-taken", "Another account is this person's.") from None
        raise
    return after


def _present(db: sqlite3.Connection, account_id: str) -> Account | None:
    row = db.execute(_BY_ID, (account_id,)).fetchone()
    return _account(row) if row else None


def _account(row: sqlite3.Row) -> Account:
    fields = dict(row)
    fields["roles"] = json.loads(fields["roles"])
    fields["disabled"] = bool(fields["disabled"])
    fields["created_at"], fields["changed_at"] = _time(fields["created_at"]), _time(fields["changed_at"])
    return msgspec.convert(fields, Account)


def _row(account: Account) -> dict[str, Any]:
    fields = msgspec.structs.asdict(account)
    fields["roles"] = msgspec.json.encode(account.roles).decode()
    fields["created_at"], fields["changed_at"] = account.created_at.timestamp(), account.changed_at.timestamp()
    return fields


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

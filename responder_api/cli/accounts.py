"""`dharura accounts`: keep accounts straight in the data folder, or the cluster's database, when nobody can sign in.

Works while the server runs: the server asks the same place at every request, so what is done here counts from the next
one on. Passwords come from whoever sits there or from stdin, never from an argument that others could read.
"""

import argparse
import asyncio
import getpass
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from geo.places import Rejected
from responder_api.accounts import Account, AccountStore, Grant, check_password, normal_name, still_administered
from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.audience import ROLES
from responder_api.cli.folder import data_option, database_of, settings_of
from responder_api.cli.paint import clean
from responder_api.cli.serve import say
from responder_api.passwords import Passwords
from responder_api.settings import Settings
from responder_api.tokens import new_key
from streams.database import FILE
from streams.log_damage import check_tail

T = TypeVar("T")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    accounts = commands.add_parser(
        "accounts",
        help="list, make, disable accounts in the data folder or the cluster; new passwords and signing keys",
    ).add_subparsers(metavar="WHAT", required=True)

    parser = accounts.add_parser("list", help="show every account")
    data_option(parser)
    parser.set_defaults(run=_list)

    parser = accounts.add_parser("create", help="make an account; asks for its password")
    _name(parser)
    parser.add_argument(
        "--role",
        action="append",
        type=_grant,
        required=True,
        metavar="ROLE@AREA",
        help=f"may be repeated; a role ({', '.join(sorted(ROLES))}) over an area, as admin@KE or operator@KE.042",
    )
    parser.add_argument("--display-name", metavar="WORDS", help="how it is shown; by default the name")
    parser.add_argument("--person", metavar="ID", help="the responder's id, for somebody who is sent out")
    data_option(parser)
    parser.set_defaults(run=_create)

    for word, disabled, what in (("disable", True, "shut out"), ("enable", False, "let in again")):
        parser = accounts.add_parser(word, help=f"{what} an account")
        _name(parser)
        data_option(parser)
        parser.set_defaults(run=_set_disabled, disabled=disabled)

    parser = accounts.add_parser("password", help="give an account a new password; signs it out everywhere")
    _name(parser)
    data_option(parser)
    parser.set_defaults(run=_password)

    keys = accounts.add_parser("keys", help="replace the key that tokens are signed with").add_subparsers(
        metavar="WHAT", required=True
    )
    parser = keys.add_parser("rotate", help="sign with a new key; the old one counts until its last token is over")
    parser.add_argument("--at-once", action="store_true", help="the old key may have leaked: it counts no more")
    data_option(parser)
    parser.set_defaults(run=_rotate)


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name to sign in with")


def _grant(text: str) -> Grant:
    role, _, area = text.partition("@")
    try:
        return msgspec.convert({"role": role, "area": area}, Grant)
    except (msgspec.ValidationError, Rejected) as error:
        raise argparse.ArgumentTypeError(f"{text!r}: write ROLE@AREA, as operator@KE.042 ({error})") from error


def _list(args: argparse.Namespace) -> int:
    everybody = _with_accounts(settings_of(args), lambda accounts: accounts.all())
    rows = [("NAME", "SHOWN AS", "ROLES", "PERSON", "")]
    for account in everybody:
        roles = " ".join(f"{grant.role}@{grant.area}" for grant in account.roles)
        shown = (account.name, clean(account.display_name), roles, clean(account.person or ""))
        rows.append((*shown, "disabled" if account.disabled else ""))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)).rstrip())
    return 0


def _create(args: argparse.Namespace) -> int:
    settings, name, now = settings_of(args), normal_name(args.name), datetime.now(UTC)
    settings.data.mkdir(parents=True, exist_ok=True)
    made = Account(
        id=str(uuid.uuid4()),
        name=name,
        display_name=args.display_name or args.name,
        roles=tuple(sorted(set(args.role))),
        person=args.person,
        created_at=now,
        changed_at=now,
    )

    async def create(accounts: AccountStore) -> Account:
        if await accounts.find(name) is not None:
            raise Rejected("name-taken", "Another account has this name.")
        return await accounts.change(made.id, lambda _before, _everybody: made, await _hashed(name))

    account = _with_accounts(settings, create, make=True)
    roles = ", ".join(f"{grant.role} over {grant.area}" for grant in account.roles)
    say(f"{account.name} can sign in now: {roles}.")
    if account.person is None and any(grant.role == "responder" for grant in account.roles):
        say("It belongs to no responder on the list, so no ask reaches it: --person ID says whose account it is.")
    return 0


def _set_disabled(args: argparse.Namespace) -> int:
    account = _change(args, disabled=args.disabled)
    done = "is shut out and signed out everywhere" if args.disabled else "can sign in again"
    say(f"{account.name} {done}.")
    return 0


def _password(args: argparse.Namespace) -> int:
    account = _change(args, new_password=True)
    note = " The account is disabled: dharura accounts enable lets it in." if account.disabled else ""
    say(f"{account.name} has a new password and is signed out everywhere.{note}")
    return 0


def _rotate(args: argparse.Namespace) -> int:
    settings, now = settings_of(args), datetime.now(UTC)
    key = new_key(now)
    end = now if args.at_once else now + timedelta(minutes=settings.token_minutes)
    _with_accounts(settings, lambda accounts: accounts.add_key(key, end))
    say(f"Tokens are signed with key {key.kid} from now on; a running server takes it up within 15 seconds.")
    return 0


def _change(args: argparse.Namespace, *, disabled: bool | None = None, new_password: bool = False) -> Account:
    name = normal_name(args.name)

    def rule(before: Account | None, everybody: list[Account]) -> Account:
        if before is None:
            raise Rejected("not-found", f"There is no account {name}.")
        gone = before.disabled if disabled is None else disabled
        after = msgspec.structs.replace(before, disabled=gone, changed_at=datetime.now(UTC))
        still_administered(before, after, everybody)
        return after

    async def change(accounts: AccountStore) -> Account:
        found = await accounts.find(name)
        if found is None:
            raise Rejected("not-found", f"There is no account {name}; dharura accounts list shows them.")
        return await accounts.change(found[0].id, rule, await _hashed(name) if new_password else None)

    return _with_accounts(settings_of(args), change)


def _with_accounts(settings: Settings, work: Callable[[AccountStore], Awaitable[T]], *, make: bool = False) -> T:
    async def run() -> T:
        accounts = _opened(settings, make=make)
        try:
            return await work(accounts)
        finally:
            accounts.close()

    return asyncio.run(run())


def _opened(settings: Settings, *, make: bool) -> AccountStore:
    if settings.clustered:
        from responder_api.joining import open_accounts  # PostgreSQL's client: a folder needs none

        return open_accounts(settings)
    path = settings.data / FILE if make else database_of(settings)
    check_tail(path)  # closing a file that a crash damaged would hide the damage from the next start
    return SqliteAccounts(path)


async def _hashed(name: str) -> str:
    passwords = Passwords()
    try:
        return await passwords.hash(check_password(_asked(name), name))
    finally:
        passwords.close()


def _asked(name: str) -> str:
    """Ask whoever sits there, twice; take the first line of stdin when nobody does."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    first = getpass.getpass(f"New password of {name}: ")
    if getpass.getpass("Once more: ") != first:
        raise Rejected("password-differs", "The two were not the same; nothing was changed.")
    return first

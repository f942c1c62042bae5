"""`dharura login` and `dharura logout`: stay signed in on this machine, so that `watch` and `send` need no password."""

import argparse
from contextlib import suppress
from typing import Any

from responder_api.cli.client import (
    Server,
    asked_password,
    given_password,
    password_options,
    server_option,
    sign_in,
)
from responder_api.cli.paint import tell
from responder_api.cli.sessions import Sessions, default_path
from responder_api.cli.trouble import Trouble, reported


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register both commands."""
    parser = commands.add_parser("login", help="sign in and stay signed in on this machine")
    parser.add_argument("name", metavar="NAME", help="the name to sign in with")
    server_option(parser)
    password_options(parser)
    parser.set_defaults(run=lambda args: reported(lambda: login(args)))
    parser = commands.add_parser("logout", help="sign out on this machine")
    parser.add_argument("name", metavar="NAME", nargs="?", help="whom; by default who signed in last")
    server_option(parser)
    parser.set_defaults(run=lambda args: reported(lambda: logout(args)))


def login(args: argparse.Namespace) -> int:
    """Sign in and keep the session; who was signed in under that name before is signed out."""
    with Server(args.server) as server:
        return _login(server, args)


def _login(server: Server, args: argparse.Namespace) -> int:
    kept, password = Sessions(default_path()), given_password(args)
    tokens = sign_in(server, args.name, asked_password(args.name, server, kept) if password is None else password)
    me = server.ask("GET", "/me", token=tokens.access_token)["account"]
    with kept.locked():
        before = kept.get(server.url, args.name)
        kept.put(server.url, args.name, tokens, current=True)
    if before is not None:
        with suppress(Trouble):
            server.ask("DELETE", "/sessions", token=before.access_token)
    tell(f"Signed in at {server.url} as {described(me)}. Kept in {kept.path}; dharura logout ends it.")
    return 0


def logout(args: argparse.Namespace) -> int:
    """End the saved session, here and at the server; here also when the server cannot be reached."""
    with Server(args.server) as server:
        return _logout(server, args)


def _logout(server: Server, args: argparse.Namespace) -> int:
    kept = Sessions(default_path())
    name = args.name or kept.current(server.url)
    with kept.locked():
        tokens = kept.get(server.url, name) if name else None
        if name is None or tokens is None:
            who = f"{name} is not" if name else "Nobody is"
            raise Trouble(f"{who} signed in at {server.url} on this machine.")
        kept.remove(server.url, name)
    with suppress(Trouble):
        server.ask("DELETE", "/sessions", token=tokens.access_token)
    tell(f"{name} is signed out at {server.url}.")
    return 0


def described(account: dict[str, Any]) -> str:
    """Say who somebody is and what they may do where."""
    roles = ", ".join(f"{grant['role']} over {grant['area']}" for grant in account["roles"]) or "without a role"
    return f"{account['display_name']} ({roles})"

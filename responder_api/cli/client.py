"""Talk to a server over HTTP as somebody: the address, signing in, and tokens that are renewed before they end.

You are under `watch`, `send` and `login`. `Server` sends one request and gives its JSON or raises `Problem`; `Signed`
is a person at a server, who always has a token that holds.
"""

import argparse
import getpass
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx

from responder_api.cli.paint import tell
from responder_api.cli.sessions import Sessions, Tokens, default_path
from responder_api.cli.trouble import Problem, Trouble, Unreachable, nobody_answers

DEFAULT_SERVER: Final = "http://127.0.0.1:8000"
STDIN: Final = "-"
MARGIN_S: Final = 30.0
"""A token that ends sooner is renewed before it is used."""
_OVER: Final = frozenset({"session-over", "unauthenticated"})
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def server_option(parser: argparse.ArgumentParser) -> None:
    """Add where the server is."""
    parser.add_argument("--server", default=DEFAULT_SERVER, metavar="URL", help="address of the server (%(default)s)")


def options(parser: argparse.ArgumentParser) -> None:
    """Add where the server is and who asks."""
    server_option(parser)
    parser.add_argument("--as", dest="name", metavar="NAME", help="who you are; by default who signed in last")
    password_options(parser)


def password_options(parser: argparse.ArgumentParser) -> None:
    """Add where the password comes from."""
    password = parser.add_mutually_exclusive_group()
    password.add_argument("--password-file", metavar="FILE", help="read the password from this file, - for stdin")
    password.add_argument("--password", metavar="WORDS", help="the password (others on this machine can see it: ps)")


def address(text: str) -> str:
    """Bring a server's address to one form: scheme, host, port and path, without a slash at the end."""
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Trouble(f"{text} is no address of a server: write it as {DEFAULT_SERVER}.")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


class Server:
    """One server, over one pool of connections; a context manager that lets them go."""

    def __init__(self, url: str, wall: Callable[[], float] = time.time) -> None:
        self.url = address(url)
        self.wall = wall
        self.ahead_s = 0.0
        """How far the server's clock is ahead of ours, as far as whole seconds tell."""
        # A proxy of the environment is for machines elsewhere.
        self.is_here = urlsplit(self.url).hostname in _HERE
        self._http = httpx.Client(
            base_url=self.url,
            timeout=httpx.Timeout(20.0, connect=5.0),
            trust_env=not self.is_here,
            # Whom this machine believes (SSL_CERT_FILE), as `/live` does: a county's proxy may have its own authority.
            verify=ssl.create_default_context() if self.url.startswith("https:") else True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        """Send one request and give the answer's JSON; Problem when it is refused, Unreachable when nobody answers."""
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        try:
            answer = self._http.request(method, path, json=body, data=form, params=query, headers=headers)
        except httpx.ConnectError as error:
            raise nobody_answers(self.url, error) from error
        except httpx.HTTPError as error:
            raise Unreachable(f"The connection to {self.url} broke ({type(error).__name__}).") from error
        self._read_clock(answer)
        if answer.is_success:
            return _json(answer) if answer.content else None
        raise Problem(answer.status_code, _document(answer), retry_after_s(answer.headers))

    def _read_clock(self, answer: httpx.Response) -> None:
        with suppress(ValueError, KeyError, TypeError):
            ahead = parse_date(answer.headers["date"]) - self.wall()
            self.ahead_s = ahead if abs(ahead) > 2.0 else 0.0


def parse_date(text: str) -> float:
    """Read an HTTP date as seconds since 1970; ValueError when it is none."""
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text).timestamp()


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Give how many seconds a server asks to wait, where it says so in seconds."""
    said = headers.get("retry-after", "").strip()
    return float(said) if said.isascii() and said.isdigit() and len(said) < 7 else None


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Trouble(f"{answer.url} does not answer as Dharura does: is this the right address?") from error


def _document(answer: httpx.Response) -> dict[str, Any]:
    with suppress(ValueError):
        found = answer.json()
        if isinstance(found, dict):
            return found
    return {"title": f"The server answered {answer.status_code} {answer.reason_phrase}"}


class Signed:
    """Somebody at a server. With `kept`, the session is the saved one and stays; without, it ends with the command.

    Args:
        password: gives the password once more when the session is over; None when only the person can.
    """

    def __init__(
        self, server: Server, name: str, tokens: Tokens, *, kept: Sessions | None, password: Callable[[], str] | None
    ) -> None:
        self.server = server
        self.name = name
        self._tokens = tokens
        self._kept = kept
        self._password = password

    def token(self) -> str:
        """Give an access token that holds for a while yet."""
        if self._tokens.ends_at - self.server.wall() < MARGIN_S:
            self.renew()
        return self._tokens.access_token

    def renew(self) -> str:
        """Get a newer access token; when the session is over sign in again, or Trouble when only a person can."""
        if self._kept is None:
            self._tokens = self._next()
        else:
            with self._kept.locked():
                theirs = self._kept.get(self.server.url, self.name)
                if theirs is None:
                    raise Trouble(f"{self.name} has signed out on this machine: {_again(self)}")
                if theirs == self._tokens or theirs.ends_at - self.server.wall() < MARGIN_S:
                    self._tokens = theirs
                    self._tokens = self._next()
                    self._kept.put(self.server.url, self.name, self._tokens)
                else:
                    # Another command renewed a moment ago; its token is as good, and the old refresh token is spent.
                    self._tokens = theirs
        return self._tokens.access_token

    def _next(self) -> Tokens:
        try:
            body = {"refresh_token": self._tokens.refresh_token}
            return tokens_of(self.server, self.server.ask("POST", "/sessions/refresh", body=body))
        except Problem as problem:
            if problem.code not in _OVER:
                raise
            if self._password is None:
                raise Trouble(f"The session of {self.name} is over: {_again(self)}") from problem
            return sign_in(self.server, self.name, self._password())

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        """Send a request as this person, once more with a newer token when the one used is refused."""
        token = self.token()
        try:
            return self.server.ask(method, path, token=token, **sent)
        except Problem as problem:
            if problem.status != 401 or problem.code not in _OVER | {"token-expired"}:
                raise
        return self.server.ask(method, path, token=self.renew(), **sent)

    def leave(self) -> None:
        """End a session that was only for this command."""
        if self._kept is None:
            with suppress(Trouble):
                self.server.ask("DELETE", "/sessions", token=self._tokens.access_token)


def _again(who: Signed) -> str:
    """Give the command that signs somebody in again, at the same server."""
    return f"dharura login {who.name}" + (f" --server {who.server.url}" if who.server.url != DEFAULT_SERVER else "")


def sign_in(server: Server, name: str, password: str) -> Tokens:
    """Sign in with a name and a password; Problem `login-failed` when they are wrong."""
    if server.url.startswith("http:") and not server.is_here:
        tell(f"note: {server.url} is not encrypted: the password can be read on the way")
    return tokens_of(server, server.ask("POST", "/sessions", body={"name": name, "password": password}))


def tokens_of(server: Server, answer: Any) -> Tokens:
    """Read what signing in or refreshing answered."""
    try:
        return Tokens(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            ends_at=server.wall() + float(answer["expires_in"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Trouble(f"{server.url} does not answer as Dharura does: is this the right address?") from error


def given_password(args: argparse.Namespace) -> str | None:
    """Give the password that the command line says, itself or by a file; None when it says none."""
    if args.password is not None:
        return str(args.password)
    if args.password_file is None:
        return None
    try:
        text = sys.stdin.readline() if args.password_file == STDIN else Path(args.password_file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"The password cannot be read from {args.password_file}: {error}") from error
    # An editor ends the line; the password's own spaces stay.
    return text.split("\n", 1)[0].removesuffix("\r")


def asked_password(name: str, server: Server, kept: Sessions) -> str:
    """Ask whoever sits there; Trouble where nobody does, with the servers where that name is signed in."""
    if not sys.stdin.isatty():
        elsewhere = "".join(f" {name} is signed in at {url}: --server {url}" for url in kept.servers(name))
        raise Trouble(
            f"There is no password: give --password-file, or sign in once with dharura login NAME.{elsewhere}"
        )
    # Nobody should type a password for a server that is not there.
    with suppress(Problem):
        server.ask("GET", "/healthz")
    return getpass.getpass(f"Password of {name} at {server.url}: ")


def _asked_name(server: Server, kept: Sessions) -> str:
    """Ask who it is, where nobody is signed in, and say how not to be asked again."""
    with suppress(Problem):
        server.ask("GET", "/healthz")
    tell(f"Nobody is signed in at {server.url} on this machine. dharura login NAME keeps you signed in.")
    for url in kept.servers():
        tell(f"You are signed in at {url}: --server {url} means that one.")
    return input("Name to sign in with, only for this once: ").strip()


def signed(server: Server, args: argparse.Namespace, kept: Sessions | None = None) -> Signed:
    """Say who asks: by the password given, else by the session saved, else by asking whoever sits there."""
    kept = kept or Sessions(default_path())
    name = args.name or kept.current(server.url)
    password = given_password(args)
    if password is None and name is not None and (tokens := kept.get(server.url, name)) is not None:
        return Signed(server, name, tokens, kept=kept, password=None)
    if name is None:
        if not sys.stdin.isatty():
            raise Trouble("Who are you? Give --as NAME with --password-file, or sign in once with dharura login NAME.")
        name = _asked_name(server, kept)
    words = asked_password(name, server, kept) if password is None else password
    return Signed(server, name, sign_in(server, name, words), kept=None, password=lambda: words)


def saved(server: Server, args: argparse.Namespace, kept: Sessions | None = None) -> Signed | None:
    """Say who asks where nobody need be: as `signed`, but None when neither a name nor a saved session is there."""
    kept = kept or Sessions(default_path())
    name = args.name or kept.current(server.url)
    if args.name is None and given_password(args) is None and (name is None or kept.get(server.url, name) is None):
        return None
    return signed(server, args, kept)

"""Keep who is signed in on this machine: one file that only its owner can read.

You are beside `client`, which signs in and renews. A refresh token works once, so two commands that share a session
must not renew it at the same time: whoever renews holds the lock, looks first whether the other one just did, and
writes what it got before letting go.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from responder_api.cli.trouble import Trouble

FOLDER, FILE = "dharura", "sessions.json"


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a server gave; `ends_at` is when the access token is over, in seconds since 1970 by this machine's clock."""

    access_token: str
    refresh_token: str
    ends_at: float


class _Server(msgspec.Struct, kw_only=True):
    current: str = ""
    sessions: dict[str, Tokens] = {}


class _Saved(msgspec.Struct, kw_only=True):
    servers: dict[str, _Server] = {}


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Say where sessions are kept: in the user's configuration folder (XDG Base Directory)."""
    home = environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".config") / FOLDER / FILE


class Sessions:
    """The file of saved sessions. Servers are named by their address, sessions by the name that signed in."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def current(self, server: str) -> str | None:
        """Give the name that signed in last at a server."""
        return self._read(server).current or None

    def servers(self, name: str | None = None) -> list[str]:
        """Give the addresses of the servers at which somebody is signed in, or this one is."""
        return sorted(
            url for url, kept in self._load().servers.items() if (name in kept.sessions if name else kept.sessions)
        )

    def get(self, server: str, name: str) -> Tokens | None:
        """Give the tokens of a name at a server."""
        return self._read(server).sessions.get(name)

    def put(self, server: str, name: str, tokens: Tokens, *, current: bool = False) -> None:
        """Keep tokens; `current` makes this the name that is meant when none is said."""

        def change(kept: _Server) -> None:
            kept.sessions[name] = tokens
            if current or not kept.current:
                kept.current = name

        self._change(server, change)

    def remove(self, server: str, name: str) -> None:
        """Forget a session."""

        def change(kept: _Server) -> None:
            kept.sessions.pop(name, None)
            if kept.current == name:
                kept.current = next(iter(kept.sessions), "")

        self._change(server, change)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other command from renewing or changing sessions meanwhile."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Trouble(f"Sessions cannot be kept in {self.path.parent}: {error.strerror}.") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self, server: str) -> _Server:
        return self._load().servers.get(server) or _Server()

    def _load(self) -> _Saved:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_Saved)
        except FileNotFoundError:
            return _Saved()
        except (OSError, msgspec.MsgspecError) as error:
            raise Trouble(f"{self.path} cannot be read ({error}): delete it and sign in again.") from error

    def _change(self, server: str, change: Callable[[_Server], None]) -> None:
        """Rewrite the file whole, or not at all. The caller holds the lock."""
        saved = self._load()
        change(saved.servers.setdefault(server, _Server()))
        write_private(self.path, msgspec.json.format(msgspec.json.encode(saved), indent=1))


def write_private(path: Path, data: bytes) -> None:
    """Put a file in place whole, readable by its owner only; Trouble where that cannot be."""
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError as error:
        if name is not None:
            with suppress(OSError):
                Path(name).unlink()
        raise Trouble(f"{path} cannot be written: {error.strerror}.") from error

"""Keep one client's side of the conversation: who it is, and what is due when. No socket, no clock of its own.

You are beside `live`, which asks every second what each session needs and does it. All times are seconds of one
monotonic clock, given as arguments.
"""

import asyncio
import hashlib
from collections import deque
from datetime import datetime
from typing import Any, Final, Literal, Protocol

import msgspec

from responder_api.audience import Viewer
from responder_api.hub import Scope
from responder_api.live_limits import Rhythm

NEVER: Final = float("inf")

Due = Literal["hello-timeout", "expired", "ping", "silent", "heartbeat", "recheck"]


class SignedIn(Protocol):
    """What a token says, once it is believed (`tokens.Claims`)."""

    @property
    def viewer(self) -> Viewer:
        """Who looks."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When the token is over."""
        ...


class Session:
    """One client, from the opened socket to its end."""

    __slots__ = (
        "account",
        "acked",
        "beat_at",
        "catching",
        "check_at",
        "due",
        "expires_at",
        "faults",
        "hello_by",
        "inbox",
        "keys",
        "ping_at",
        "pinged_at",
        "rhythm",
        "scope",
        "signed",
        "socket",
        "welcomed",
        "working",
    )

    def __init__(self, socket: Any, now: float, rhythm: Rhythm) -> None:
        self.socket = socket
        self.rhythm = rhythm
        self.signed: SignedIn | None = None
        self.account = ""
        self.keys: frozenset[str] = frozenset()
        self.scope = Scope()
        self.inbox: deque[tuple[bytes, bool]] | None = None
        self.working: asyncio.Task[None] | None = None
        self.catching: asyncio.Task[None] | None = None
        self.faults = 0
        self.welcomed = False
        self.hello_by = now + rhythm.hello
        self.expires_at = NEVER
        self.check_at = NEVER
        self.beat_at = NEVER
        self.ping_at = now + rhythm.ping
        self.pinged_at: float | None = None
        self.acked: int | None = None
        self.due = 0.0
        self.reckon()

    def reckon(self) -> None:
        """Work out when this session next needs anything."""
        pong_by = NEVER if self.pinged_at is None else self.pinged_at + self.rhythm.pong
        self.due = min(self.hello_by, self.expires_at, self.check_at, self.beat_at, self.ping_at, pong_by)

    def known(self, signed: SignedIn, keys: frozenset[str], now: float, wall: float, roll: float) -> None:
        """Take in who it is; `wall` is seconds since 1970 at `now`, `roll` in [0, 1) spreads the next look."""
        self.signed = signed
        self.account = signed.viewer.account
        self.keys = keys
        self.hello_by = NEVER
        self.expires_at = now + (signed.expires_at.timestamp() - wall)
        self.checked(now, roll)

    def expires_in(self, now: float) -> int:
        """Give how many seconds the token holds."""
        return max(0, round(self.expires_at - now))

    def checked(self, now: float, roll: float) -> None:
        """Plan the next look at the authorisation, spread so that ten thousand are not looked at in one second."""
        self.check_at = now + self.rhythm.recheck * (0.8 + 0.2 * roll)
        self.reckon()

    def live(self, now: float) -> None:
        """Begin the heartbeats."""
        self.beat_at = now + self.rhythm.heartbeat
        self.reckon()

    def pinged(self, now: float, acked: int | None) -> None:
        """Note a ping, and how many bytes the peer had acknowledged by then."""
        self.pinged_at = now
        self.acked = acked
        self.ping_at = NEVER
        self.reckon()

    def heard(self, now: float) -> None:
        """Note that the peer lives, or that it is still taking in what lies before the ping."""
        self.pinged_at = None
        self.ping_at = now + self.rhythm.ping
        self.reckon()

    def needs(self, now: float) -> list[Due]:
        """Say what is due, and plan the next heartbeat. What ends a session comes alone."""
        if now >= self.hello_by:
            return ["hello-timeout"]
        if now >= self.expires_at:
            return ["expired"]
        due: list[Due] = []
        if self.pinged_at is not None and now >= self.pinged_at + self.rhythm.pong:
            due.append("silent")
        if now >= self.ping_at:
            due.append("ping")
        if now >= self.check_at:
            due.append("recheck")
            self.check_at = NEVER
        if now >= self.beat_at:
            due.append("heartbeat")
            self.beat_at = now + self.rhythm.heartbeat
        self.reckon()
        return due


def view_id(keys: frozenset[str], scope: Scope) -> str:
    """Name what a client sees through: the same name as long as it may see, and asks for, the same things."""
    parts = [sorted(keys), scope.kinds and sorted(scope.kinds), scope.areas and sorted(scope.areas)]
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()

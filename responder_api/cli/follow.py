"""Hold the line to `/live`: connect, say hello with the position, and come back whenever it breaks.

You are between `feed`, which knows what frames mean, and the `websockets` package. A line may end for many reasons;
each is either waited out (as long as the server asks, else with a jittered back-off), or a person must know:
`Trouble`.
"""

import random
import re
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, Final, NoReturn, Protocol

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from responder_api.cli.client import Server, Signed, retry_after_s
from responder_api.cli.feed import CaughtUp, Feed, News
from responder_api.cli.trouble import Problem, Trouble, Unreachable, nobody_answers
from responder_api.live_protocol import Close

LARGEST: Final = 64 << 20
"""Bytes a frame may have: a document is as large as what somebody drew into an alert."""
TICK_S: Final = 1.0
BACK_OFF_S: Final = (0.25, 15.0)
"""The first wait's bound and the last's; each is doubled from the one before, and a roll of the dice is waited."""
RENEW_AT: Final = 0.8
"""The share of a token's life after which the next one is fetched."""
RENEW_AGAIN_S: Final = 5.0

_RETRY: Final = re.compile(r"\bretry_after_ms=(\d{1,7})\b")
_WHY: Final[dict[int | None, str]] = {
    Close.RESTART: "the server restarts",
    Close.TRY_LATER: "the server cannot serve us just now",
    Close.INTERNAL: "something went wrong in the server",
    Close.SLOW: "this side was too slow to take what there was",
    Close.TOO_MANY: "this account has too many live views open",
    Close.SILENT: "this side was silent too long",
}


class Shown(Protocol):
    """Where everything goes that happens on the line."""

    def frame(self, text: str, frame: dict[str, Any], news: list[News]) -> None:
        """Take one frame as it came, and what it means."""
        ...

    def note(self, text: str) -> None:
        """Take a word about how the line is."""
        ...

    def tick(self) -> None:
        """Hear that a second passed."""
        ...


class _Away(Exception):
    """The line is gone; come back after so many seconds (None: back off)."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class Follow:
    """One client's line to a server, through all its interruptions."""

    def __init__(
        self,
        signed: Signed,
        feed: Feed,
        shown: Shown,
        *,
        kinds: list[str] | None,
        areas: list[str] | None,
        once: bool,
        roll: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._signed, self._feed, self._shown = signed, feed, shown
        self._kinds, self._areas, self._once = kinds, areas, once
        self._roll, self._monotonic, self._sleep = roll, monotonic, sleep
        self._url = "ws" + signed.server.url.removeprefix("http") + "/live"
        self._welcomed = False
        self._failures = 0
        self._hint_s: float | None = None
        self._lost_at: float | None = None
        self._error: dict[str, Any] = {}
        self._refused = 0
        self._renew_at = 0.0

    def run(self) -> None:
        """Follow until everything is caught up (`once`), or for ever; Trouble when a person must do something."""
        while True:
            try:
                if self._connection():
                    return
            except _Away as away:
                self._wait(away)

    def _connection(self) -> bool:
        """Hold one connection; True when all that was wanted has come."""
        token = self._fresh_token()
        self._error = {}
        with ExitStack() as line:
            socket = self._opened(line)
            try:
                socket.send(msgspec.json.encode(self._feed.hello(token, self._kinds, self._areas)), text=True)
                return self._listen(socket)
            except ConnectionClosed as closed:
                self._closed(closed)

    def _opened(self, line: ExitStack) -> ClientConnection:
        """Open a socket. Only here is an OSError the line's: later it is the screen's or a file's, and not ours."""
        try:
            return line.enter_context(
                connect(
                    self._url,
                    compression=None,
                    proxy=None if self._signed.server.is_here else True,
                    max_size=LARGEST,
                    max_queue=64,
                    close_timeout=2,
                )
            )
        except InvalidStatus as refused:
            self._handshake_refused(refused)
        except (InvalidHandshake, OSError, EOFError) as error:
            if not self._welcomed:
                raise nobody_answers(self._signed.server.url, error, _words(error)) from error
            raise _Away(_words(error)) from error

    def _listen(self, socket: ClientConnection) -> bool:
        while True:
            try:
                text = socket.recv(timeout=TICK_S)
            except TimeoutError:
                text = None
            if text is not None and self._take(socket, str(text)):
                return True
            self._renew_when_due(socket)
            self._shown.tick()

    def _take(self, socket: ClientConnection, text: str) -> bool:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
            news = self._feed.take(frame)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise Trouble(
                f"{self._url} does not speak as this client does ({error!r}): is one of them older?"
            ) from error
        kind = frame.get("type")
        if kind == "welcome":
            self._came_in(socket, frame)
        elif kind == "renewed":
            self._plan_renewal(frame["expires_in_s"])
        elif kind == "error":
            self._error = frame
        self._shown.frame(text, frame, news)
        return self._once and any(isinstance(each, CaughtUp) for each in news)

    # ------------------------------------------------------------------------------------------------ coming and going

    def _came_in(self, socket: ClientConnection, welcome: dict[str, Any]) -> None:
        if self._lost_at is not None:
            self._shown.note(f"back after {self._monotonic() - self._lost_at:.1f} s")
        self._welcomed, self._lost_at, self._failures, self._refused = True, None, 0, 0
        self._hint_s = welcome.get("retry_after_ms", 0) / 1000
        self._plan_renewal(welcome["expires_in_s"])
        if self._feed.position is not None:
            # The answer comes after the server has chosen how to go on, so that we can say which it was at once.
            socket.send('{"type":"ping"}')

    def _wait(self, away: _Away) -> None:
        if self._lost_at is None:
            self._lost_at = self._monotonic()
        wait = away.wait_s
        if wait is None:
            first, most = BACK_OFF_S
            wait = (self._hint_s or 0.0) if not self._failures else 0.0
            wait += min(most, first * 2**self._failures) * self._roll()
        self._failures = min(self._failures + 1, 10)
        if self._failures in (1, 4) or self._failures == 10:
            self._shown.note(f"the line is gone ({away}): coming back in {wait:.1f} s")
        while wait > 0:
            self._sleep(min(wait, TICK_S))
            wait -= TICK_S
            self._shown.tick()

    def _closed(self, closed: ConnectionClosed) -> NoReturn:
        """Judge a close frame, or a line that broke without one."""
        code = closed.rcvd.code if closed.rcvd else None
        reason = closed.rcvd.reason if closed.rcvd else ""
        if code == Close.EXPIRED or code == Close.UNAUTHENTICATED:
            self._sign_in_again(reason)
        if code == Close.BAD_FRAME and self._error.get("code") == "position-in-future":
            self._feed.forget()
            self._shown.note("the server has not come as far as we have been (was it restored?): beginning afresh")
            raise _Away("position-in-future", 0.0)
        if code in (Close.BAD_FRAME, Close.FORBIDDEN):
            said = f"{self._error.get('code') or reason}: {self._error.get('detail', '')}".rstrip(": ")
            raise Trouble(f"The server does not take this: {said}")
        asked = _RETRY.search(reason)
        raise _Away(_WHY.get(code, "the connection broke"), int(asked[1]) / 1000 if asked else None)

    def _sign_in_again(self, reason: str) -> NoReturn:
        self._refused += 1
        if self._refused > 2:
            raise Trouble(f"The server does not believe our token: {reason or 'no reason given'}")
        self._renewed()
        raise _Away("the token was over", 0.0)

    def _handshake_refused(self, refused: InvalidStatus) -> NoReturn:
        answer = refused.response
        with suppress(msgspec.DecodeError):
            document = msgspec.json.decode(answer.body or b"", type=dict[str, Any])
            problem = Problem(answer.status_code, document, retry_after_s(answer.headers))
            if problem.passes:
                raise _Away(str(document.get("title")), self._spread(problem.retry_after_s))
            raise problem
        if answer.status_code >= 500 or answer.status_code in (408, 425, 429):
            raise _Away(f"{answer.status_code} {answer.reason_phrase}", self._spread(retry_after_s(answer.headers)))
        raise Trouble(f"There is no live view at {self._url} ({answer.status_code} {answer.reason_phrase}).")

    def _spread(self, seconds: float | None) -> float | None:
        return None if seconds is None else seconds * (1 + 0.5 * self._roll())

    # --------------------------------------------------------------------------------------------------------- tokens

    def _fresh_token(self) -> str:
        if not self._welcomed:
            return self._signed.token()
        return self._passing(self._signed.token)

    def _renewed(self) -> str:
        return self._passing(self._signed.renew)

    def _passing(self, get: Callable[[], str]) -> str:
        """Get a token; a server that cannot give one just now is waited for like one that cannot be reached."""
        try:
            return get()
        except Unreachable as error:
            raise _Away("nobody answers") from error
        except Problem as problem:
            if not problem.passes:
                raise
            raise _Away(str(problem.document.get("title")), self._spread(problem.retry_after_s)) from problem

    def _plan_renewal(self, expires_in_s: float) -> None:
        self._renew_at = self._monotonic() + max(RENEW_AGAIN_S, RENEW_AT * expires_in_s)

    def _renew_when_due(self, socket: ClientConnection) -> None:
        if self._monotonic() < self._renew_at:
            return
        self._renew_at = self._monotonic() + RENEW_AGAIN_S
        with suppress(_Away):
            # While the old token holds, a server that cannot give a new one is asked again in a moment.
            socket.send(msgspec.json.encode({"type": "token", "token": self._renewed()}), text=True)


def _words(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


def server_now(server: Server) -> float:
    """Give the server's time, as far as we know it, in seconds since 1970."""
    return server.wall() + server.ahead_s

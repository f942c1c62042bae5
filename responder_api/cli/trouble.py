"""What a command cannot get around, as lines for whoever ran it.

You are where `client` and `follow` give up: `reported` prints the message and gives exit code 1. Whatever
can pass by itself (a server that restarts, a socket that was slow) is tried again instead and never becomes one of
these.
"""

import os
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from responder_api.cli.paint import tell


class Trouble(Exception):
    """The message is what the person needs to know, and what to do."""


class Unreachable(Trouble):
    """Nobody answers at the server's address, now."""


def nobody_answers(url: str, error: Exception, why: str = "") -> Trouble:
    """Say that nobody answers at an address and what can be wrong with it, or that its certificate is not believed."""
    believed: BaseException | None = error
    while believed is not None:
        if isinstance(believed, ssl.SSLCertVerificationError):
            return Trouble(
                f"The certificate of {url} is not believed ({believed.verify_message}). Where the authority is your "
                "own, give its certificate: SSL_CERT_FILE=root.crt, or add it to those of this machine."
            )
        believed = believed.__cause__ or believed.__context__
    because = f" ({why})" if why else ""
    return Unreachable(
        f"Nobody answers at {url}{because}. Start the server (make run, or dharura serve), "
        "or say where it is with --server URL."
    )


class Problem(Trouble):
    """The server refused: its problem document (RFC 9457)."""

    def __init__(self, status: int, document: dict[str, Any], retry_after_s: float | None = None) -> None:
        self.status = status
        self.document = document
        self.code = str(document.get("code") or "")
        self.retry_after_s = retry_after_s
        super().__init__(self._told())

    def _told(self) -> str:
        title = str(self.document.get("title") or f"The server answered {self.status}")
        more = [str(self.document.get(name) or "").strip().rstrip(".") for name in ("detail", "next")]
        parts = [f"{title}{f' ({self.code})' if self.code else ''}."]
        parts += [f"{text}." for text in more if text and text != title]
        for error in self.document.get("errors") or ():
            where = error.get("pointer") or error.get("parameter") or ""
            parts.append(f"\n  {where} {error.get('detail', '')}".rstrip())
        if self.retry_after_s is not None:
            parts.append(f"Try again in {self.retry_after_s:g} s.")
        return " ".join(parts)

    @property
    def passes(self) -> bool:
        """Whether the same request may well be taken a little later."""
        return self.status in (408, 425, 429, 500, 502, 503, 504)


def reported(work: Callable[[], int]) -> int:
    """Carry out a command and give its exit code; what it cannot get around is told and gives 1."""
    try:
        return work()
    except Trouble as trouble:
        tell(str(trouble))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has read enough (`| head`). What is still buffered has nowhere to go.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0

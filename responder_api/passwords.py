"""Hash and check passwords with argon2id, off the event loop and only so many at once.

Each hash takes tens of milliseconds and tens of megabytes on purpose, so a flood of logins must queue here and not in
memory: beyond a bound the answer is 429, and nothing else of the server waits.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from responder_api.errors import Refused

Result = TypeVar("Result")

AT_ONCE: Final = 2
MOST_WAITING: Final = 64


class Passwords:
    """argon2id with the parameters of a hasher (RFC 9106's low-memory choice unless told)."""

    def __init__(self, hasher: PasswordHasher | None = None, *, most_waiting: int = MOST_WAITING) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._most_waiting = most_waiting
        self._waiting = 0
        # Checked when there is no account, so that a wrong name takes as long as a wrong password.
        self._nobody = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """Hash a password into the PHC string form that holds its own parameters and salt."""
        return await self._run(lambda: self._hasher.hash(password))

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Tell whether a password fits a hash; False, as slowly, when there is none."""

        def check() -> bool:
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
            return password_hash is not None

        return await self._run(check)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= self._most_waiting:
            raise Refused("too-many-requests", "Too many people are signing in at this moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

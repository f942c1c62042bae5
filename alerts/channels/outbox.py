"""A file in place of a gateway: every message that would have gone out, one JSON object a line.

For drills, demos and places without a gateway: nothing leaves, and everything can be read afterwards.
"""

import asyncio
import errno
import os
from pathlib import Path

import msgspec

from alerts.channels import Message, Receipt


class Outbox:
    """Appends messages to a JSONL file, whole lines only."""

    name = "outbox"

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, message: Message) -> Receipt:
        """Write the message down; failed, worth another attempt, when the file cannot be written."""
        try:
            await asyncio.to_thread(self._append, msgspec.json.encode(message) + b"\n")
        except OSError as error:
            return Receipt(state="failed", detail=f"{self.path.name}: {error.strerror}", retry=True)
        return Receipt(state="sent", provider_id=f"outbox:{message.id}", detail=f"written to {self.path.name}")

    def _append(self, line: bytes) -> None:
        # One write to a file opened for appending: lines of messages sent side by side do not mix.
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            before = os.fstat(file).st_size
            if os.write(file, line) != len(line):
                os.ftruncate(file, before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)

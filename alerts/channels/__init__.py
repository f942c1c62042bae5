"""The port through which messages leave: one message in, one receipt out.

The only package here that touches a network or a file. Adapters: `outbox` (a file of what would have been sent) and
`sms` (Africa's Talking). The caller keeps the ledger of what was sent and decides on another attempt.
"""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

Urgency = Literal["very-low", "low", "normal", "high"]
"""The four of Web Push (RFC 8030); `high` is for what should wake a phone."""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One text for one recipient; `to` is an address of the channel, `language` an ISO 639 code."""

    id: str
    to: str
    text: str
    language: str
    kind: str
    urgency: Urgency = "normal"
    expires: datetime | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the channel did with a message.

    `queued`: the provider has taken it on; `sent`: it went out; `failed`: it certainly did not; `retry` says whether
    another attempt can fare better. `provider_id` is the provider's name for it, under which it reports delivery.
    """

    state: Literal["queued", "sent", "failed"]
    provider_id: str = ""
    detail: str = ""
    retry: bool = False


class Channel(Protocol):
    """A way out of the house."""

    name: str

    async def send(self, message: Message) -> Receipt:
        """Hand over one message and say what became of it.

        A receipt is a certainty. When the message may or may not have gone (the line broke after it was handed over),
        this raises, and the caller decides by what the message is for: a second ask does harm, a second warning little.
        """
        ...

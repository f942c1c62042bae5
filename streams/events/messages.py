"""What leaves the house: one message, one channel, one receipt."""

from datetime import datetime
from typing import Literal

from streams.events.values import Body


class MessageAsked(Body, frozen=True, kw_only=True):
    """A message is to go out; `ask` at most once, anything else at least once (see docs/operations.md)."""

    message: str
    kind: Literal["ask", "stand-down", "warning", "receipt", "answer-refused", "question"]
    channel: Literal["sms", "webpush", "webhook", "email"]
    to: str
    recipient: str
    text: str
    language: str
    about: str
    pages: int = 1
    expires: datetime | None = None


class MessageRecalled(Body, frozen=True, kw_only=True):
    """A message that has not left yet must not leave any more."""

    message: str
    reason: str


class MessageTaken(Body, frozen=True, kw_only=True):
    """A sender is about to hand this message to its channel (written before it does)."""

    message: str
    attempt: int


class MessageSent(Body, frozen=True, kw_only=True):
    """The channel took the message; `provider_id` is its own id for it."""

    message: str
    provider_id: str = ""


class MessageFailed(Body, frozen=True, kw_only=True):
    """The channel refused it, or we cannot know: `retry` says whether it will be tried again."""

    message: str
    code: str
    detail: str = ""
    retry: bool = False


class MessageDelivered(Body, frozen=True, kw_only=True):
    """A device or network confirmed that the message arrived."""

    message: str
    by: str = ""

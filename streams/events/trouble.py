"""Time and trouble: deadlines, and what a step could not take."""

from datetime import datetime

from streams.events.values import Body


class DeadlineSet(Body, frozen=True, kw_only=True):
    """At `due`, `step` wants to hear `DeadlineReached` about `about`."""

    step: str
    name: str
    about: str
    due: datetime


class DeadlineReached(Body, frozen=True, kw_only=True):
    """The time that a step asked for has come."""

    step: str
    name: str
    about: str
    due: datetime


class DeadLettered(Body, frozen=True, kw_only=True):
    """A step could not take an event: the original, the step, a stable code and the reason. Nothing is lost."""

    topic: str
    step: str
    code: str
    detail: str
    original: str
    """The JSON of the event that could not be taken, or the bytes of an input as text with escapes."""
    original_id: str = ""


class DeadLetterReplayed(Body, frozen=True, kw_only=True):
    """An operator gave a dead letter to its step again, as it was or corrected; only that step sees it."""

    letter: str
    step: str
    original: str
    by: str


class DeadLetterDismissed(Body, frozen=True, kw_only=True):
    """An operator looked at a dead letter and nothing is to be done about it, or it was done elsewhere."""

    letter: str
    reason: str
    by: str

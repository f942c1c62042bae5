"""Who works on what: claims at the operators' desk, so that two never do the same thing unaware."""

from datetime import datetime
from typing import Literal

from streams.events.values import Body

Claimable = Literal["report", "incident", "alert"]
"""What can be claimed."""


class ClaimRequested(Body, frozen=True, kw_only=True):
    """An operator wants to work on something, or still works on it; `take_over` even if somebody else does."""

    about: str
    kind: Claimable
    by: str
    by_name: str = ""
    take_over: bool = False


class WorkClaimed(Body, frozen=True, kw_only=True):
    """An operator works on it until then; said again before that, `until` moves on. `taken_from` had it before."""

    about: str
    kind: Claimable
    by: str
    until: datetime
    by_name: str = ""
    taken_from: str = ""
    taken_from_name: str = ""


class ReleaseRequested(Body, frozen=True, kw_only=True):
    """An operator does not work on it any more."""

    about: str
    kind: Claimable
    by: str


class WorkReleased(Body, frozen=True, kw_only=True):
    """Nobody works on it now: what was to be decided is `done`, `by` `left` it, or nothing was heard (`expired`)."""

    about: str
    kind: Claimable
    by: str
    ground: Literal["done", "left", "expired"]

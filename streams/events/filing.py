"""What leaves the live view because it is over; it stays in the log and can still be looked up."""

from datetime import datetime

from streams.events.values import Body


class Filed(Body, frozen=True, kw_only=True):
    """All of this county that was over by `before` is filed away: incidents with their reports and assignments too."""

    before: datetime
    """What was over by then is filed; what happened to it later, as opening it again, counts first."""

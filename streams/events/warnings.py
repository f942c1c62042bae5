"""What the public is told: CAP alerts from draft to passed on."""

from alerts.cap import Alert
from streams.events.gauges import Arrival
from streams.events.values import Body, Hazard, Severity


class AlertDrafted(Body):
    """A CAP alert is ready; it waits for approval where policy wants one."""

    alert: str
    cap: Alert
    wards: tuple[Arrival, ...]
    station: str = ""
    needs_approval: bool = False
    reason: str = ""


class AlertApproved(Body):
    """A person with the right to do so approved a draft."""

    alert: str
    by: str


class AlertRejected(Body):
    """A person with the right to do so refused a draft."""

    alert: str
    by: str
    reason: str


class AlertIssued(Body):
    """A CAP message went out; it never changes. `previous` is the alert that an Update or Cancel follows."""

    alert: str
    cap: Alert
    wards: tuple[Arrival, ...]
    severity: Severity
    hazard: Hazard
    station: str = ""
    previous: str = ""
    approved_by: str = ""


class AlertCancelRequested(Body):
    """An operator asked to withdraw an issued alert."""

    alert: str
    by: str
    reason: str


class AlertExpired(Body):
    """An issued alert passed its `expires` without a follower."""

    alert: str


class WarningPassedOn(Body):
    """A person in a target ward says that the warning was passed on there (baraza, siren, radio, door to door)."""

    alert: str
    ward: str
    by: str
    how: str = ""

"""What the public is told: CAP alerts from draft to passed on."""

from alerts.cap import Alert
from streams.events.gauges import Arrival
from streams.events.values import Body, Hazard, Severity


class AlertDrafted(Body, frozen=True, kw_only=True):
    """A CAP alert is ready; it waits for approval where policy wants one."""

    alert: str
    cap: Alert
    wards: tuple[Arrival, ...]
    station: str = ""
    needs_approval: bool = False
    reason: str = ""


class AlertApproved(Body, frozen=True, kw_only=True):
    """A person with the right to do so approved a draft."""

    alert: str
    by: str


class AlertApprovalOverdue(Body, frozen=True, kw_only=True):
    """A draft waited longer than policy allows: operators of the level above may approve it as well."""

    alert: str


class AlertRejected(Body, frozen=True, kw_only=True):
    """A person with the right to do so refused a draft."""

    alert: str
    by: str
    reason: str


class AlertIssued(Body, frozen=True, kw_only=True):
    """A CAP message went out; it never changes. `previous` is the alert that an Update or Cancel follows."""

    alert: str
    cap: Alert
    wards: tuple[Arrival, ...]
    severity: Severity
    hazard: Hazard
    station: str = ""
    previous: str = ""
    approved_by: str = ""


class WarningAddressed(Body, frozen=True, kw_only=True):
    """An issued alert concerns these wards of one county: its people there are told."""

    alert: str
    cap: Alert
    wards: tuple[Arrival, ...]
    severity: Severity
    hazard: Hazard


class AlertCancelRequested(Body, frozen=True, kw_only=True):
    """An operator asked to withdraw an issued alert."""

    alert: str
    by: str
    reason: str


class AlertExpired(Body, frozen=True, kw_only=True):
    """An issued alert passed its `expires` without a follower."""

    alert: str


class WarningPassedOn(Body, frozen=True, kw_only=True):
    """A person in a target ward says that the warning was passed on there (baraza, siren, radio, door to door)."""

    alert: str
    ward: str
    by: str
    how: str = ""

"""An alert's life: draft, approved, issued, then updated, cancelled or expired.

You are on the river road between a crossing and the message that leaves: `draft` makes an alert that nobody outside
sees, `issue` freezes its identifier and `sent`, and from then on it can only be followed by `update` or `cancel`, which
refer back to it. A `Life` is the whole chain of one warning; its state is a function of what happened to it:

    draft -> approved -> issued -> issued (updated) ... -> cancelled
      |         |           '-> expired
      '-> rejected <-'

Every step gives a new value and leaves the old one alone; a step that the state does not allow is Rejected `alert-over`
or `alert-state`. Next on the road: `alerts.cap_xml` writes what was issued.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from alerts.cap import Alert, Info, Reference, Status, east_africa
from alerts.cap_rules import check
from geo.places import Rejected

State = Literal["draft", "approved", "rejected", "issued", "cancelled", "expired"]
OVER: Final[frozenset[State]] = frozenset({"rejected", "cancelled", "expired"})
"""States that nothing leads out of."""

_DRAFT_IDENTIFIER: Final = "draft"
_SECOND: Final = timedelta(seconds=1)


class Life(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One warning from draft to end. `proposal` is the draft while it waits; `messages` are those issued, oldest first.

    None of the messages ever changes.
    """

    state: State
    proposal: Alert | None = None
    messages: tuple[Alert, ...] = ()
    approved_by: str = ""
    reason: str = ""

    @property
    def current(self) -> Alert | None:
        """Give the newest message that was issued."""
        return self.messages[-1] if self.messages else None


def draft(
    *,
    sender: str,
    at: datetime,
    infos: tuple[Info, ...],
    status: Status = "Actual",
    source: str = "",
    incidents: tuple[str, ...] = (),
    note: str = "",
) -> Life:
    """Propose a first alert for the public, drafted at `at`; Rejected `cap-invalid` when it could not be issued."""
    alert = Alert(
        identifier=_DRAFT_IDENTIFIER,
        sender=sender,
        sent=east_africa(at),
        status=status,
        msg_type="Alert",
        scope="Public",
        source=source,
        incidents=incidents,
        note=note,
        infos=_whole_seconds(infos),
    )
    return Life(state="draft", proposal=check(alert))


def approve(life: Life, *, by: str) -> Life:
    """Let a draft go out; `by` is the person who did."""
    _expect(life, "draft")
    return msgspec.structs.replace(life, state="approved", approved_by=by)


def reject(life: Life, *, reason: str) -> Life:
    """Keep a draft from going out, for good."""
    _expect(life, "draft", "approved")
    return msgspec.structs.replace(life, state="rejected", reason=reason)


def issue(life: Life, *, identifier: str, at: datetime) -> Life:
    """Issue what was drafted: its identifier and `sent` are frozen from here on.

    A draft that needs no approval may be issued at once. Times that lay before `at` only because the draft waited are
    kept; an `expires` that has passed meanwhile is Rejected `cap-invalid`.
    """
    _expect(life, "draft", "approved")
    if life.proposal is None:
        raise Rejected("alert-state", "there is no draft to issue")
    alert = check(msgspec.structs.replace(life.proposal, identifier=identifier, sent=_after(at, None)))
    return msgspec.structs.replace(life, state="issued", proposal=None, messages=(alert,))


def update(life: Life, *, identifier: str, at: datetime, infos: tuple[Info, ...], note: str = "") -> Life:
    """Replace what was issued by a new message that refers to every earlier one."""
    current = _issued(life)
    alert = msgspec.structs.replace(
        current,
        identifier=identifier,
        sent=_after(at, current),
        msg_type="Update",
        references=_chain(life),
        infos=_whole_seconds(infos),
        note=note or (current.note if current.status == "Exercise" else ""),
    )
    return _follow(life, alert, "issued")


def cancel(life: Life, *, identifier: str, at: datetime, reason: str, infos: tuple[Info, ...] | None = None) -> Life:
    """Withdraw what was issued; `reason` goes into the note. Without `infos` the last ones stay, as AllClear.

    Nothing that is over can be cancelled: an expired warning has withdrawn itself.
    """
    current = _issued(life)
    if infos is None:
        infos = tuple(
            msgspec.structs.replace(
                info, response_types=("AllClear",), urgency="Past", expires=_expiry(info, _after(at, current))
            )
            for info in current.infos
        )
    alert = msgspec.structs.replace(
        current,
        identifier=identifier,
        sent=_after(at, current),
        msg_type="Cancel",
        references=_chain(life),
        note=f"{current.note}: {reason}" if current.status == "Exercise" else reason,
        infos=_whole_seconds(infos),
    )
    return msgspec.structs.replace(_follow(life, alert, "cancelled"), reason=reason)


def expire(life: Life, *, at: datetime) -> Life:
    """Mark a warning as expired; Rejected `alert-state` before its `expires`."""
    current = _issued(life)
    if current.expires is None or at < current.expires:
        raise Rejected("alert-state", "the warning has not run out yet")
    return msgspec.structs.replace(life, state="expired")


def _follow(life: Life, alert: Alert, state: State) -> Life:
    if any(alert.identifier == earlier.identifier for earlier in life.messages):
        raise Rejected("alert-state", f"identifier {alert.identifier!r} was issued before; identifiers are used once")
    return msgspec.structs.replace(life, state=state, messages=(*life.messages, check(alert)))


def _chain(life: Life) -> tuple[Reference, ...]:
    return tuple(message.reference for message in life.messages)


def _after(at: datetime, previous: Alert | None) -> datetime:
    """Give `sent` for a message at `at`: whole seconds, later than the message before it whatever the clock says."""
    sent = east_africa(at)
    return sent if previous is None or sent > previous.sent else previous.sent + _SECOND


def _expiry(info: Info, sent: datetime) -> datetime:
    """Keep an expiry that lies ahead; a Cancel of a message about to run out stays readable for an hour."""
    soonest = sent + timedelta(hours=1)
    return soonest if info.expires is None or info.expires < soonest else info.expires


def _whole_seconds(infos: tuple[Info, ...]) -> tuple[Info, ...]:
    def whole(at: datetime | None) -> datetime | None:
        return None if at is None else east_africa(at)

    return tuple(
        msgspec.structs.replace(
            info, effective=whole(info.effective), onset=whole(info.onset), expires=whole(info.expires)
        )
        for info in infos
    )


def _issued(life: Life) -> Alert:
    _expect(life, "issued")
    current = life.current
    if current is None:
        raise Rejected("alert-state", "nothing was issued")
    return current


def _expect(life: Life, *states: State) -> None:
    if life.state in OVER:
        raise Rejected("alert-over", f"the warning is {life.state}; draft a new one")
    if life.state not in states:
        raise Rejected("alert-state", f"the warning is {life.state}, not {' or '.join(states)}")

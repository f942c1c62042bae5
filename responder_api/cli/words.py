"""The small words that lines are made of: who, when, how long, how many, and the number to say over a bad line. Pure.

You are under `wording`, which makes sentences of these.
"""

from datetime import datetime, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID

import msgspec

from responder_api.cli.feed import Value
from responder_api.cli.paint import Paint, clean, plain
from streams.reference import reference

QUOTED: Final = 70
"""Characters shown of what somebody wrote."""


_HAPPENED: Final = (
    "at", "opened_at", "last_at", "closed_at", "offered_at", "seen_at", "answered_at", "enroute_at", "arrived_at",
    "done_at", "drafted_at", "issued_at", "shift_at", "fix_at", "heard_at",
)  # fmt: skip


class View(msgspec.Struct, frozen=True, kw_only=True):
    """How lines are written: the time now (for what counts down), the zone times are shown in, and the colours."""

    now: datetime
    zone: tzinfo | None = None
    paint: Paint = plain


def about(value: Value, view: View) -> str:
    """Say how bad, what and where: `Severe flood in Nyalenda B`."""
    severity = str(value.get("severity") or "Unknown")
    where = value.get("ward_name") or value.get("ward") or "an unknown place"
    return f"{view.paint(severity, severity)} {value.get('hazard') or 'incident'} in {where}"


def number_of(kind: str, id_: str, value: Value) -> str:
    """Give what people call a document: an ask's code, a responder's or station's id, else the short reference."""
    if kind == "assignment" and value.get("code"):
        return str(value["code"])
    if kind in ("responder", "gauge"):
        return str(clean(id_))
    return str(value.get("reference") or short(id_))


def short(id_: Any) -> str:
    """Give the short reference of an id, or the id itself where it is none that has one."""
    try:
        return reference(str(UUID(str(id_))))
    except ValueError:
        return str(clean(str(id_)))


def who(name: Any) -> str:
    """Name somebody; accounts are ids to us, and only people who decide something stand under theirs."""
    try:
        UUID(str(name))
    except ValueError:
        return str(name or "nobody")
    return "an operator"


def because(value: Value, field: str = "reason") -> str:
    """Give the reason, after a colon, where there is one."""
    return f": {value[field]}" if value.get(field) else ""


def count(number: int, what: str) -> str:
    """Count things: `1 ward`, `1,450 wards`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def quote(text: Any) -> str:
    """Quote what somebody wrote, shortened; nothing for nothing."""
    words = " ".join(str(text or "").split())
    return f"“{words[:QUOTED]}{'…' if len(words) > QUOTED else ''}”" if words else ""


def newest(value: Value) -> str:
    """Give the newest time at which something happened to a document, RFC 3339; empty when it has none."""
    return max((str(value[name]) for name in _HAPPENED if value.get(name)), default="")


def when(at: str | None, view: View) -> str:
    """Give the time of something, or of now when it has none."""
    return clock(at, view) if at else f"{view.now.astimezone(view.zone):%H:%M:%S}"


def clock(at: str, view: View) -> str:
    """Write an RFC 3339 time in the viewer's zone, with the day when that is not today."""
    moment, today = datetime.fromisoformat(at).astimezone(view.zone), view.now.astimezone(view.zone).date()
    return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment:%d %b %H:%M:%S}"


def left(deadline: Any, view: View) -> str:
    """Say how long there is to answer."""
    if not deadline:
        return "no deadline"
    rest = datetime.fromisoformat(str(deadline)) - view.now
    return f"{span(rest)} left to answer" if rest > timedelta() else "time is up"


def between(start: Any, end: Any) -> str:
    """Say how long something took; nothing when one of the times is missing."""
    if not start or not end:
        return ""
    return span(datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start)))


def span(length: timedelta) -> str:
    """Write a length of time as minutes and seconds, `3:07`, with hours before them where there are any."""
    seconds = max(0, round(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"

"""Turn facts into what people see: pure, one event at a time.

You are between the log and the read model. `changes` gives the documents that one event makes or alters, given the ones
that stand; `projector` keeps them in the file and writes the feed. A document is a JSON object; its `id` is its own,
its kind one of report, incident, assignment, responder, alert, gauge, message, deadletter. What a document shows is
as much as its audience may know: reporters' numbers stand only in reports, which only operators see.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from streams import events as e
from streams.reference import reference

Value = dict[str, Any]


class Change(NamedTuple):
    """A document as it now is, and who may see it; `new` where this fact is the first word of it."""

    kind: str
    id: str
    value: Value
    audience: tuple[str, ...]
    new: bool = False


Get = Callable[[str, str], tuple[Value, tuple[str, ...]] | None]
"""Gives a standing document (kind, id): its value and audience."""


def changes(event: e.Event, get: Get) -> Iterator[Change]:
    """Give what an event changes; each document at most once."""
    project = _PROJECT.get(type(event.body))
    if project is not None:
        yield from project(event, event.body, get)


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _body(body: e.AnyBody, *without: str) -> Value:
    value: Value = msgspec.to_builtins(body)
    for name in ("type", *without):
        value.pop(name, None)
    return value


def _time(event: e.Event) -> Any:
    return _plain(event.at)


def _with(kind: str, id_: str, get: Get, **news: Any) -> Iterator[Change]:
    standing = get(kind, id_)
    if standing is not None:
        value, audience = standing
        yield Change(kind, id_, {**value, **news}, audience)


# --- reports -----------------------------------------------------------------------------------------------------


def _report_received(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": event.id, "reference": reference(event.id), "state": "received", **_body(body)}
    value |= {"at": _time(event), "seen": _plain(event.seen)}
    yield Change("report", event.id, value, event.audience, new=True)


def _report_located(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("report", body.report)
    before = standing[0] if standing else {"id": body.report, "reference": reference(body.report), "at": _time(event)}
    state = "dismissed" if before.get("state") == "dismissed" else "located"
    news = _body(body, "report", "text") | {"state": state, "code": None, "detail": None, "question": None}
    yield Change("report", body.report, {**before, **news}, event.audience)


def _report_unlocated(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("report", body.report)
    before = standing[0] if standing else {"id": body.report, "reference": reference(body.report), "at": _time(event)}
    yield Change("report", body.report, {**before, **_body(body, "report", "text"), "state": "waiting"}, event.audience)


def _report_repeated(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("report", body.report, get, state="repeated", of=body.of, why=body.why)


def _report_dismissed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("report", body.report, get, state="dismissed", reason=body.reason, dismissed_by=body.by)


# --- incidents ---------------------------------------------------------------------------------------------------


def _incident_opened(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.incident, "state": "open", "reports": 1, **_body(body, "incident", "report")}
    value |= {"opened_at": _time(event), "last_at": _time(event), "asked": 0, "going": 0}
    yield Change("incident", body.incident, value, event.audience, new=True)
    yield from _with("report", body.report, get, incident=body.incident)


def _incident_grew(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("incident", body.incident, get, **_body(body, "incident", "report"), last_at=_time(event))
    if body.report:
        yield from _with("report", body.report, get, incident=body.incident)


def _incident_rescored(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("incident", body.incident, get, **_body(body, "incident"))


def _incident_merged(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("incident", body.incident, get, state="merged", into=body.into, closed_at=_time(event))
    yield from _with("incident", body.into, get, **_body(body, "incident", "into", "by", "reason"))


def _incident_closed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = {"state": "closed", "closed_at": _time(event), "closed_by": body.by, "reason": body.reason}
    yield from _with("incident", body.incident, get, **news)


def _counted(incident: str, get: Get, asked: int, going: int, **news: Any) -> Iterator[Change]:
    standing = get("incident", incident)
    if standing is not None:
        value, audience = standing
        counts = {"asked": value.get("asked", 0) + asked, "going": max(0, value.get("going", 0) + going)}
        yield Change("incident", incident, {**value, **counts, **news}, audience)


# --- assignments -------------------------------------------------------------------------------------------------


def _offered(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.assignment, "state": "offered", **_body(body, "assignment"), "offered_at": _plain(event.seen)}
    yield Change("assignment", body.assignment, value, event.audience, new=True)
    wanting = [need for need in _wanting(body.incident, get) if need != body.need]
    yield from _counted(body.incident, get, 1, 0, exhausted=wanting)


def _wanting(incident: str, get: Get) -> list[str]:
    """Give the needs for which nobody is left to ask."""
    standing = get("incident", incident)
    return list(standing[0].get("exhausted", ())) if standing is not None else []


GOING = ("accepted", "enroute", "arrived")


def _goes(assignment: str, get: Get) -> bool:
    standing = get("assignment", assignment)
    return standing is not None and standing[0].get("state") in GOING


def _answered(state: str) -> Callable[[e.Event, Any, Get], Iterator[Change]]:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        # Somebody who was going may decline after all.
        going = (state in GOING) - _goes(body.assignment, get)
        news = _body(body, "assignment", "incident", "responder", "state")
        yield from _with("assignment", body.assignment, get, **news, state=state, answered_at=_time(event))
        if going:
            yield from _counted(body.incident, get, 0, going)

    return project


def _seen(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("assignment", body.assignment, get, seen_at=_time(event))


def _moved(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("assignment", body.assignment, get, incident=body.incident)
    yield from _counted(body.incident, get, 0, 1)


def _withdrawn(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    went = _goes(body.assignment, get)
    yield from _with(
        "assignment", body.assignment, get, state="withdrawn", reason=body.reason, answered_at=_time(event)
    )
    if went:
        yield from _counted(body.incident, get, 0, -1)


def _progressed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    done = body.state not in GOING and _goes(body.assignment, get)
    news = {"state": body.state, f"{body.state}_at": _time(event), "via": body.via}
    yield from _with("assignment", body.assignment, get, **news)
    if done:
        yield from _counted(body.incident, get, 0, -1)


def _exhausted(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    wanting = _wanting(body.incident, get)
    if body.need not in wanting:
        yield from _with("incident", body.incident, get, exhausted=[*wanting, body.need])


# --- responders, alerts, gauges ----------------------------------------------------------------------------------


def _enrolled(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("responder", body.responder)
    before = standing[0] if standing else {"on_shift": False}
    value = {**before, "id": body.responder, **_body(body, "responder"), "key": event.key}
    yield Change("responder", body.responder, value, event.audience)


def _shift(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with("responder", body.responder, get, on_shift=body.on, shift_at=_time(event))


def _position(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = {"lon": body.lon, "lat": body.lat, "accuracy_m": body.accuracy_m, "fix_at": _time(event)}
    yield from _with("responder", body.responder, get, **news)


def _alert_drafted(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.alert, "state": "draft", **_body(body, "alert", "wards"), "drafted_at": _time(event)}
    value |= {"wards": [_plain(ward) for ward in body.wards], "confirmed": {}, "key": event.key}
    yield Change("alert", body.alert, value, event.audience)


def _alert_issued(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("alert", body.alert)
    before = standing[0] if standing else {"id": body.alert, "confirmed": {}}
    value = {**before, **_body(body, "alert"), "issued_at": _time(event), "key": event.key}
    value["state"] = "cancelled" if body.cap.msg_type == "Cancel" else "issued"
    yield Change("alert", body.alert, value, event.audience)
    if body.previous:
        yield from _with("alert", body.previous, get, state="superseded", followed_by=body.alert)


def _overdue(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("alert", body.alert)
    if standing is not None:
        yield Change("alert", body.alert, {**standing[0], "overdue": True}, event.audience)


def _alert_state(before: str, state: str) -> Callable[[e.Event, Any, Get], Iterator[Change]]:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        standing = get("alert", body.alert)
        # A refusal that crossed an approval refuses nothing any more.
        if standing is not None and standing[0]["state"] == before:
            yield from _with("alert", body.alert, get, state=state, **_body(body, "alert"))

    return project


def _passed_on(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("alert", body.alert)
    if standing is not None:
        value, audience = standing
        word = {"by": body.by, "how": body.how, "at": _time(event)}
        confirmed = {body.ward: word, **value.get("confirmed", {})}
        yield Change("alert", body.alert, {**value, "confirmed": confirmed}, audience)


def _judged(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("gauge", body.station)
    before = standing[0] if standing else {"id": body.station, "flags": []}
    news = _body(body, "station", "flags")
    flags = ([_plain(flag) for flag in body.flags] + before["flags"])[:10]
    if body.level is None:
        news = {name: news[name] for name in ("accepted", "repeated", "late", "flagged") if name in news}
    value = {**before, **news, "flags": flags, "heard_at": _plain(event.seen)}
    yield Change("gauge", body.station, value, event.audience)


def _crossed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("gauge", body.station)
    before = standing[0] if standing else {"id": body.station, "flags": []}
    crossed = {"mark": body.mark, "direction": body.direction, "at": _time(event), "value": body.value}
    news = {"name": body.station_name, "river": body.river, "lon": body.lon, "lat": body.lat, "crossed": crossed}
    yield Change("gauge", body.station, {**before, **news}, event.audience)


# --- messages and dead letters -----------------------------------------------------------------------------------


def _message_asked(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.message, "state": "queued", "attempts": 0, **_body(body, "message"), "at": _time(event)}
    yield Change("message", body.message, value, event.audience, new=True)


def _message(state: str) -> Callable[[e.Event, Any, Get], Iterator[Change]]:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        standing = get("message", body.message)
        if standing is None or (state == "recalled" and standing[0]["state"] != "queued"):
            return
        value, audience = standing
        now = "queued" if state == "failed" and body.retry else state
        news = _body(body, "message", "attempt", "retry") | {"state": now, f"{state}_at": _plain(event.seen)}
        if state == "sending":
            news["attempts"] = body.attempt
        yield Change("message", body.message, {**value, **news}, audience)

    return project


def _dead(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": event.id, **_body(body, "original"), "at": _plain(event.seen), "size": len(body.original)}
    yield Change("deadletter", event.id, {**value, "state": "open"}, event.audience, new=True)


def _replayed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _with(
        "deadletter", body.letter, get, state="replayed", replayed_at=_plain(event.seen), replayed_by=body.by
    )


_PROJECT: dict[type, Callable[[e.Event, Any, Get], Iterator[Change]]] = {
    e.ReportReceived: _report_received,
    e.ReportLocated: _report_located,
    e.ReportUnlocated: _report_unlocated,
    e.ReportRepeated: _report_repeated,
    e.ReportDismissed: _report_dismissed,
    e.IncidentOpened: _incident_opened,
    e.IncidentGrew: _incident_grew,
    e.IncidentRescored: _incident_rescored,
    e.IncidentMerged: _incident_merged,
    e.IncidentClosed: _incident_closed,
    e.AssignmentOffered: _offered,
    e.AssignmentAccepted: _answered("accepted"),
    e.AssignmentDeclined: _answered("declined"),
    e.AssignmentExpired: _answered("expired"),
    e.AssignmentWithdrawn: _withdrawn,
    e.AssignmentProgressed: _progressed,
    e.AssignmentSeen: _seen,
    e.AssignmentMoved: _moved,
    e.DispatchExhausted: _exhausted,
    e.ResponderEnrolled: _enrolled,
    e.ShiftChanged: _shift,
    e.PositionShared: _position,
    e.AlertDrafted: _alert_drafted,
    e.AlertIssued: _alert_issued,
    e.AlertApprovalOverdue: _overdue,
    e.AlertRejected: _alert_state("draft", "rejected"),
    e.AlertExpired: _alert_state("issued", "expired"),
    e.WarningPassedOn: _passed_on,
    e.ReadingsJudged: _judged,
    e.LevelCrossed: _crossed,
    e.MessageAsked: _message_asked,
    e.MessageRecalled: _message("recalled"),
    e.MessageTaken: _message("sending"),
    e.MessageSent: _message("sent"),
    e.MessageFailed: _message("failed"),
    e.MessageDelivered: _message("delivered"),
    e.DeadLettered: _dead,
    e.DeadLetterReplayed: _replayed,
}

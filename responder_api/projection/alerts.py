"""How alerts show: draft, issued, followed by the next, and who passed them on."""

from collections.abc import Iterator
from typing import Any

from alerts.plans import SEVERITIES
from responder_api.projection.change import Change, Get, Project, Projections, altered, fields, plain, time, told
from streams import events as e


def _alert_drafted(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.alert, "state": "draft", **fields(body, "alert", "wards"), "drafted_at": time(event)}
    value |= {"wards": [plain(ward) for ward in body.wards], "key": event.key, "minutes_from": time(event)}
    yield Change("alert", body.alert, value, event.audience)


def _alert_issued(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("alert", body.alert)
    before = dict(standing[0]) if standing else {"id": body.alert}
    before.pop("claim", None)  # from here on the public reads it, and who worked on it is not theirs to know
    value = {**before, **fields(body, "alert"), "issued_at": time(event), "key": event.key}
    value["minutes_from"] = before.get("minutes_from") or _minutes_from(event, body, get)
    value["state"] = "cancelled" if body.cap.msg_type == "Cancel" else "issued"
    yield Change("alert", body.alert, value, event.audience)
    if body.previous:
        yield from altered("alert", body.previous, get, state="superseded", followed_by=body.alert)


def _minutes_from(event: e.Event, body: Any, get: Get) -> Any:
    """Give when the crossing was that an issued alert rests on; one that only goes on, or eases, keeps the first."""
    standing = get("alert", body.previous) if body.previous else None
    if standing is None:
        return time(event)
    before = standing[0]
    graver = SEVERITIES.index(body.severity) > SEVERITIES.index(before.get("severity", "Unknown"))
    return time(event) if graver else before.get("minutes_from") or before.get("issued_at") or time(event)


def _overdue(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("alert", body.alert)
    if standing is not None:
        yield Change("alert", body.alert, {**standing[0], "overdue": True}, event.audience)


def _alert_state(before: str, state: str) -> Project:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        standing = get("alert", body.alert)
        # A refusal that crossed an approval refuses nothing any more.
        if standing is not None and standing[0]["state"] == before:
            yield from altered("alert", body.alert, get, state=state, **fields(body, "alert"))

    return project


def _passed_on(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("alert", body.alert)
    if standing is not None:
        value, audience = standing
        word = told({"by": body.by, "how": body.how, "at": time(event)})
        confirmed = {body.ward: word, **value.get("confirmed", {})}
        yield Change("alert", body.alert, {**value, "confirmed": confirmed}, audience)


PROJECTIONS: Projections = {
    e.AlertDrafted: _alert_drafted,
    e.AlertIssued: _alert_issued,
    e.AlertApprovalOverdue: _overdue,
    e.AlertRejected: _alert_state("draft", "rejected"),
    e.AlertExpired: _alert_state("issued", "expired"),
    e.WarningPassedOn: _passed_on,
}

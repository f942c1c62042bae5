"""What is the public told: a mark that is crossed becomes one CAP alert for the wards downstream, followed to its end.

You are on the river road behind `gauges`. A station has at most one warning alive; it is drafted, approved where policy
wants a person, issued once, then only followed: another severity updates it, all marks cleared cancel it, and one that
would run out while the water is still high is extended. Next: `notify` tells the wards' people; the feed shows it at
once.
"""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from alerts import lifecycle
from alerts.cap import Severity
from alerts.lifecycle import OVER, Life
from alerts.plans import SEVERITIES, worse
from geo.places import Rejected, parents
from streams import bulletins
from streams.events import (
    AlertApprovalOverdue,
    AlertApproved,
    AlertCancelRequested,
    AlertDrafted,
    AlertExpired,
    AlertIssued,
    AlertRejected,
    Arrival,
    CrossingCorrected,
    DeadlineReached,
    DeadlineSet,
    Event,
    Fact,
    LevelCrossed,
    RequestRefused,
    WarningAddressed,
    audience,
    derive,
)
from streams.state import State
from streams.world import World

EXERCISE_NOTE = "Exercise: nothing here is real."


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """The warning of one station: its newest alert, its life, and what it last rested on."""

    station: str
    alert: str
    life: Life
    severity: Severity
    crossed: LevelCrossed
    raised: tuple[str, ...] = ()
    approved_by: str = ""


class Of(msgspec.Struct, frozen=True):
    """Which station an alert belongs to."""

    station: str


def warnings(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Follow every station's warning from draft to end."""
    match event.body:
        case LevelCrossed() as body:
            yield from _crossed(world, state, event, body)
        case CrossingCorrected(now=None) as body:
            yield from _corrected(world, state, event, body)
        case AlertApproved() as body:
            yield from _approved(world, state, event, body)
        case AlertRejected() as body if event.source != "warnings":  # its own were carried out as it said so
            warned = _of(state, body.alert)
            if warned is None or warned.life.state not in ("draft", "approved"):
                yield _refuse(event, body.alert, warned, "draft")
                return
            _keep(state, warned, life=lifecycle.reject(warned.life, reason=body.reason or "refused"))
        case AlertCancelRequested() as body:
            warned = _of(state, body.alert)
            if warned is None or warned.life.state != "issued":
                yield _refuse(event, body.alert, warned, "issued")
                return
            yield from _cancel(world, state, event, warned, body.reason or f"withdrawn by {body.by}")
        case DeadlineReached(step="warnings", name="approval") as body:
            yield from _overdue(state, event, body.about)
        case DeadlineReached(step="warnings", name="expires") as body:
            yield from _ran_out(world, state, event, body.about)
        case _:
            pass


def _crossed(world: World, state: State, event: Event, body: LevelCrossed) -> Iterator[Fact]:
    warned = state.get(f"station/{body.station}", Warned)
    severity = _severity(world, body)
    alive = warned is not None and warned.life.state not in OVER
    if warned is None or not alive:
        if body.direction == "up" and body.wards:
            yield from _draft(world, state, event, body, severity)
        return
    warned = msgspec.structs.replace(warned, raised=body.raised)
    state.put(f"station/{warned.station}", warned)
    if not body.raised:
        yield from _end(world, state, event, warned, "all marks cleared")
    elif warned.life.state == "issued" and severity != warned.severity:
        yield from _update(world, state, event, warned, body, severity)
    elif warned.life.state == "draft" and worse(severity, warned.severity) != warned.severity:
        yield from _draft(world, state, event, body, severity, alert=warned.alert)


def _severity(world: World, body: LevelCrossed) -> Severity:
    gauge = world.stations.get(body.station)
    marks = gauge.station.marks if gauge is not None else ()
    standing = [mark.severity for mark in marks if mark.name in body.raised]
    return max(standing, key=SEVERITIES.index, default=body.severity)


def _draft(
    world: World, state: State, event: Event, body: LevelCrossed, severity: Severity, alert: str = ""
) -> Iterator[Fact]:
    life = lifecycle.draft(
        sender=world.sender,
        at=event.seen,
        infos=bulletins.infos(world, event, body, severity),
        status="Exercise" if world.exercise else "Actual",
        source=f"{body.station_name} gauge",
        note=EXERCISE_NOTE if world.exercise else "",
    )
    alert = alert or derive(event.id, "alert", 0)
    warned = Warned(station=body.station, alert=alert, life=life, severity=severity, crossed=body, raised=body.raised)
    waits = world.plan.needs_approval(event.key, severity, "gauge")
    if life.proposal is None:
        raise Rejected("alert-state", "a draft has a proposal")
    drafted = AlertDrafted(
        alert=alert,
        cap=life.proposal,
        wards=body.wards,
        station=body.station,
        needs_approval=waits,
        reason=f"{body.station_name} {body.direction} over {bulletins.gravest(world, body)}: "
        f"{body.value if body.level is None else body.level:g} {body.unit}",
    )
    yield Fact(body=drafted, audience=audience(event.key, "operator"), versions=_versions(world))
    state.put(f"alert/{alert}", Of(body.station))
    _keep(state, warned)
    if waits:
        due = event.seen + timedelta(seconds=world.plan.approval_for(event.key).wait_s)
        overdue = DeadlineSet(step="warnings", name="approval", about=alert, due=due)
        yield Fact(body=overdue, audience=audience(event.key, "operator"))
        return
    yield from _issue(world, state, event, warned, "")


def _issue(world: World, state: State, event: Event, warned: Warned, by: str) -> Iterator[Fact]:
    life = lifecycle.issue(warned.life, identifier=_identifier(warned.alert), at=event.seen)
    warned = _keep(state, warned, life=life, approved_by=by)
    yield from _told(world, event, warned, previous="")


def _update(
    world: World, state: State, event: Event, warned: Warned, body: LevelCrossed, severity: Severity
) -> Iterator[Fact]:
    alert = derive(event.id, "alert", 0)
    infos = bulletins.infos(world, event, body, severity)
    life = lifecycle.update(warned.life, identifier=_identifier(alert), at=event.seen, infos=infos)
    state.put(f"alert/{alert}", Of(warned.station))
    after = _keep(state, warned, alert=alert, life=life, severity=severity, crossed=body)
    yield from _told(world, event, after, previous=warned.alert)


def _cancel(world: World, state: State, event: Event, warned: Warned, reason: str) -> Iterator[Fact]:
    alert = derive(event.id, "alert", 0)
    life = lifecycle.cancel(warned.life, identifier=_identifier(alert), at=event.seen, reason=reason)
    state.put(f"alert/{alert}", Of(warned.station))
    after = _keep(state, warned, alert=alert, life=life)
    yield from _told(world, event, after, previous=warned.alert)


def _end(world: World, state: State, event: Event, warned: Warned, reason: str) -> Iterator[Fact]:
    if warned.life.state == "issued":
        yield from _cancel(world, state, event, warned, reason)
        return
    _keep(state, warned, life=lifecycle.reject(warned.life, reason=reason))
    rejected = AlertRejected(alert=warned.alert, by="warnings", reason=reason)
    yield Fact(body=rejected, audience=audience(event.key, "operator"))


def _corrected(world: World, state: State, event: Event, body: CrossingCorrected) -> Iterator[Fact]:
    warned = state.get(f"station/{body.station}", Warned)
    if warned is None or warned.life.state in OVER:
        return
    warned = _keep(state, warned, raised=body.raised)
    if not body.raised:
        yield from _end(world, state, event, warned, "the readings were corrected")


def _approved(world: World, state: State, event: Event, body: AlertApproved) -> Iterator[Fact]:
    warned = _of(state, body.alert)
    if warned is None or warned.life.state != "draft":
        yield _refuse(event, body.alert, warned, "draft")
        return
    try:
        approved = msgspec.structs.replace(warned, life=lifecycle.approve(warned.life, by=body.by))
        yield from _issue(world, state, event, approved, body.by)
    except Rejected as error:
        _keep(state, warned, life=lifecycle.reject(warned.life, reason=error.detail))
        rejected = AlertRejected(alert=body.alert, by="warnings", reason=error.detail)
        yield Fact(body=rejected, audience=audience(event.key, "operator"))


def _overdue(state: State, event: Event, alert: str) -> Iterator[Fact]:
    warned = _of(state, alert)
    if warned is not None and warned.life.state == "draft":
        above = next(iter(parents(event.key)), event.key)
        yield Fact(body=AlertApprovalOverdue(alert=alert), audience=audience(above, "operator") + event.audience)


def _ran_out(world: World, state: State, event: Event, alert: str) -> Iterator[Fact]:
    warned = _of(state, alert)
    if warned is None or warned.alert != alert or warned.life.state != "issued":
        return
    if warned.raised:
        yield from _update(world, state, event, warned, warned.crossed, warned.severity)
        return
    _keep(state, warned, life=lifecycle.expire(warned.life, at=event.seen))
    yield Fact(body=AlertExpired(alert=alert), audience=("public",))


def _told(world: World, event: Event, warned: Warned, previous: str) -> Iterator[Fact]:
    cap = warned.life.current
    if cap is None:
        raise Rejected("alert-state", "nothing was issued")
    wards = warned.crossed.wards
    issued = AlertIssued(
        alert=warned.alert,
        cap=cap,
        wards=wards,
        severity=warned.severity,
        hazard="flood",
        station=warned.station,
        previous=previous,
        approved_by=warned.approved_by,
    )
    yield Fact(body=issued, audience=("public",), versions=_versions(world))
    for county in sorted({arrival.ward[:6] for arrival in wards}):
        there: tuple[Arrival, ...] = tuple(arrival for arrival in wards if arrival.ward[:6] == county)
        addressed = WarningAddressed(alert=warned.alert, cap=cap, wards=there, severity=warned.severity, hazard="flood")
        yield Fact(body=addressed, audience=audience(county, "operator"), key=county)
    if cap.expires is not None and cap.msg_type != "Cancel":
        due = DeadlineSet(step="warnings", name="expires", about=warned.alert, due=cap.expires)
        yield Fact(body=due, audience=audience(event.key, "operator"))


def _of(state: State, alert: str) -> Warned | None:
    of = state.get(f"alert/{alert}", Of)
    warned = state.get(f"station/{of.station}", Warned) if of is not None else None
    return warned if warned is not None and warned.alert == alert else None


def _refuse(event: Event, alert: str, warned: Warned | None, wanted: str) -> Fact:
    """Say that a decision came too late; `warned` is None where another message has followed the alert."""
    now = warned.life.state if warned is not None else "followed by another one"
    body = RequestRefused(request=event.id, code="alert-over", detail=f"The alert is {now}, not {wanted}.", about=alert)
    return Fact(body=body, audience=audience(event.key, "operator"))


def _keep(state: State, warned: Warned, **news: object) -> Warned:
    after = msgspec.structs.replace(warned, **news)
    state.put(f"station/{after.station}", after)
    return after


def _identifier(alert: str) -> str:
    return f"urn:uuid:{alert}"


def _versions(world: World) -> dict[str, str]:
    return {"rules": bulletins.RULES, "plan": world.plan.version, "boundaries": world.wards.version}

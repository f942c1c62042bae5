"""How reports show: what was said, where it was placed, and what became of it."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Projections, altered, fields, plain, time
from streams import events as e
from streams.reference import reference


def _report_received(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": event.id, "reference": reference(event.id), "state": "received", **fields(body)}
    value |= {"at": time(event), "seen": plain(event.seen)}
    yield Change("report", event.id, value, event.audience, new=True)


def _report_located(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("report", body.report)
    before = standing[0] if standing else {"id": body.report, "reference": reference(body.report), "at": time(event)}
    state = "dismissed" if before.get("state") == "dismissed" else "located"
    news = fields(body, "report", "text") | {"state": state, "edge_m": body.edge_m, "outside_m": body.outside_m}
    news |= {"code": None, "detail": None, "question": None}
    if standing is not None and _counties(standing[1]) != _counties(event.audience):
        news["claim"] = None  # who worked on it may not even see it any more
    yield Change("report", body.report, {**before, **news}, event.audience)


def _counties(audience: tuple[str, ...]) -> set[str]:
    return {entry.partition(":")[2][:6] for entry in audience}


def _report_unlocated(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("report", body.report)
    before = standing[0] if standing else {"id": body.report, "reference": reference(body.report), "at": time(event)}
    yield Change(
        "report", body.report, {**before, **fields(body, "report", "text"), "state": "waiting"}, event.audience
    )


def _report_repeated(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("report", body.report, get, state="repeated", of=body.of, why=body.why)


def _report_dismissed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("report", body.report, get, state="dismissed", reason=body.reason, dismissed_by=body.by)


def _question_asked(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    asked = {"question": body.question, "by": body.by, "at": time(event)}
    yield from altered("report", body.report, get, asked=asked)


PROJECTIONS: Projections = {
    e.ReportReceived: _report_received,
    e.ReportLocated: _report_located,
    e.ReportUnlocated: _report_unlocated,
    e.ReportRepeated: _report_repeated,
    e.ReportDismissed: _report_dismissed,
    e.QuestionAsked: _question_asked,
}

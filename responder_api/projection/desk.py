"""How claims show: in the report, incident or alert that an operator works on, so that everybody sees it there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from responder_api.projection.change import Change, Get, Projections, altered, plain, time, told
from streams import events as e


def _claimed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    claim = told({"by": body.by, "by_name": body.by_name, "at": time(event), "until": plain(body.until)})
    standing = get(body.kind, body.about)
    before = standing[0].get("claim") if standing is not None else None
    if before is not None and before["by"] == body.by:
        claim["at"] = before["at"]
    yield from altered(body.kind, body.about, get, claim=claim)


def _released(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get(body.kind, body.about)
    claim = standing[0].get("claim") if standing is not None else None
    if claim is None or claim["by"] != body.by:
        return
    # A report that went to another county may have been claimed there since: that claim has a life of its own.
    if body.ground == "expired" and datetime.fromisoformat(claim["until"]) > event.seen:
        return
    yield from altered(body.kind, body.about, get, claim=None)


PROJECTIONS: Projections = {
    e.WorkClaimed: _claimed,
    e.WorkReleased: _released,
}

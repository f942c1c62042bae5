"""The series of a gauge: its readings with what became of each, for the chart.

Next: `views_sqlite.readings` finds the facts, `series` makes of them what is drawn.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from responder_api.audience import Viewer, may_see
from responder_api.auth import viewer_of
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import json_answer, reply
from responder_api.node import Node
from responder_api.series import GaugeSeries, earliest, series
from streams.events import audience

router = APIRouter(tags=["gauges"])

MOST_HOURS = 31 * 24
MOST_FACTS = 10_000
"""Facts that are read for one chart: those of a month of a gauge that reports every ten minutes, read in 50 ms."""


@router.get("/stations/{id_}/series", responses={200: json_answer(GaugeSeries, "Readings, flags, marks, crossings.")})
async def of_station(
    request: Request,
    id_: str,
    viewer: Annotated[Viewer, Depends(viewer_of)],
    hours: Annotated[int, Query(ge=1, le=MOST_HOURS, description="How far back, from now.")] = 24,
) -> Response:
    """Give the readings of a station of your area, with why some were not taken, its marks, and when they were crossed.

    At most 5,000: where there were more, the lowest and the highest of each stretch. `since` is later than asked for
    where a gauge has said more than is read for one chart. Times of readings are in seconds since 1970.
    """
    node = node_of(request)
    known = node.world.stations.get(id_)
    if known is None or not may_see(viewer, audience(known.county, "operator", "responder", "agency")):
        raise Refused("not-found", "There is no station of that id that you can see.")
    return reply(await node.read(_series, node, id_, hours))


def _series(node: Node, id_: str, hours: int) -> GaugeSeries:
    station, until = node.world.stations[id_].station, node.clock()
    since = until - timedelta(hours=hours)
    events = node.views.readings(id_, earliest(station, since), MOST_FACTS)
    if len(events) == MOST_FACTS:
        since = max(since, events[0].seen)
    return series(station, events, since, until)

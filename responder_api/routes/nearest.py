"""What stands near a position: who is on shift, and the hospitals, schools, police stations or markets around.

Next: `responder_api/nearest.py` finds them, `geo.nearby` and `geo.facilities` measure.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from geo.places import check_position, in_kenya_box
from responder_api.audience import Viewer
from responder_api.auth import require
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import json_answer, reply
from responder_api.nearest import RESPONDER, Nearest, kind_meant, nearest_people, nearest_places

router = APIRouter(tags=["operators"])

ANSWER: dict[int | str, dict[str, Any]] = {200: json_answer(Nearest, "The nearest, nearest first.")}


@router.get("/nearest", responses=ANSWER)
async def nearest(
    request: Request,
    viewer: Annotated[Viewer, Depends(require("operator", "admin"))],
    lon: float,
    lat: float,
    kind: Annotated[str, Query(min_length=1, max_length=40, description="`responder`, or a kind of place.")],
    skill: Annotated[str | None, Query(min_length=1, max_length=40, description="Of responders: who has it.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 5,
    within_m: Annotated[float, Query(gt=0, le=2_000_000, description="Farthest, metres.")] = 100_000.0,
) -> Response:
    """Find what of a kind stands nearest to a position, in a straight line: people on shift, or places.

    People are those of your area with a position. Places come from the place names of this node; `kinds` in the answer
    lists what there is besides `responder`, and `known` says how many of that kind, near or not. Whom to send to an
    incident, with all the reasons, is its `/people`.
    """
    node = node_of(request)
    at = check_position(lon, lat)
    if not in_kenya_box(at.lon, at.lat):
        raise Refused("position-outside", "The position lies outside Kenya.")
    kind, known = await node.read(kind_meant, node.world, kind), None
    if kind == RESPONDER:
        items = await node.read(nearest_people, node.views, node.world, viewer, at, skill, limit, within_m)
    else:
        items = await node.read(nearest_places, node.world, kind, at, limit, within_m)
        known = await node.read(node.world.facilities.known, kind)
    kinds = await node.read(lambda: node.world.facilities.kinds)
    return reply(Nearest(items=items, kinds=kinds, known=known))

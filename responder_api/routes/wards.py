"""The wards: as GeoJSON for everybody's tools, and the ward of a point or of words. Maps draw what `routes/maps` gives.

Boundaries change only with an import, so the GeoJSON is made once and has a tag by which a client keeps it.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from geo.answers import RADIUS_M, at_point, of_text
from geo.near import near_point, read_near
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import document_answer, json_answer, reply
from responder_api.located import Located, located
from responder_api.map_layers import LEVELS
from responder_api.prepared import answer

router = APIRouter(tags=["wards"])

MOST_RADIUS_M: Final = 10_000.0


@router.get("/wards", response_class=Response, responses={200: document_answer("application/geo+json")})
async def all_wards(request: Request, level: Annotated[int, Query(ge=0, le=3)] = 1) -> Response:
    """Give all wards as a GeoJSON FeatureCollection, at a level of detail (0 as imported to 3 coarse)."""
    wards = node_of(request).world.wards
    document = await node_of(request).prepared.get(
        f"wards/{level}", lambda: wards.geojson(LEVELS[level].tolerance_deg or None)
    )
    return answer(request, document, "application/geo+json")


@router.get("/stations")
async def stations(request: Request) -> Response:
    """Give every registered station: place, unit, datum, marks, and the wards its water reaches with the minutes."""
    registered = node_of(request).world.stations
    return reply({"items": [registered[id_] for id_ in sorted(registered)]})


@router.get("/locate", responses={200: json_answer(Located, "Which ward it is, with the doubt and the reason.")})
async def locate(
    request: Request,
    lon: float | None = None,
    lat: float | None = None,
    accuracy_m: Annotated[float | None, Query(ge=0, le=100_000)] = None,
    radius_m: Annotated[float, Query(ge=0, le=MOST_RADIUS_M)] = RADIUS_M,
    text: Annotated[str | None, Query(max_length=10_240)] = None,
    near: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Say which ward a position lies in, or which one words mean, as a report from there would get it.

    `accuracy_m` is the position's own error, `radius_m` how far around it other wards are offered. `near` says where
    words are most likely about: an area path, or lon,lat; without it, `lon` and `lat` beside `text` say so. A position
    that cannot be right is refused with the reason.
    """
    world = node_of(request).world
    if text is not None:
        about = None if near is None else read_near(near)
        if near and about is None:
            raise Refused("area-malformed", "Write near as an area path, as KE.042, or as lon,lat.")
        if about is None and lon is not None and lat is not None:
            about = near_point(lon, lat)
        # Ten thousand letters take a tenth of a second: nobody else shall wait for that.
        answer = await node_of(request).read(of_text, world.wards, world.gazetteer, text, about)
    elif lon is None or lat is None:
        raise Refused("position-missing", "Send lon and lat, or text.")
    else:
        answer = at_point(world.wards, lon, lat, radius_m=radius_m, accuracy_m=accuracy_m)
        if answer.refused:
            raise Refused(answer.code, answer.reason)
    return reply(located(answer, approximate=world.wards.approximate))

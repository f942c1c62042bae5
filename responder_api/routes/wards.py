"""The wards: as GeoJSON for everybody's tools, and the ward of a point or of words. Maps draw what `routes/maps` gives.

Boundaries change only with an import, so the GeoJSON is made once and has a tag by which a client keeps it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from geo.places import check_position, in_kenya_box
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import document_answer, reply
from responder_api.map_layers import LEVELS
from responder_api.prepared import answer

router = APIRouter(tags=["wards"])


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


@router.get("/locate")
async def locate(
    request: Request,
    lon: float | None = None,
    lat: float | None = None,
    text: Annotated[str | None, Query(max_length=10_240)] = None,
    near: str | None = None,
) -> Response:
    """Say which ward a position lies in, with its edge distance and candidates; or which wards a text may mean."""
    world = node_of(request).world
    if text is not None:
        return reply(world.gazetteer.resolve(text, near=near))
    if lon is None or lat is None:
        raise Refused("position-missing", "Send lon and lat, or text.")
    check_position(lon, lat)
    if not in_kenya_box(lon, lat):
        raise Refused("position-outside", "The position lies outside Kenya.")
    found = world.wards.at(lon, lat)
    located: dict[str, Any] = {
        "ward": world.wards.ward(found.row) if found.inside else None,
        "inside": found.inside,
        "edge_m": found.edge_m,
        "confidence": found.confidence,
        "candidates": [{"ward": world.wards.ward(row), "distance_m": metres} for row, metres in found.candidates],
        "nearest": None
        if found.nearest is None
        else {"ward": world.wards.ward(found.nearest[0]), "distance_m": found.nearest[1]},
        "boundaries": found.version,
        "approximate": world.wards.approximate,
    }
    return reply(located)

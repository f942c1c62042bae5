"""The wards: as GeoJSON for everybody's tools, as compact arrays for maps, and the ward of a point or of words.

Boundaries change only with an import, so each answer carries the boundary version as its ETag.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from geo.places import check_position, in_kenya_box
from responder_api.compact import compact
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import document_answer, reply

router = APIRouter(tags=["wards"])

LEVELS_DEG = (0.0, 0.0005, 0.002, 0.01)
"""Simplification of each level of detail, degrees; 0 is as imported."""


@router.get("/wards", response_class=Response, responses={200: document_answer("application/geo+json")})
async def wards(request: Request, level: Annotated[int, Query(ge=0, le=3)] = 1) -> Response:
    """Give all wards as a GeoJSON FeatureCollection, at a level of detail (0 as imported to 3 coarse)."""
    return await _cached(request, f"geojson/{level}", "application/geo+json", lambda: _geojson(request, level))


@router.get("/wards/compact")
async def wards_compact(request: Request, level: Annotated[int, Query(ge=0, le=3)] = 2) -> Response:
    """Give all wards as rings of delta-coded integers (see `responder_api.compact`): a tenth of the GeoJSON's size."""
    node = node_of(request)
    return await _cached(
        request, f"compact/{level}", "application/json", lambda: compact(node.world.wards, LEVELS_DEG[level])
    )


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
    answer: dict[str, Any] = {
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
    return reply(answer)


def _geojson(request: Request, level: int) -> Any:
    return node_of(request).world.wards.geojson(LEVELS_DEG[level] or None)


async def _cached(request: Request, name: str, media_type: str, make: Any) -> Response:
    node = node_of(request)
    etag = f'"{node.world.wards.version}-{name}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    data = await node.made_once(name, make)
    headers = {"etag": etag, "cache-control": "public, max-age=60, must-revalidate"}
    return Response(data, media_type=media_type, headers=headers)

"""The wards an area crosses: what somebody drew on a map, or a CAP message from elsewhere, to wards with their shares.

For people who are signed in, as a large area takes seconds: threads of their own measure, and few at once, so that the
rest of the server goes on. Nothing is written down.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from alerts.cap_xml import CONTENT_TYPE as CAP
from geo.areas import Area
from responder_api.audience import Viewer
from responder_api.auth import viewer_of
from responder_api.crossed import CrossedWards, area_of, crossed_by_area, crossed_by_cap, with_facilities
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import decode_json, json_answer, read_bytes, reply
from streams.world import World

router = APIRouter(tags=["wards"])

_THREADS: Final = ThreadPoolExecutor(2, "dharura-areas")
_JSON: Final = ("application/json", "+json")
_XML: Final = (CAP, "application/xml", "text/xml")
_SQUARE: Final = [[34.7, -0.15], [34.8, -0.15], [34.8, -0.05], [34.7, -0.05], [34.7, -0.15]]
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "examples": {
                    "circle": {"value": {"circle": {"lon": 34.75, "lat": -0.1, "radius_m": 1500}}},
                    "polygon": {"value": {"type": "Polygon", "coordinates": [_SQUARE]}},
                },
            },
            "application/geo+json": {"schema": {"type": "object"}},
            CAP: {"schema": {"type": "string"}},
        },
    }
}


@router.post(
    "/wards/crossed",
    responses={200: json_answer(CrossedWards, "The wards, the one with most of the area first.")},
    openapi_extra=_BODY,
)
async def crossed(
    request: Request,
    _: Annotated[Viewer, Depends(viewer_of)],
    min_share: Annotated[float, Query(ge=0.0, le=1.0)] = 0.0,
    *,
    facilities: bool = False,
) -> Response:
    """Say which wards an area crosses and how much of each: GeoJSON, a circle, or a CAP message.

    A ward with less than `min_share` of itself inside is left out. With `facilities=true` the places inside are counted
    by kind and the first hundred listed. A drawing that has no one meaning is refused; a CAP message, which nobody here
    can draw again, is taken as far as it can be understood, and `remarks` says what was assumed.
    """
    node = node_of(request)
    media_type = request.headers.get("content-type", _JSON[0]).partition(";")[0].strip().lower()
    data = await read_bytes(request, node.settings.max_body_bytes)
    if media_type in _XML:
        answer = await _measured(lambda: _of_cap(node.world, data, min_share, facilities=facilities))
    elif media_type.endswith(_JSON):
        sent = decode_json(data, dict[str, Any])
        answer = await _measured(lambda: _of_drawing(node.world, sent, min_share, facilities=facilities))
    else:
        raise Refused("unsupported-media-type", f"Send Content-Type: {_JSON[0]}, or {CAP}.")
    return reply(answer)


async def _measured(make: Callable[[], CrossedWards]) -> CrossedWards:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, make)


def _of_cap(world: World, data: bytes, min_share: float, *, facilities: bool) -> CrossedWards:
    document, area = crossed_by_cap(world.wards, data, min_share=min_share)
    return _with_facilities(document, world, area) if facilities else document


def _of_drawing(world: World, sent: dict[str, Any], min_share: float, *, facilities: bool) -> CrossedWards:
    area = area_of(sent)
    document = crossed_by_area(world.wards, area, min_share=min_share)
    return _with_facilities(document, world, area) if facilities else document


def _with_facilities(document: CrossedWards, world: World, area: Area | None) -> CrossedWards:
    return with_facilities(document, world.facilities, area, world.place_sources)

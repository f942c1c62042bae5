"""What a map needs that does not come over `/live`: areas, rivers, the base map's tiles, and where to begin.

You are beside `wards`, which has the boundaries in everybody's format; here they are as small as a phone wants them.
A document never changes while the node runs. Whoever asks with the `version` of `/map/config` as `v` may keep it for
good: another version has another address. Next: `map_layers` makes, `prepared` keeps.
"""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from responder_api import map_layers, prepared
from responder_api.base_map import readable, tiles
from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.json_body import document_answer, json_answer, reply
from responder_api.node import Node
from responder_api.reference_data import load_rivers

router = APIRouter(tags=["map"])

Version = Annotated[str | None, Query(max_length=100, description="The `version` of /map/config: kept for good.")]


class MapConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where a map begins, and what there is to draw: send `version` along as `v`."""

    version: str
    boundaries: str
    approximate: bool
    basemap: bool
    exercise: bool
    county: str
    county_name: str
    centre: list[float]
    bounds: list[float]
    languages: tuple[str, ...]


@router.get("/map/config", responses={200: json_answer(MapConfig, "Where a map begins.")})
async def config(request: Request) -> Response:
    """Say where a map begins: the county of this server, its box as west, south, east, north, and its languages."""
    node = node_of(request)
    document = await node.prepared.get("map/config", lambda: _config(node))
    begun = msgspec.json.decode(document.data)
    begun |= {"version": await _version(node), "basemap": readable(node.settings.basemap)}
    return reply(begun, headers={"cache-control": "no-cache"})


@router.get("/map/base", response_class=Response, responses={200: document_answer("application/json")})
async def areas(
    request: Request,
    level: Annotated[int, Query(ge=0, le=3, description="0 as imported to 3, the coarsest, without wards.")] = 2,
    area: Annotated[str | None, Query(pattern=r"^KE\.\d{3}$", description="Only this county, as KE.042.")] = None,
    v: Version = None,
) -> Response:
    """Give wards, sub-counties and counties as rings of delta-coded integers, at a level of detail.

    `{version, approximate, level, scale, wards, subcounties, counties}`, each of the three a list of
    `{path, name, rings, label}`. A ring is `[x, y, dx, dy, ...]` in units of 1/scale degrees, longitude first; it is
    closed by its first point, and the rings of an area go together by the even-odd rule. `label` is a point well inside
    the area, in degrees.
    """
    node = node_of(request)
    if area is not None and not node.world.wards.rows_in(area):
        raise Refused("area-unknown", f"There is no {area} in these boundaries.")
    document = await base_layer(node, level, area or "")
    return await _send(request, node, document, v)


@router.get("/map/rivers", response_class=Response, responses={200: document_answer("application/json")})
async def rivers(request: Request, v: Version = None) -> Response:
    """Give the rivers' lines, delta-coded as the areas are, each in the direction in which the water flows.

    `{approximate, scale, rivers: [{name, lines: [{gauge, next, line}]}]}`; a line runs past its gauge to the next.
    """
    node = node_of(request)
    return await _send(request, node, await _rivers(node), v)


@router.api_route("/basemap.pmtiles", methods=["GET", "HEAD"], include_in_schema=False)
async def base_map(request: Request) -> Response:
    """Give a part of the base map's file (DHARURA_BASEMAP), as a PMTiles reader asks for it by Range."""
    return await tiles(request, node_of(request).settings.basemap)


async def base_layer(node: Node, level: int, area: str = "") -> prepared.Document:
    """Give the areas of a level, made at most once."""
    return await node.prepared.get(f"map/base/{level}/{area}", lambda: map_layers.base(node.world.wards, level, area))


async def prepare(node: Node) -> None:
    """Make ahead what the first page will ask for, the coarsest first."""
    for level in (3, 2, 1):
        await base_layer(node, level)


async def _rivers(node: Node) -> prepared.Document:
    return await node.prepared.get("map/rivers", lambda: map_layers.rivers_to_draw(load_rivers(node.settings)))


async def _send(request: Request, node: Node, document: prepared.Document, v: str | None) -> Response:
    cached = prepared.FOR_GOOD if v == await _version(node) else prepared.ASK_EACH_TIME
    return prepared.answer(request, document, "application/json", cached)


async def _version(node: Node) -> str:
    """Name all that is drawn: the wards have a version of their own, the rivers are told by their content."""
    return f"{map_layers.FORMAT}-{node.world.wards.version}-{(await _rivers(node)).etag[1:9]}"


def _config(node: Node) -> dict[str, Any]:
    world, county = node.world, node.settings.county
    # A country-wide server, or one whose county these boundaries do not have, begins with all there is.
    found = county if world.wards.rows_in(county) else ""
    bounds, centre, name = map_layers.extent(world.wards, found)
    return msgspec.structs.asdict(
        MapConfig(
            version="",
            boundaries=world.wards.version,
            approximate=world.wards.approximate,
            basemap=False,
            exercise=world.exercise,
            county=county,
            county_name=name if found.count(".") == 1 else "",
            centre=list(centre),
            bounds=list(bounds),
            languages=world.languages_of(county),
        )
    )

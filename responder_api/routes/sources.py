"""Whom boundaries and place names are owed to: for the line under the map, and for whoever shows them elsewhere.

Licences such as CC BY ask that their makers are named wherever their work is shown. Before this: `reference_data` read
it with the data.
"""

from typing import Final, Literal

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from geo.ogr_files import credit
from responder_api.door import node_of
from responder_api.json_body import json_answer, reply
from streams.world import World

router: Final = APIRouter(tags=["map"])


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One set of reference data: what it is of, its name, its makers as they wish to be named, its licence."""

    of: Literal["boundaries", "places"]
    name: str
    source: str
    licence: str


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is owed to somebody."""

    items: list[Source]


@router.get("/sources", responses={200: json_answer(Sources, "Whom the reference data are owed to.")})
async def sources(request: Request) -> Response:
    """Say whom the boundaries and the place names are owed to, and under which licence; open to everybody."""
    return reply(sources_of(node_of(request).world), headers={"cache-control": "no-cache"})


def sources_of(world: World) -> Sources:
    """List whom a world's boundaries and place names are owed to, so far as their files say."""
    boundaries = Source(of="boundaries", **credit(world.wards.about)._asdict())
    places = [Source(of="places", name=s.name, source=s.source, licence=s.licence) for s in world.place_sources]
    return Sources(items=[boundaries, *places])

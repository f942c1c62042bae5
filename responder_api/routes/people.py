"""People to ask about an incident: whom an operator could send, the best first, each with the reasons."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from geo.places import Rejected
from responder_api.audience import Viewer, may_see
from responder_api.auth import viewer_of
from responder_api.door import node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_answer, reply
from responder_api.people import People, people

router = APIRouter(tags=["operators"])

ANSWER: dict[int | str, dict[str, Any]] = {200: json_answer(People, "People to ask, the best first.")}


@router.get("/incidents/{id_}/people", responses=ANSWER)
async def to_ask(
    request: Request,
    id_: str,
    viewer: Annotated[Viewer, Depends(viewer_of)],
    need: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    """List whom you could send to an incident, ranked as the rules would, with the reasons; for operators of its area.

    `need` is one skill; without it, whoever has any that the incident asks for. Who is on shift comes first; who was
    asked already is among them and marked. `needs` says how many of each skill are wanted, going and asked.
    """
    node = node_of(request)
    incident, _ = await visible(node, "incident", id_, viewer)
    if not may_see(viewer, [entry for entry in incident.audience if entry.startswith("operator:")]):
        raise Refused("forbidden", "Only operators of the area can see whom they could send.")
    found = await node.read(people, node.views, node.world, viewer, incident, need, limit, node.clock())
    if found is None:
        raise Rejected("not-found", "Nobody can be asked about this incident yet.")
    return reply(found)

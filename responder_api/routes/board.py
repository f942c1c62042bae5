"""Show the documents: lists and single ones of every kind, with the one rule of who may see what.

Every read of the API that is not a file or a feed goes through `listing` and `document`, so that no path forgets the
rule. A document that the viewer may not see is answered exactly as one that does not exist.
"""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from responder_api.audience import Viewer, is_area, keys_of, may_see
from responder_api.auth import viewer_of
from responder_api.door import node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_answer, reply

router = APIRouter(tags=["board"])

KINDS = {
    "incidents": "incident",
    "assignments": "assignment",
    "reports": "report",
    "responders": "responder",
    "presences": "presence",
    "gauges": "gauge",
    "messages": "message",
}
MOST = 1000


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list: `next` is the `after` of the page that follows, `position` where the feed stood."""

    items: list[dict[str, Any]]
    next: str | None
    position: str


PAGE: dict[int | str, dict[str, Any]] = {200: json_answer(Page, "A page of documents, by id.")}


async def listing(
    request: Request,
    kind: str,
    viewer: Viewer,
    area: str | None,
    state: str | None,
    after: str | None,
    limit: int,
    *,
    filed: bool = False,
) -> Response:
    """Answer a page of documents of one kind, live or filed; `next` is the `after` of the page that follows."""
    if area is not None and not is_area(area):
        raise Refused(
            "area-malformed", "Write an area path, as KE.042.", errors=[{"detail": "area", "parameter": "area"}]
        )
    node = node_of(request)
    areas = frozenset({area}) if area else None
    keys = frozenset(keys_of(viewer))
    items: list[msgspec.Raw] = []
    while True:
        found = await node.read(node.views.find, kind, keys, areas=areas, after=after, limit=limit, filed=filed)
        for document in found:
            after = document.id
            if state is None or msgspec.json.decode(document.data).get("state") == state:
                items.append(msgspec.Raw(document.data))
            if len(items) == limit:
                break
        if len(found) < limit or len(items) == limit:
            break
    more = after if len(items) == limit else None
    return reply({"items": items, "next": more, "position": str(await node.read(node.views.position))})


def _list_route(path: str, kind: str) -> None:
    @router.get(f"/{path}", name=f"list {path}", responses=PAGE)
    async def many(
        request: Request,
        viewer: Annotated[Viewer, Depends(viewer_of)],
        area: str | None = None,
        state: str | None = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
        *,
        filed: bool = False,
    ) -> Response:
        return await listing(request, kind, viewer, area, state, after, limit, filed=filed)

    @router.get(f"/{path}/{{id_}}", name=f"one of {path}")
    async def one(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
        document, _ = await visible(node_of(request), kind, id_, viewer)
        return reply(msgspec.Raw(document.data))

    many.__doc__ = (
        f"List {path} that you may see, by id; `area` and `state` narrow.\n\n"
        "What was over for a day is filed away: `filed=true` lists that instead of what is live."
    )
    one.__doc__ = f"Give one of the {path}."


for _path, _kind in KINDS.items():
    _list_route(_path, _kind)


@router.get("/incidents/{id_}/history")
async def history(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Give every fact about an incident, its reports and its assignments, in the order they were written.

    Each has its cause, the step and the versions that made it: this is the answer to *why*. Facts that the viewer may
    not see are left out and counted.
    """
    node = node_of(request)
    await visible(node, "incident", id_, viewer)
    events = await node.read(node.views.history, id_)
    shown = [event for event in events if may_see(viewer, event.audience)]
    answer: dict[str, Any] = {"items": shown, "hidden": len(events) - len(shown)}
    return reply(answer)

"""Claims: an operator says that they work on something, so that no other begins the same; it runs out by itself.

A page that has something open claims it, says so again every few minutes, and releases it when it is put away.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from responder_api.audience import Viewer, holds
from responder_api.auth import viewer_of
from responder_api.decisions import acting_area, carried_out, operator_area, ours, standing
from responder_api.desk import held_by_another
from responder_api.door import node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_body, read_optional_json
from responder_api.node import Node
from streams.events import Claimable, ClaimRequested, ReleaseRequested

router = APIRouter(tags=["operators"])

KINDS: dict[str, Claimable] = {"reports": "report", "incidents": "incident", "alerts": "alert"}
WORK = {"report": ("received", "waiting", "located"), "incident": ("open",), "alert": ("draft",)}
"""In which states there is anything to work on. An issued alert is everybody's to read, who works on it is not."""


class Claiming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to take it from another operator who works on it."""

    take_over: bool = False


def _routes(path: str, kind: Claimable) -> None:
    @router.post(
        f"/{path}/{{id_}}/claim",
        status_code=202,
        openapi_extra=json_body(Claiming, required=False),
        name=f"claim {path}",
    )
    async def claim(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
        node = node_of(request)
        sent = await read_optional_json(request, Claiming, Claiming())
        area = await _area(node, viewer, kind, id_)
        account = await node.accounts.get(viewer.account)
        body = ClaimRequested(
            about=id_,
            kind=kind,
            by=viewer.account,
            by_name=account.display_name if account is not None else "",
            take_over=sent.take_over,
        )
        event = await carried_out(node, body, area)
        if await _over(node, kind, id_):
            # It was decided between our look and the claim: nothing would end the claim but its time.
            await carried_out(node, ReleaseRequested(about=id_, kind=kind, by=viewer.account), area)
            raise Refused("conflict", f"The {kind} was decided just now: there is nothing to work on any more.")
        return await standing(node, event, kind, id_)

    @router.delete(f"/{path}/{{id_}}/claim", status_code=202, name=f"release {path}")
    async def release(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
        node = node_of(request)
        area = await _area(node, viewer, kind, id_, over=True)
        body = ReleaseRequested(about=id_, kind=kind, by=viewer.account)
        return await standing(node, await carried_out(node, body, area), kind, id_)

    claim.__doc__ = (
        f"Say that you work on {_one(kind)}, or still do: it is yours for five minutes.\n\n"
        "While somebody else has it, this is refused with `claimed`, unless `take_over` is true. The body may be left "
        "out. The answer is the document, whose `claim` says who has it and until when."
    )
    release.__doc__ = f"Say that you do not work on {_one(kind)} any more; no harm if you did not."


def _one(kind: str) -> str:
    return f"{'an' if kind[0] in 'ai' else 'a'} {kind}"


for _path, _kind in KINDS.items():
    _routes(_path, _kind)


async def _over(node: Node, kind: Claimable, id_: str) -> bool:
    document = await node.read(node.views.get, kind, id_)
    return document is None or msgspec.json.decode(document.data)["state"] not in WORK[kind]


async def _area(node: Node, viewer: Viewer, kind: Claimable, id_: str, *, over: bool = False) -> str:
    """Give the area that a document's claim belongs to.

    Refused `forbidden` for who is no operator there, `conflict` where there is nothing to decide any more (unless
    `over`), `claimed` where somebody else's claim would be released.
    """
    document, value = await visible(node, kind, id_, viewer)
    ours(value)
    if kind == "alert":
        area: str = value["key"]
        if not holds(viewer, "operator", area):
            raise Refused("forbidden", "Only an operator of the county can decide this.")
    elif kind == "incident":
        area = acting_area(viewer, value)
    else:
        area = operator_area(viewer, document.audience)
    if over:
        held = held_by_another(value, viewer.account, node.clock())
        if held is not None:
            raise Refused("claimed", held)
    elif value["state"] not in WORK[kind]:
        raise Refused("conflict", f"The {kind} is {value['state']}: it cannot be claimed any more.")
    return area

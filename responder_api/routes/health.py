"""How the system is: `/healthz` (it lives), `/readyz` (it can take work), `/health/feeds` (what moves), `/metrics`."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from responder_api.audience import Viewer, may_see
from responder_api.auth import require
from responder_api.door import node_of
from responder_api.errors import problem
from responder_api.feed_health import Feed
from responder_api.json_body import document_answer, json_answer, reply
from streams.events import audience

router = APIRouter(tags=["health"])


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How every feed is, by the server's clock."""

    at: datetime
    items: list[Feed]


@router.get("/healthz")
async def healthz() -> Response:
    """Say that the process lives."""
    return reply({"status": "ok"})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Say whether work can be taken, and what stands in the way."""
    node = node_of(request)
    trouble = node.host.trouble
    if trouble is not None:
        return problem(trouble.code, str(trouble))
    return reply({"status": "ready", **await node.readiness()})


@router.get("/health/feeds", responses={200: json_answer(FeedHealth, "How every feed is.")})
async def feeds(request: Request, viewer: Annotated[Viewer, Depends(require("operator", "admin"))]) -> Response:
    """Say of everything that should be moving whether it does: intake, gauges of your area, steps, messages, disk.

    Each has a state: ok, late, silent, failing or unknown. It is looked at afresh every two seconds at most.
    """
    node = node_of(request)
    found = await node.feeds.now(node)
    items = [each for each in found if each.county is None or may_see(viewer, audience(each.county, "operator"))]
    return reply(FeedHealth(at=node.clock(), items=items))


@router.get("/metrics", response_class=Response, responses={200: document_answer("text/plain")})
async def metrics(request: Request) -> Response:
    """Give the metrics in Prometheus' text format."""
    node = node_of(request)
    data = await node.read(lambda: generate_latest(node.metrics))
    return Response(data, media_type=CONTENT_TYPE_LATEST)

"""How the system is: `/healthz` (the process lives), `/readyz` (it can take work), `/metrics` (Prometheus)."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from responder_api.door import node_of
from responder_api.errors import problem
from responder_api.json_body import document_answer, reply

router = APIRouter(tags=["health"])


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
    state = {
        "status": "ready",
        "epoch": node.host.epoch,
        "boundaries": node.world.wards.version,
        "approximate": node.world.wards.approximate,
        "clock_offset_s": round(node.clock_offset_s(), 3),
        "demo": node.demo,
    }
    return reply(state)


@router.get("/metrics", response_class=Response, responses={200: document_answer("text/plain")})
async def metrics(request: Request) -> Response:
    """Give the metrics in Prometheus' text format."""
    node = node_of(request)
    data = await node.read(lambda: generate_latest(node.metrics))
    return Response(data, media_type=CONTENT_TYPE_LATEST)

"""HTTP in front of a node: the application that uvicorn serves."""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from responder_api import errors
from responder_api.limits import Limits
from responder_api.node import Node
from responder_api.routes import (
    accounts,
    alerts,
    assignments,
    board,
    claims,
    crossed,
    deadletters,
    gauges,
    health,
    incidents,
    intake,
    maps,
    nearest,
    pages,
    people,
    questions,
    reference,
    reports,
    sessions,
    setup,
    sources,
    wards,
)

ABOUT = """Dharura takes in what citizens, officers and sensors report, and gets it to whoever must act.

Sign in at `POST /sessions` and send the token as `Authorization: Bearer`. Every refusal is a problem document; its
`code` is one of docs/errors.md. What changes is told at once over the WebSocket `/live` (docs/live.md)."""


async def area_of_person(node: Node, person: str) -> str | None:
    """Give the home area of a responder on the list, or None."""
    document = await node.read(node.views.get, "responder", person)
    return None if document is None else msgspec.json.decode(document.data)["home"]


def create_app(node: Node) -> FastAPI:
    """Make the application of a node; starting and stopping the application starts and stops the node."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await node.start()
        yield
        await node.stop()

    app = FastAPIOffline(
        title="Dharura", description=ABOUT, version="0.1.0", lifespan=lifespan, responses=errors.PROBLEM_RESPONSES
    )
    app.state.node, app.state.exercise = node, node.world.exercise
    app.state.settings, app.state.auth, app.state.accounts = node.settings, node.auth, node.accounts
    app.state.area_of_person = lambda person: area_of_person(node, person)
    errors.install(app)
    for module in (
        intake,
        reports,
        incidents,
        assignments,
        board,
        claims,
        people,
        nearest,
        questions,
        alerts,
        wards,
        crossed,
        gauges,
        maps,
        sources,
        deadletters,
        sessions,
        accounts,
        health,
        reference,
        setup,
        pages,
    ):
        _summarised(module.router)
        app.include_router(module.router)
    app.add_middleware(Limits, max_body_bytes=node.settings.max_body_bytes, body_seconds=node.settings.body_seconds)
    if node.settings.allowed_origins:
        # Around everything, so that a page of an allowed origin can also read why it was refused.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=node.settings.allowed_origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=("authorization", "content-type", "if-match", "if-none-match"),
            expose_headers=("etag", "location", "retry-after", "x-request-id"),
        )
    return app


def _summarised(router: APIRouter) -> None:
    """Let the page of the API show what each route does, not what its function is called."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            route.summary = (inspect.getdoc(route.endpoint) or route.name).partition("\n")[0].rstrip(".")

"""The real application in this process: every route, every step, one data folder for each test."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import structlog
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from responder_api.accounts import Account, Grant
from responder_api.app import create_app
from responder_api.limits import protocol
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.wiring_embedded import EmbeddedNode as Node
from responder_api.wiring_embedded import build
from streams.world import World

PASSWORD = "kwa-majaribio-tu"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class Door:
    """The application and a client of it; whom it stands for is said by name."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.app: FastAPI = create_app(node)
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://door")
        self._tokens: dict[str, str] = {}

    async def account(self, name: str, *grants: tuple[str, str], person: str | None = None) -> Account:
        """Make an account, or change one."""
        now = datetime.now(UTC)
        held = tuple(Grant(role=role, area=area) for role, area in grants)  # type: ignore[arg-type]  # roles by name
        account = Account(
            id=f"id-{name}", name=name, display_name=name, roles=held, person=person, created_at=now, changed_at=now
        )
        return await self.node.accounts.change(account.id, lambda _before, _everybody: account, _QUICK)

    async def person(self, name: str, *grants: tuple[str, str], person: str | None = None) -> str:
        """Make an account and sign it in, past the throttle; give its name."""
        account = await self.account(name, *grants, person=person)
        self._tokens[name] = (await self.node.auth._begin(account)).access_token
        return name

    def token(self, name: str) -> str:
        return self._tokens[name]

    def headers(self, name: str | None) -> dict[str, str]:
        return {} if name is None else {"authorization": f"Bearer {self._tokens[name]}"}

    async def ask(self, method: str, path: str, name: str | None = None, **sent: Any) -> httpx.Response:
        """Ask as somebody; whatever comes back is an answer of ours in its right shape."""
        headers = {**self.headers(name), **sent.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **sent)
        well_formed(answer)
        return answer

    async def settle(self) -> None:
        """Wait until everything that came in has become what it becomes, and can be read."""
        await self.node.host.settle()
        assert await self.node.tail.reached(self.node.host.end(), 3600.0)

    async def documents(self, kind: str) -> list[dict[str, Any]]:
        """Give every document of a kind, whoever it is for."""
        await self.settle()
        keys = frozenset({f"{role}:KE" for role in ("operator", "responder", "agency")} | {"public"})
        found = await self.node.read(lambda: self.node.views.find(kind, keys, limit=100_000))
        return [msgspec.json.decode(document.data) for document in found]

    async def still_works(self) -> None:
        """Prove that nothing is stuck: a good report still becomes an incident."""
        body = {"text": "flood, people on roofs", "hazard": "flood", "lon": 34.7617, "lat": -0.0917}
        answer = await self.ask("POST", "/intake/reports", json=body)
        assert answer.status_code == 202, answer.text
        report = {each["id"]: each for each in await self.documents("report")}[answer.json()["id"]]
        assert report["state"] == "located"
        assert report["incident"] in {each["id"] for each in await self.documents("incident")}


@asynccontextmanager
async def listening(door: Door) -> AsyncIterator[str]:
    """Let a running door listen on a port of its own too, for `/live`; gives its WebSocket address."""
    config = uvicorn.Config(door.app, ws=door.node.live.protocol(), http=protocol(), lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0))
    await server.startup([listener])
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await server.shutdown([listener])


def well_formed(answer: httpx.Response) -> None:
    """Check what holds for every answer: no failure of ours, and a problem document for every refusal."""
    assert answer.status_code < 500, (answer.request.url, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = json.loads(answer.content.decode("utf-8", "strict"))
        assert problem["status"] == answer.status_code
        assert problem["code"]
        assert problem["detail"]


@pytest.fixture(scope="session")
def world() -> World:
    return load_world(Settings(data=Path("nowhere")))


@pytest.fixture
async def door(tmp_path: Path, world: World, request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    """A door on an empty folder; `@pytest.mark.parametrize("door", [{...}], indirect=True)` gives it other settings."""
    settings = Settings(**{"data": tmp_path / "data", **getattr(request, "param", {})})
    made = Door(build(settings, world))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(made.app.router.lifespan_context(made.app))
        await stack.enter_async_context(made.client)
        yield made


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """What the server logs is not part of a test's output."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()

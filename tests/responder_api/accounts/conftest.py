"""A door of nothing but accounts: the real routes, the real store, argon2 at its cheapest, and a clock that is told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI

from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.audience import Viewer
from responder_api.auth import intake_viewer, require, viewer_of
from responder_api.errors import install
from responder_api.identity import Auth
from responder_api.limits import Limits
from responder_api.passwords import Passwords
from responder_api.routes import accounts as accounts_routes
from responder_api.routes import sessions as sessions_routes
from responder_api.settings import Settings
from responder_api.throttle import OwnThrottle

PASSWORD = "kiboko anaogelea usiku"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """Time as it is told: UTC, and monotonic seconds."""

    now: datetime = field(default_factory=lambda: datetime(2026, 4, 26, 6, 0, tzinfo=UTC))
    seconds: float = 1000.0

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)
        self.seconds += timedelta(**by).total_seconds()


@dataclass
class Door:
    """An application over one file, and what a test needs to drive it."""

    app: FastAPI
    client: httpx.AsyncClient
    store: SqliteAccounts
    auth: Auth
    clock: Clock

    async def begin(self) -> dict[str, Any]:
        """Make the country's administrator through the set-up link."""
        body = {
            "token": await self.auth.open_setup(),
            "name": "root",
            "display_name": "First",
            "password": PASSWORD,
        }
        return self._tokens(await self.client.post("/setup", json=body))

    async def make(self, by: str, name: str, *roles: str, **more: Any) -> dict[str, Any]:
        """Make an account with roles written role@area."""
        body = {"name": name, "display_name": name, "password": PASSWORD, "roles": grants(*roles), **more}
        response = await self.client.post("/accounts", json=body, headers=bearer(by))
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def sign_in(self, name: str, password: str = PASSWORD) -> dict[str, Any]:
        return self._tokens(await self.client.post("/sessions", json={"name": name, "password": password}))

    async def token(self, name: str) -> str:
        return str((await self.sign_in(name))["access_token"])

    def _tokens(self, response: httpx.Response) -> dict[str, Any]:
        assert response.status_code == 201, response.text
        return dict(response.json())


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def grants(*roles: str) -> list[dict[str, str]]:
    return [dict(zip(("role", "area"), role.split("@"), strict=True)) for role in roles]


def door_app(settings: Settings) -> FastAPI:
    app = FastAPI()
    install(app)
    app.add_middleware(Limits, max_body_bytes=settings.max_body_bytes, body_seconds=settings.body_seconds)
    app.include_router(sessions_routes.router)
    app.include_router(accounts_routes.router)
    app.state.settings, app.state.exercise = settings, False

    @app.get("/who")
    async def who(viewer: Annotated[Viewer, Depends(viewer_of)]) -> str:
        return viewer.account

    @app.get("/operators")
    async def operators(viewer: Annotated[Viewer, Depends(require("operator"))]) -> str:
        return viewer.account

    @app.get("/kisumu")
    async def kisumu(viewer: Annotated[Viewer, Depends(require("operator", "admin", area="KE.042"))]) -> str:
        return viewer.account

    @app.post("/intake")
    async def intake(viewer: Annotated[Viewer, Depends(intake_viewer)]) -> str:
        return viewer.account

    return app


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    clock = Clock()
    settings = Settings()
    store = SqliteAccounts(tmp_path / "dharura.sqlite3")
    passwords = Passwords(CHEAP)
    auth = Auth(
        accounts=store,
        sessions=store,
        keys=store,
        passwords=passwords,
        settings=settings,
        clock=lambda: clock.now,
        throttle=OwnThrottle(lambda: clock.seconds),
    )
    await auth.start()
    app = door_app(settings)
    app.state.accounts, app.state.auth = store, auth
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        yield Door(app, client, store, auth, clock)
    passwords.close()
    store.close()

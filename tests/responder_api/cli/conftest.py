"""A whole Dharura in a thread, the terminal client beside it: real socket, real log, real accounts, nothing played."""

import argparse
import asyncio
import queue
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
import structlog
import uvicorn

from responder_api.accounts import Account, Grant
from responder_api.app import create_app
from responder_api.audience import Viewer, keys, keys_of
from responder_api.cli import login, send, watch
from responder_api.cli.client import Server, Signed, sign_in
from responder_api.cli.feed import Feed, News
from responder_api.cli.follow import Follow
from responder_api.hub import Scope, areas_of
from responder_api.limits import protocol
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.views import Frame
from responder_api.wiring_embedded import EmbeddedNode as Node
from responder_api.wiring_embedded import build
from streams.world import World

T = TypeVar("T")

PASSWORD = "kiboko anaogelea usiku"
OPERATOR = Viewer(account="id-amina", grants=frozenset({("operator", "KE.042")}))


class House:
    """A running server on one port and one data folder; it can be stopped and started again."""

    def __init__(self, data: Path, world: World) -> None:
        self.settings = Settings(data=data)
        self.world = world
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.node: Node | None = None

    def start(self) -> None:
        self._ready, self._up = threading.Event(), False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait()
        assert self._up, "the server did not start; its thread says why"

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()

    async def _serve(self) -> None:
        try:
            self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
            self.node = node = build(self.settings, self.world)
            config = uvicorn.Config(create_app(node), ws=node.live.protocol(), http=protocol(), log_config=None)
            config.load()
            server = uvicorn.Server(config)
            server.lifespan = config.lifespan_class(config)
            listener = socket.create_server(("127.0.0.1", self.port))
            await server.startup([listener])
            self._up = True
            self._ready.set()
            await self._over.wait()
            await server.shutdown([listener])
        finally:
            self._ready.set()

    def inside(self, work: Callable[[Node], Coroutine[Any, Any, T]]) -> T:
        """Do something on the server's own loop."""
        assert self.node is not None
        return asyncio.run_coroutine_threadsafe(work(self.node), self._loop).result()

    def account(self, name: str, *grants: tuple[str, str], person: str | None = None) -> None:
        """Make an account, or change one, with the password that all have."""

        async def make(node: Node) -> None:
            now = datetime.now(UTC)
            account = Account(
                id=f"id-{name}",
                name=name,
                display_name=name.title(),
                roles=tuple(Grant(role=role, area=area) for role, area in grants),  # type: ignore[arg-type]
                person=person,
                created_at=now,
                changed_at=now,
            )
            hashed = await node.auth.hash_password(PASSWORD, name)
            await node.accounts.change(account.id, lambda _before, _everybody: account, hashed)

        self.inside(make)

    def report(self, number: int, lon: float = 34.7617, lat: float = -0.0917) -> None:
        """Report a flood; the same number twice is the same report."""
        body = {"text": f"water everywhere {number}", "lon": lon, "lat": lat, "hazard": "flood"}
        answer = httpx.post(f"{self.url}/intake/reports", json=body | {"idempotency_key": str(number)}, trust_env=False)
        assert answer.status_code == 202, answer.text

    def settle(self) -> None:
        """Wait until everything that came in has become what it becomes, and can be read."""

        async def wait(node: Node) -> None:
            end = -1
            while end != node.host.end():
                end = node.host.end()
                await node.tail.reached(end, 3600.0)

        self.inside(wait)

    def feed(self, viewer: Viewer = OPERATOR, scope: Scope | None = None) -> list[Frame]:
        """Everything that ever stood in the feed for a viewer, in order, as the store has it."""

        async def read(node: Node) -> list[Frame]:
            return await node.read(node.views.replay, 0, 1_000_000)

        scope, mine = scope or Scope(), frozenset(keys_of(viewer))
        return [
            frame
            for frame in self.inside(read)
            if mine & keys(frame.audience)
            and scope.admits(frame.kind, areas_of(frame.audience), any(k in mine for k in frame.audience))
        ]

    def ask(self, method: str, path: str, name: str = "amina", **sent: Any) -> Any:
        """Ask the server something as somebody."""
        with Server(self.url) as server:
            tokens = sign_in(server, name, PASSWORD)
            return server.ask(method, path, token=tokens.access_token, **sent)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def world() -> World:
    return load_world(Settings())


@pytest.fixture
def house(tmp_path: Path, world: World) -> Iterator[House]:
    made = House(tmp_path / "data", world)
    made.start()
    try:
        made.account("amina", ("operator", "KE.042"))
        yield made
    finally:
        made.stop()


class Enough(Exception):
    """The watcher has seen what it came for."""


class Watcher:
    """A `Follow` in a thread, whose frames and notes are waited for."""

    def __init__(self, house: House, name: str = "amina", feed: Feed | None = None, **options: Any) -> None:
        self.server = Server(house.url)
        tokens = sign_in(self.server, name, PASSWORD)
        password = options.pop("password", lambda: PASSWORD)
        self.signed = Signed(self.server, name, tokens, kept=None, password=password)
        self.feed = feed or Feed()
        self.frames: list[dict[str, Any]] = []
        self.news: list[News] = []
        self.notes: list[str] = []
        self.trouble: BaseException | None = None
        self._came: queue.Queue[str] = queue.Queue()
        self._enough = False
        settings: dict[str, Any] = {"kinds": None, "areas": None, "once": False} | options
        self.follow = Follow(self.signed, self.feed, self, **settings)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.follow.run()
        except Enough:
            pass
        except BaseException as trouble:  # noqa: BLE001  the test looks at it
            self.trouble = trouble
        finally:
            self._came.put("over")

    def frame(self, text: str, frame: dict[str, Any], news: list[News]) -> None:
        assert msgspec.json.decode(text) == frame
        self.frames.append(frame)
        self.news += news
        self._came.put(frame["type"])
        self.tick()

    def note(self, text: str) -> None:
        self.notes.append(text)
        self._came.put("note")

    def tick(self) -> None:
        if self._enough:
            raise Enough

    def until(self, seen: Callable[["Watcher"], bool]) -> None:
        """Wait until something was seen; the end of the watcher is a failure."""
        while not seen(self):
            assert self._came.get() != "over" or seen(self), (self.trouble, self.notes, self.frames[-3:])

    def over(self) -> None:
        """Wait for its own end."""
        self._thread.join()

    def leave(self) -> None:
        """Let it end at its next second."""
        self._enough = True

    def stop(self) -> None:
        self.leave()
        self._thread.join()
        self.server.__exit__()

    @property
    def positions(self) -> list[str]:
        return [frame["position"] for frame in self.frames if frame["type"] == "change"]


@pytest.fixture
def watching(house: House) -> Iterator[Callable[..., Watcher]]:
    made: list[Watcher] = []

    def begin(*args: Any, **options: Any) -> Watcher:
        made.append(Watcher(house, *args, **options))
        return made[-1]

    yield begin
    for watcher in made:
        watcher.leave()
    for watcher in made:
        watcher.stop()


@pytest.fixture(autouse=True)
def _no_server_log() -> Iterator[None]:
    """What the server logs does not stand between what the command prints."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's own sessions are touched."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def dharura() -> Callable[..., int]:
    """The command line, as far as it is ours."""
    parser = argparse.ArgumentParser(prog="dharura")
    commands = parser.add_subparsers()
    for module in (watch, send, login):
        module.add(commands)

    def run(*words: str) -> int:
        args = parser.parse_args(words)
        status: int = args.run(args)
        return status

    return run


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path

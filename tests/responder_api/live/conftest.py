"""A whole node of live sockets: a real uvicorn on loopback, the real `websockets` client, a read model in memory."""

import asyncio
import ipaddress
import json
import socket as system_socket
import ssl
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import uvicorn
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from geo.places import Rejected
from responder_api import audience
from responder_api.audience import Viewer
from responder_api.hub import Scope, areas_of
from responder_api.live import Live
from responder_api.live_limits import LiveSettings
from responder_api.views import Document, Frame, Position

WARD = "KE.042.238.1189"


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], Any]]:
    # uvicorn runs on either; transports differ in when they write and when they push back.
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class MemoryViews:
    """The port `views` over two lists: no less than it promises, no more."""

    def __init__(self, epoch: str = "e1") -> None:
        self.epoch = epoch
        self.first = 1
        self.feed: list[Frame] = []
        self.documents: dict[tuple[str, str], Document] = {}
        self.asked: Counter[str] = Counter()
        self.broken: Exception | None = None
        self._lock = threading.RLock()

    def commit(self, kind: str, id_: str, entries: tuple[str, ...], value: dict[str, Any]) -> Frame:
        with self._lock:
            offset = self.first + len(self.feed)
            where = str(Position(self.epoch, offset))
            change = {"type": "change", "position": where, "op": "put", "kind": kind, "id": id_, "value": value}
            frame = Frame(offset, kind, entries, json.dumps(change).encode())
            self.feed.append(frame)
            self.documents[kind, id_] = Document(kind, id_, entries, json.dumps(value).encode())
            return frame

    def prune(self, keep: int) -> None:
        with self._lock:
            gone = max(0, len(self.feed) - keep)
            self.first += gone
            del self.feed[:gone]

    def _ask(self, what: str) -> None:
        self.asked[what] += 1
        if self.broken is not None:
            raise self.broken

    def position(self) -> Position:
        self._ask("position")
        with self._lock:
            return Position(self.epoch, self.first + len(self.feed) - 1)

    def oldest(self) -> int:
        self._ask("oldest")
        return self.first

    def replay(self, after: int, limit: int) -> list[Frame]:
        self._ask("replay")
        with self._lock:
            start = max(0, after + 1 - self.first)
            return self.feed[start : start + limit]

    def snapshot(
        self, keys: frozenset[str], kinds: frozenset[str] | None, areas: frozenset[str] | None
    ) -> tuple[Position, list[Document]]:
        self._ask("snapshot")
        scope = Scope(kinds=kinds, areas=areas)
        with self._lock:
            seen = [
                document
                for document in self.documents.values()
                if not keys.isdisjoint(audience.keys(document.audience))
                and scope.admits(document.kind, areas_of(document.audience), False)
            ]
            return self.position(), seen

    def find(self, kind: str, keys: frozenset[str], **_: Any) -> list[Document]:
        raise NotImplementedError("the live part never lists")

    def get(self, kind: str, id_: str) -> Document | None:
        return self.documents.get((kind, id_))


class Claims(msgspec.Struct, frozen=True):
    """What a token said."""

    viewer: Viewer
    expires_at: datetime


class Phone:
    """A client as a phone is one: it keeps its position, its view and what it shows."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.position: str | None = None
        self.view: str | None = None
        self.got: list[int] = []
        self.shows: dict[str, Any] = {}
        self.said: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        await self.line.send(json.dumps(message))

    async def next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.line.recv())
        self.said.append(message)
        if message["type"] == "welcome":
            self.view = message["view"]
        elif message["type"] == "resync":
            self.shows.clear()
        elif message["type"] == "snapshot":
            self.shows |= {shown["id"]: shown["value"] for shown in message["documents"]}
            if message["part"] == message["of"]:
                self.position = message["position"]
        elif message["type"] == "change":
            self.position = message["position"]
            self.got.append(int(message["position"].split(":")[1]))
            self.shows[message["id"]] = message["value"]
        return message

    async def until(self, kind: str) -> dict[str, Any]:
        while (message := await self.next())["type"] != kind:
            pass
        return message

    async def reach(self, offset: int) -> None:
        while self.position is None or int(self.position.split(":")[1]) < offset:
            await self.next()

    async def end(self) -> tuple[int, str]:
        """Hear everything to the end, and give how it ended: code and reason, 1006 when it was cut without a word."""
        with pytest.raises(ConnectionClosed) as ended:
            await self.until("the end")
        closed = ended.value.rcvd
        return (1006, "") if closed is None else (closed.code, closed.reason)


class Node:
    """One running node. People sign in with their name; `people` says what they may see."""

    def __init__(self, views: MemoryViews, settings: LiveSettings) -> None:
        self.views = views
        self.people: dict[str, frozenset[tuple[audience.Role, str]]] = {}
        self.fallen: dict[str, str] = {}
        self.expires_in = timedelta(hours=1)
        self.handled: list[tuple[str, dict[str, Any]]] = []
        self.handler: Callable[[Viewer, dict[str, Any]], Any] | None = None
        self.live = Live(views, self._authenticate, self._still_stands, self._on_message, settings)
        self.url = ""
        self.port = 0
        self.tls: ssl.SSLContext | None = None

    async def _authenticate(self, token: str) -> Claims:
        name, _, word = token.partition("/")
        if word:
            raise Rejected(word, "This token is no good.")
        grants = self.people.get(name, frozenset({("operator", "KE.042")}))
        return Claims(Viewer(account=name, person=name, grants=grants), datetime.now(UTC) + self.expires_in)

    async def _still_stands(self, claims: Claims) -> str | None:
        return self.fallen.get(claims.viewer.account)

    async def _on_message(self, viewer: Viewer, message: dict[str, Any]) -> dict[str, Any]:
        self.handled.append((viewer.account, message))
        answer: dict[str, Any] = await self.handler(viewer, message) if self.handler else {"taken": True}
        return answer

    def change(self, id_: str = "i1", entries: tuple[str, ...] = (f"operator:{WARD}",), **value: Any) -> Frame:
        """Commit a change and publish it, as the tail does."""
        frame = self.views.commit(value.pop("kind", "incident"), id_, entries, value)
        self.live.publish([frame])
        return frame

    @asynccontextmanager
    async def call(self, sock: system_socket.socket | None = None, **options: Any) -> AsyncIterator[Phone]:
        # A client that leaves without having read everything must not wait for room in its own queue to say goodbye.
        settings = {
            "compression": None,
            "ping_interval": None,
            "max_queue": None,
            "proxy": None,
            "ssl": self.tls,
        } | options
        async with connect(self.url, sock=sock, **settings) as line:
            yield Phone(line)

    @asynccontextmanager
    async def phone(self, token: str = "amina", position: str | None = None, **hello: Any) -> AsyncIterator[Phone]:
        """A client that has said hello and been welcomed."""
        async with self.call() as phone:
            await phone.say(type="hello", token=token, position=position, **hello)
            assert (await phone.next())["type"] == "welcome", phone.said
            yield phone

    def narrow_line(self, window: int = 4096) -> system_socket.socket:
        """A client's socket that takes little before it must be read."""
        sock = system_socket.socket()
        sock.setsockopt(system_socket.SOL_SOCKET, system_socket.SO_RCVBUF, window)
        sock.connect(("127.0.0.1", self.port))
        sock.setblocking(False)
        return sock


async def _application(scope: Any, receive: Any, send: Any) -> None:
    """The rest of the house: answers every request, so that it can be asked whether it is still there."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": message["type"] + ".complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def running(
    views: MemoryViews | None = None, settings: LiveSettings | None = None, **config: Any
) -> AsyncIterator[Node]:
    node = Node(views or MemoryViews(), settings or LiveSettings())
    await node.live.start()
    listener = system_socket.create_server(("127.0.0.1", 0), backlog=4096)
    node.port = listener.getsockname()[1]
    node.url = f"ws://127.0.0.1:{node.port}/live"
    server = uvicorn.Server(uvicorn.Config(_application, ws=node.live.protocol(), log_config=None, **config))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    # As `serve` does, without its clock that looks ten times a second whether to stop.
    await server.startup([listener])
    try:
        yield node
    finally:
        await server.shutdown([listener])
        await node.live.close()


@pytest.fixture
def start() -> Callable[..., Any]:
    """Start nodes with settings of one's own: `async with start(settings=...) as node`."""
    return running


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running() as one:
        yield one


@pytest.fixture
def memory_views() -> type[MemoryViews]:
    return MemoryViews


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A certificate for 127.0.0.1: what uvicorn needs to serve with it, and a client that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    trusting = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    server = {"ssl_keyfile": str(folder / "key.pem"), "ssl_certfile": str(folder / "certificate.pem")}
    return {"server": server, "client": trusting}

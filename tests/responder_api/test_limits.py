import asyncio
import contextlib
import json
import logging
import select
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Message

from responder_api import limits
from responder_api.errors import MEDIA_TYPE, REQUEST_ID, install
from responder_api.json_body import read_json, reply
from responder_api.limits import Limits, protocol
from responder_api.settings import Settings

ROOT = Path(limits.__file__).resolve().parent.parent
MAX_BODY = 100_000


def limited(body_seconds: float) -> FastAPI:
    app = FastAPI()
    app.state.settings = Settings(max_body_bytes=MAX_BODY)
    app.state.finished = threading.Event()
    install(app)
    app.add_middleware(Limits, max_body_bytes=MAX_BODY, body_seconds=body_seconds)

    @app.post("/read")
    async def read(request: Request) -> Response:
        return reply({"length": len(await request.body()), "id": REQUEST_ID.get()})

    @app.post("/json")
    async def json_(request: Request) -> Response:
        return reply(await read_json(request, list[int]))

    @app.post("/unread")
    async def unread() -> Response:
        return Response(status_code=204)

    @app.post("/broad")
    async def broad(request: Request) -> Response:
        with contextlib.suppress(Exception):
            await request.body()
        return Response("all is well")

    @app.get("/fail")
    async def fail() -> None:
        raise RuntimeError("secret")

    @app.get("/page")
    async def page() -> Response:
        return HTMLResponse("<p>", headers={"cache-control": "max-age=60"})

    @app.get("/long")
    async def long() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                for _ in range(1000):
                    yield b"x" * 1_000_000
            finally:
                app.state.finished.set()

        return StreamingResponse(pieces())

    @app.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(REQUEST_ID.get())

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(limited(5.0), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        yield client


async def test_every_answer_has_its_id_and_the_headers_browsers_need(client: httpx.AsyncClient) -> None:
    answers = [
        await client.post("/read", content=b"abc"),
        await client.get("/nowhere"),
        await client.get("/fail"),
        await client.get("/page"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 500, 200]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "strict-transport-security" not in answer.headers
    assert answers[0].json() == {"length": 3, "id": answers[0].headers["x-request-id"]}
    assert answers[1].json()["instance"] == "urn:uuid:" + answers[1].headers["x-request-id"]
    assert answers[0].headers["cache-control"] == "no-store"
    assert answers[3].headers["cache-control"] == "max-age=60"
    assert "default-src 'none'" in answers[0].headers["content-security-policy"]
    assert "default-src 'none'" not in answers[3].headers["content-security-policy"]
    secure = await client.get("https://door/page")
    assert "strict-transport-security" in secure.headers


async def test_an_error_nobody_expected_is_logged_with_its_id_and_not_shown(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/fail")
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "secret" in caplog.text


async def test_an_address_cannot_forge_a_line_of_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    app = limited(5.0)

    @app.get("/fail/{name}")
    async def fail(name: str) -> None:
        raise RuntimeError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as forging:
        await forging.get("/fail/x%0Aerror: all is lost")
    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("path", ["/read", "/json", "/broad"])
async def test_a_body_over_the_limit_is_413_whatever_the_route_does(client: httpx.AsyncClient, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"1" * 10_000

    answer = await client.post(path, content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["connection"] == "close"


async def test_a_body_at_the_limit_passes_and_keeps_the_connection(client: httpx.AsyncClient) -> None:
    answer = await client.post("/read", content=b"x" * MAX_BODY)
    assert (answer.status_code, answer.json()["length"]) == (200, MAX_BODY)
    assert "connection" not in answer.headers


async def test_a_body_nobody_read_closes_the_connection(client: httpx.AsyncClient) -> None:
    assert (await client.post("/unread", content=b"x")).headers["connection"] == "close"
    assert "connection" not in (await client.post("/unread")).headers


async def test_sockets_pass_and_have_an_id() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/live", "headers": [], "query_string": b"", "scheme": "ws"}
    await limited(5.0)(scope, receive, send)
    assert sent[0]["type"] == "websocket.accept"
    assert len(sent[1]["text"]) == 36


async def test_a_lifespan_is_not_a_request() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await Limits(app, max_body_bytes=1, body_seconds=1)({"type": "lifespan"}, _never, _nothing)
    assert seen == ["lifespan"]


async def _never() -> Message:
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


async def _nothing(message: Message) -> None:
    pass


# --- over real connections


class Served:
    """An application on a real socket; short bounds, so that waiting for one to be reached is short."""

    def __init__(self, head_seconds: float = 0.3) -> None:
        self.app = limited(body_seconds=0.3)
        self._listening = socket.create_server(("127.0.0.1", 0))
        patient = protocol(head_seconds=head_seconds, head_bytes=8192, drain_seconds=0.3)
        config = uvicorn.Config(self.app, http=patient, ws="none", lifespan="off", log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listening]})
        self._thread.start()

    def connect(self) -> socket.socket:
        return socket.create_connection(self._listening.getsockname())

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    yield server
    server.close()


def to_the_end(connection: socket.socket) -> bytes:
    """Read until the server closes, however it does."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionError:
        pass
    return found


def drip(connection: socket.socket, byte: bytes) -> bytes:
    """Send one byte a hundredth of a second until the server answers or closes."""
    try:
        while not select.select([connection], [], [], 0.01)[0]:
            connection.send(byte)
    except ConnectionError:
        pass
    return to_the_end(connection)


def document(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 ")
    assert b"connection: close" in head.lower()
    return dict(json.loads(body))


def test_a_connection_that_says_nothing_is_closed(served: Served) -> None:
    with served.connect() as connection:
        assert to_the_end(connection) == b""


def test_a_request_head_that_trickles_in_is_closed(served: Served) -> None:
    with served.connect() as connection:
        connection.send(b"GET /page HTTP/1.1\r\nx: ")
        assert drip(connection, b"a") == b""


def test_the_second_request_head_of_a_connection_is_bounded_too(served: Served) -> None:
    for start in (b"GET /page HTTP/1.1\r\nx: ", b"\r\n"):
        with served.connect() as connection:
            connection.send(b"GET /page HTTP/1.1\r\nhost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            connection.send(start)
            drip(connection, start[-1:])


def test_a_request_head_without_end_is_refused() -> None:
    served = Served(head_seconds=3600)
    sent = 0
    with served.connect() as connection:
        connection.send(b"GET /page HTTP/1.1\r\n")
        try:
            while sent < 50_000_000 and not select.select([connection], [], [], 0)[0]:
                sent += connection.send(b"x: " + b"a" * 1000 + b"\r\n")
        except ConnectionError:
            pass
        answer = to_the_end(connection) if sent < 50_000_000 else b"never"
    served.close()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_a_body_that_trickles_in_is_408_and_closed(served: Served) -> None:
    for framing in (b"content-length: 5000", b"transfer-encoding: chunked"):
        with served.connect() as connection:
            connection.send(b"POST /read HTTP/1.1\r\nhost: x\r\n" + framing + b"\r\n\r\n")
            byte = b"x" if b"length" in framing else b"1\r\nx\r\n"
            assert document(drip(connection, byte))["code"] == "body-too-slow"


def test_a_body_that_does_not_come_is_408_and_closed(served: Served) -> None:
    with served.connect() as connection:
        connection.send(b"POST /json HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n[")
        assert document(to_the_end(connection))["status"] == 408


def test_an_answer_that_is_not_taken_is_given_up(served: Served) -> None:
    with served.connect() as connection:
        connection.send(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
        served.app.state.finished.wait()
        assert len(to_the_end(connection)) < 100_000_000


def test_a_body_declared_too_large_is_refused_before_it_is_sent(served: Served) -> None:
    with served.connect() as connection:
        connection.send(b"POST /json HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\nexpect: 100-continue\r\n\r\n")
        assert document(to_the_end(connection))["code"] == "body-too-large"


def test_patient_clients_are_served(served: Served) -> None:
    with served.connect() as connection:
        for _ in range(3):
            connection.send(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc")
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65536)
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["length"] == 3


SERVER = """
import socket, sys
import uvicorn
from fastapi import FastAPI, Request
from responder_api.errors import install
from responder_api.json_body import read_json
from responder_api.limits import Limits, Patient
from responder_api.settings import Settings

app = FastAPI()
app.state.settings = Settings()
install(app)
app.add_middleware(Limits, max_body_bytes=app.state.settings.max_body_bytes, body_seconds=30)

@app.post("/")
async def post(request: Request):
    return len(await read_json(request, list[int]))

config = uvicorn.Config(app, http=Patient, ws="none", lifespan="off", log_config=None, access_log=False)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""


def peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
def test_a_gigabyte_in_chunks_costs_no_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listening.fileno())], pass_fds=[listening.fileno()], cwd=ROOT
        )
        try:
            address = listening.getsockname()
            head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            with socket.create_connection(address) as connection:
                connection.send(head + b"content-length: 3\r\nconnection: close\r\n\r\n[1]")
                assert to_the_end(connection).endswith(b"\r\n1")
            before = peak_kb(server.pid)
            chunk = b"100000\r\n" + b"1" * 0x100000 + b"\r\n"
            for _ in range(3):
                with socket.create_connection(address) as connection:
                    connection.send(head + b"transfer-encoding: chunked\r\n\r\n")
                    sent = 0
                    try:
                        while sent < 1 << 30 and not select.select([connection], [], [], 0)[0]:
                            connection.sendall(chunk)
                            sent += len(chunk)
                    except ConnectionError:
                        pass
                    answer = to_the_end(connection)
                assert answer == b"" or document(answer)["code"] == "body-too-large"
                assert sent < 1 << 30
            grown = peak_kb(server.pid) - before
            assert grown < 5_000
        finally:
            server.terminate()
            server.wait()

"""A server behind a county's own authority is believed once that is named, and until then it is said what is wrong."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fixtures.servers.secured import Authority
from responder_api.cli.client import Server
from responder_api.cli.trouble import Trouble, Unreachable


class _Alive(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name upstream
        """Keep the test's output free of requests."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("proxy"))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Alive) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_authority_that_is_not_known_is_not_taken_for_nobody_there(url: str) -> None:
    with Server(url) as server, pytest.raises(Trouble, match=r"is not believed .*SSL_CERT_FILE") as told:
        server.ask("GET", "/healthz")
    assert not isinstance(told.value, Unreachable)
    assert url in str(told.value)


def test_one_that_is_named_is_believed(url: str, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    with Server(url) as server:
        assert server.ask("GET", "/healthz") == {"status": "ok"}

"""A disk that is full, refuses, or is held by somebody: 503, reads and sockets go on, and it mends itself (F5, F6).

Nothing is pretended: a small file system is filled to the last byte, and the operating system refuses the writes.
"""

import json
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from streams.database import FILE
from streams.events import ReportReceived, decode
from streams.log_damage import verify_chain
from tests.system.conftest import PASSWORD, Server

STOPPED = (0, -signal.SIGTERM)
MOUNTED = 'mount -t tmpfs -o size=16m dharura-test "$DHARURA_DATA" && exec "$@"'


class Client:
    """Somebody at the door, signed in, with a socket open all the while."""

    def __init__(self, server: Server, http: httpx.Client, line: ClientConnection) -> None:
        self.server, self.http, self.line = server, http, line
        self.accepted: list[str] = []
        self.refused: list[str] = []

    def report(self, text: str) -> httpx.Response:
        """Report something; the words say afterwards what became of it."""
        body = {"text": text, "hazard": "flood", "lon": 34.7617, "lat": -0.0917}
        answer = self.http.post("/intake/reports", json=body)
        if answer.status_code == 202:
            self.accepted.append(text)
        else:
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.headers["content-type"] == "application/problem+json"
            self.refused.append(text)
        return answer

    def still_reads(self) -> None:
        """Reading goes on while nothing can be written, and the socket lives."""
        for path in ("/reports", "/incidents", "/wards?level=3", "/alerts/cap.atom", "/metrics", "/healthz"):
            assert self.http.get(path).status_code == 200, path
        self.line.send(json.dumps({"type": "ping", "ref": "still"}))
        while (said := json.loads(self.line.recv())).get("ref") != "still":
            pass
        assert said["type"] == "pong"

    def hears(self, text: str) -> None:
        """Wait until the socket tells of a report."""
        while text not in str(self.line.recv()):
            pass


@contextmanager
def client_of(server: Server) -> Iterator[Client]:
    token = server.administrator("first")
    signed = {"authorization": f"Bearer {token}"}
    with (
        httpx.Client(base_url=server.url, trust_env=False, timeout=30, headers=signed) as http,
        connect(server.url.replace("http", "ws") + "/live") as line,
    ):
        line.send(json.dumps({"type": "hello", "token": token}))
        yield Client(server, http, line)


def fill(folder: Path) -> None:
    """Leave not one byte on the file system of a folder."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def whole(folder: Path, accepted: list[str], refused: list[str]) -> None:
    """Check that the log holds what was accepted, once, and nothing of what was refused."""
    connection = sqlite3.connect(folder / FILE)
    try:
        verify_chain(connection)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        events = [decode(data) for (data,) in connection.execute('SELECT event FROM log ORDER BY "offset"')]
    finally:
        connection.close()
    texts = [event.body.text for event in events if isinstance(event.body, ReportReceived)]
    assert sorted(texts) == sorted(accepted)
    assert not set(refused) & set(texts)


@pytest.fixture
def small(server: Server) -> Server:
    """A server whose data folder is a file system of 16 MB of its own."""
    own = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*own, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount anything (unshare --map-root-user --mount)")
    server.command = [*own, "sh", "-c", MOUNTED, "sh", *server.command]
    return server


@pytest.mark.system("unshare")
def test_a_full_disk_refuses_what_is_new_and_takes_it_when_there_is_space_again(
    small: Server, tmp_path: Path
) -> None:  # F5
    small.start(token_minutes="600")
    with client_of(small) as client:
        assert client.report("before").status_code == 202
        client.hears("before")
        for turn in range(2):
            fill(small.folder)
            answers = [client.report(f"full {turn} {n} " + "x" * 8000) for n in range(8)]
            assert answers[-1].json()["code"] == "storage-full"
            assert client.refused
            client.still_reads()
            ready = client.http.get("/readyz")
            assert (ready.status_code, ready.json()["code"]) == (503, "storage-full")
            login = client.http.post("/sessions", json={"name": "first", "password": PASSWORD})
            assert login.status_code in (201, 503), login.text
            (small.folder / "filler").unlink()
            assert client.report(f"after {turn}").status_code == 202, "it did not take up again by itself"
            client.hears(f"after {turn}")
            assert client.http.get("/readyz").status_code == 200
            assert client.http.post("/sessions", json={"name": "first", "password": PASSWORD}).status_code == 201
        # The file system goes with its process, and SQLite would find its way out of it: look at a still copy.
        assert small.process is not None
        small.process.send_signal(signal.SIGSTOP)
        shutil.copytree(small.folder, tmp_path / "copy")
        small.process.send_signal(signal.SIGCONT)
    assert small.stop() in STOPPED
    whole(tmp_path / "copy", client.accepted, client.refused)


def test_a_disk_that_refuses_gives_no_false_202_and_mends_itself(server: Server) -> None:  # F6
    server.start(token_minutes="600")
    with client_of(server) as client:
        assert client.report("before").status_code == 202
        client.hears("before")
        assert server.process is not None
        unlimited: Any = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        size = (server.data / f"{FILE}-wal").stat().st_size
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, unlimited[1]))
        answers = [client.report(f"refused {n} " + "x" * 8000) for n in range(4)]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["code"] for answer in answers} == {"storage-broken"}
        client.still_reads()
        assert client.http.get("/readyz").status_code == 503
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert client.report("after").status_code == 202
        client.hears("after")
        assert client.http.get("/readyz").status_code == 200
    assert server.stop() in STOPPED
    whole(server.data, client.accepted, client.refused)


def test_a_database_that_somebody_holds_is_busy_and_no_more(server: Server) -> None:
    server.start(token_minutes="600")
    with client_of(server) as client:
        assert client.report("before").status_code == 202
        client.hears("before")
        other = sqlite3.connect(server.data / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = client.report("held")
        assert (refused.status_code, refused.json()["code"]) == (503, "storage-busy")
        login = client.http.post("/sessions", json={"name": "first", "password": PASSWORD})
        assert (login.status_code, login.json()["code"]) == (503, "storage-busy")
        client.still_reads()
        other.execute("ROLLBACK")
        other.close()
        assert client.report("after").status_code == 202
        client.hears("after")
    assert server.stop() in STOPPED
    whole(server.data, client.accepted, client.refused)


def test_no_file_is_left_open_and_nothing_grows(server: Server) -> None:
    server.start(token_minutes="600")
    with client_of(server) as client:
        assert server.process is not None
        for n in range(40):
            client.report(f"warm {n}")
        descriptors = Path(f"/proc/{server.process.pid}/fd")
        before = len(list(descriptors.iterdir()))
        for n in range(100):
            client.report(f"more {n}")
            client.http.get("/incidents")
        client.hears("more 99")
        assert len(list(descriptors.iterdir())) <= before + 4

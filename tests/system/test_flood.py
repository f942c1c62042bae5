"""Clients that send too much or too slowly are sent away; the server neither grows nor waits for them (F31)."""

import socket
import threading
from pathlib import Path

import httpx

from tests.system.conftest import Server

MEGABYTE = 1 << 20


def memory_kb(server: Server) -> int:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def answer_of(server: Server, head: bytes, piece: bytes, pieces: int) -> tuple[bytes, int]:
    """Send a head and pieces of a body until told to stop; give the answer and how many pieces went out."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(head)
        sent = 0
        try:
            for _ in range(pieces):
                line.sendall(piece)
                sent += 1
        except OSError:
            pass  # it closed: what it said first can still be read
        answer = b""
        try:
            while more := line.recv(65536):
                answer += more
        except OSError:
            pass
        return answer, sent


def post(path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode()


def test_large_bodies_are_refused_before_they_are_read(server: Server) -> None:
    server.start()
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as http:
        small = {"text": "flood", "hazard": "flood", "lon": 34.7617, "lat": -0.0917}
        for _ in range(30):
            assert http.post("/intake/reports", json=small).status_code == 202
        before = memory_kb(server)
        told, _ = answer_of(server, post("/intake/reports", f"Content-Length: {10 * MEGABYTE}"), b" " * 65536, 160)
        assert told.startswith(b"HTTP/1.1 413 ")
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        told, sent = answer_of(server, post("/intake/reports", "Transfer-Encoding: chunked"), chunk, 16384)
        assert not told or told.startswith(b"HTTP/1.1 413 ")
        assert sent < 2048, "it read a gigabyte to the end"
        assert memory_kb(server) - before < 5 * 1024
        assert http.post("/intake/reports", json=small).status_code == 202


def test_slow_senders_are_sent_away_while_others_are_served(server: Server) -> None:
    server.start(body_seconds="1")
    told: dict[str, bytes] = {}

    def trickle(name: str, head: bytes) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(head)
            line.settimeout(0.2)
            answer = b""
            while True:
                try:
                    more = line.recv(65536)
                    answer += more
                    if not more:
                        break
                except TimeoutError:
                    try:
                        line.sendall(b"a")
                    except OSError:
                        break
                except OSError:
                    break
            told[name] = answer

    slow = [
        threading.Thread(target=trickle, args=("body", post("/intake/reports", "Content-Length: 1000000"))),
        threading.Thread(target=trickle, args=("head", b"GET /healthz HTTP/1.1\r\nHost: x\r\nx-slow: ")),
    ]
    for each in slow:
        each.start()
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as http:
        while slow[0].is_alive():
            assert http.get("/healthz").status_code == 200
            slow[0].join(0.2)
        slow[1].join()
        assert http.get("/healthz").status_code == 200
    assert told["body"].startswith(b"HTTP/1.1 408 ")
    assert b"body-too-slow" in told["body"]
    assert b"200 OK" not in told["head"]

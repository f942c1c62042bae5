"""Many listeners in a process of their own: raw sockets, read and counted, so that the server's cost stands alone.

`python -m bench.live_clients N PORT...` opens N sockets to each port, one after the other, and prints `ready`. Then
each line `GROUP BYTES` on its input waits until the sockets of that group together have got so many bytes more, and
prints how long that took, in microseconds.
"""

import json
import select
import socket
import sys
import time

HELLO = json.dumps({"type": "hello", "token": "bench", "position": "bench:0"}).encode()
REQUEST = (
    b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def dial(port: int) -> socket.socket:
    """Open a socket, say hello, and take in the welcome."""
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(REQUEST)
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(4096)
    if not data.startswith(b"HTTP/1.1 101"):
        raise SystemExit(data.decode())
    line.sendall(bytes((0x81, 0x80 | len(HELLO))) + bytes(4) + HELLO)
    frame = data.partition(b"\r\n\r\n")[2]
    while len(frame) < 4 or len(frame) < _end(frame):
        frame += line.recv(4096)
    line.settimeout(0)
    return line


def _end(frame: bytes) -> int:
    return 4 + int.from_bytes(frame[2:4], "big") if frame[1] == 126 else 2 + frame[1]


def main() -> None:
    count, ports = int(sys.argv[1]), [int(port) for port in sys.argv[2:]]
    groups = [[dial(port) for _ in range(count)] for port in ports]
    polls, lines = [], []
    for group in groups:
        poll = select.epoll()
        for line in group:
            poll.register(line, select.EPOLLIN)
        polls.append(poll)
        lines.append({line.fileno(): line for line in group})
    print("ready", flush=True)
    for command in sys.stdin:
        which, size = map(int, command.split())
        began, got = time.perf_counter_ns(), 0
        by_number = lines[which]
        while got < size:
            for number, _ in polls[which].poll():
                got += len(by_number[number].recv(65536))
        print((time.perf_counter_ns() - began) // 1000, flush=True)


if __name__ == "__main__":
    main()

"""A real `dharura serve` in a process of its own, on a data folder that outlives it."""

import asyncio
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from responder_api.accounts import Account, Grant
from responder_api.accounts_sqlite import SqliteAccounts
from streams.database import FILE

PASSWORD = "kwa-majaribio-tu"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """Starts, kills and restarts the command on one folder and port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.command = [sys.executable, "-m", "responder_api", "serve"]
        self._hello_from = 0
        data.mkdir(parents=True, exist_ok=True)

    def start(self, **settings: str) -> None:
        """Start and wait until it is ready; fails with what it printed when it stops instead."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DHARURA_")}
        environment |= {"DHARURA_DATA": str(self.data), "DHARURA_PORT": str(self.port), "DHARURA_LOG_LEVEL": "warning"}
        environment |= {f"DHARURA_{name.upper()}": value for name, value in settings.items()}
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, env=environment, stdout=log, stderr=log)
        seen = self._hello_from
        while b"Dharura listens" not in (said := (self.data / "server.log").read_bytes()[seen:]):
            if self.process.poll() is not None:
                raise AssertionError(said.decode()[-3000:])
            select.select([], [], [], 0.02)
        self._hello_from = seen + len(said)

    @property
    def folder(self) -> Path:
        """The data folder as the server sees it, which may have mounted something there."""
        return self.data if self.process is None else Path(f"/proc/{self.process.pid}/root{self.data}")

    def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """Ask it to stop and wait; gives its exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait()
        self.process = None
        return status

    def account(self, name: str, *grants: tuple[str, str], person: str | None = None) -> None:
        """Make an account with the one test password, straight in the file."""
        accounts = SqliteAccounts(self.data / FILE)
        now = datetime.now(UTC)
        held = tuple(Grant(role=role, area=area) for role, area in grants)  # type: ignore[arg-type]  # roles by name
        made = Account(
            id=f"test-{name}", name=name, display_name=name, roles=held, person=person, created_at=now, changed_at=now
        )
        asyncio.run(accounts.change(made.id, lambda _before, _all: made, _QUICK))
        accounts.close()

    def administrator(self, name: str = "first") -> str:
        """Make the first account with the link that the start printed, over HTTP; give its access token."""
        while not (links := re.findall(r"/setup#(\S+)\n", (self.data / "server.log").read_text())):
            select.select([], [], [], 0.02)
        body = {"token": links[-1], "name": name, "display_name": name, "password": PASSWORD}
        answer = httpx.post(f"{self.url}/setup", json=body, trust_env=False, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def token(self, name: str) -> str:
        """Sign in and give the access token."""
        answer = httpx.post(f"{self.url}/sessions", json={"name": name, "password": PASSWORD}, trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "data")
    yield made
    made.kill()

"""The database as docker-compose.yml starts it: asks for the password, archives its log, and comes back from that."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures.servers.children import LOOPBACK, Child, free_port
from fixtures.servers.postgresql import OWNER, programs
from responder_api.clustered import cluster_of
from responder_api.settings import read_settings
from streams.cluster.postgres import Postgres
from streams.database import StorageError
from tests.cluster.containers import ROOT, SERVICES

pytestmark = pytest.mark.system("postgresql")
READY = b"database system is ready to accept connections"
SAID = SERVICES["postgres"]
USER = OWNER if os.geteuid() == 0 else ""
"""PostgreSQL does not run as root."""
PAGE = (ROOT / "docs/operations.md").read_text()


class Server:
    """PostgreSQL by the compose file's own words, with `/archive` and the volume in a folder of ours."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None
        self.programs, self.port = found, free_port()
        # Not below pytest's folder, which only its owner may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="dharura-database-"))
        self.archive, self.password = self.folder / "archive", self.folder / "postgres_password"
        self.archive.mkdir()
        self.password.write_text("kwa-majaribio-tu\n")
        self.own(self.folder, self.archive)
        words = [*SAID["environment"]["POSTGRES_INITDB_ARGS"].split(), "-U", "dharura", f"--pwfile={self.password}"]
        self.run("initdb", "-D", self.folder / "data", *words)
        self.child = self.on("data")
        self.start()
        self.run("createdb", "dharura")

    def own(self, *paths: Path) -> None:
        if USER:
            for path in paths:
                os.chown(path, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)

    def on(self, data: str) -> Child:
        """Give the server on a data folder, by the command of the compose file."""
        program, *words = (word.replace("/archive", str(self.archive)) for word in SAID["command"])
        where = ["-D", str(self.folder / data), "-h", LOOPBACK, "-p", str(self.port), "-k", ""]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        log = self.folder / f"{data}.log"
        return Child([str(self.programs / program), *words, *where], log, environment=environment, user=USER)

    def start(self) -> None:
        self.child.ready(READY, self.child.begin())

    def run(self, program: str, *words: object) -> bytes:
        """Run one of PostgreSQL's own programs against it, as its user."""
        given = {"PGHOST": LOOPBACK, "PGPORT": str(self.port), "PGUSER": "dharura", "PGPASSWORD": "kwa-majaribio-tu"}
        return subprocess.run(
            [str(self.programs / program), *map(str, words)],
            env={"PATH": os.environ["PATH"], **given},
            cwd=self.folder,
            check=True,
            capture_output=True,
            user=USER or None,
            group=USER or None,
            extra_groups=() if USER else None,
        ).stdout

    def settings(self, password: Path) -> dict[str, str]:
        """Give a node's settings, with this machine's addresses."""
        said = SERVICES["node-1"]["environment"]
        return {
            "DHARURA_KAFKA": said["DHARURA_KAFKA"],
            "DHARURA_DATABASE": said["DHARURA_DATABASE"].replace("@postgres/", f"@{LOOPBACK}:{self.port}/"),
            "DHARURA_DATABASE_PASSWORD_FILE": str(password),
        }

    def rows(self) -> list[int]:
        with psycopg.connect(host=LOOPBACK, port=self.port, user="dharura", password="kwa-majaribio-tu") as connection:
            return [n for (n,) in connection.execute("SELECT n FROM kept ORDER BY n")]

    def write(self, n: int) -> None:
        with psycopg.connect(host=LOOPBACK, port=self.port, user="dharura", password="kwa-majaribio-tu") as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n INTEGER)")
            connection.execute("INSERT INTO kept VALUES (%s)", (n,))

    def end(self) -> None:
        self.child.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.end()


def test_a_node_gets_in_with_the_password_of_the_file_and_not_with_another(server: Server, tmp_path: Path) -> None:
    Postgres.connect(cluster_of(read_settings(server.settings(server.password))).database).close()
    wrong = tmp_path / "wrong"
    wrong.write_text("another\n")
    with pytest.raises(StorageError):
        Postgres.connect(cluster_of(read_settings(server.settings(wrong))).database)


def test_it_comes_back_from_a_base_backup_and_its_archive(server: Server) -> None:
    server.write(1)
    server.run("pg_basebackup", "-D", server.folder / "base", "-X", "none", "-c", "fast")
    server.write(2)
    server.run("psql", "-c", "SELECT pg_switch_wal()", "dharura")
    wanted = server.run("psql", "-Atc", "SELECT pg_walfile_name(pg_current_wal_lsn() - 1)", "dharura").decode().strip()
    while not (server.archive / f"{wanted}.gz").exists():
        assert server.child.running
    kept = server.rows()
    server.child.end(signal.SIGQUIT)

    told = re.search(r"restore_command = '([^']+)'", PAGE)
    assert told is not None
    command = told[1].replace("/archive", str(server.archive))
    base = server.folder / "base"
    with (base / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = '{command}'\n")
    (base / "recovery.signal").touch()
    server.own(base / "recovery.signal")
    server.child = server.on("base")
    server.start()
    assert server.rows() == kept
    assert {1, 2} <= set(kept)


def test_a_dump_is_brought_back_by_the_words_of_the_page(server: Server) -> None:
    server.write(3)
    before = server.rows()
    dump, restore = (re.search(rf"({name} -U dharura [^<>`(]*)", PAGE) for name in ("pg_dump", "pg_restore"))
    assert dump is not None
    assert restore is not None
    file = server.folder / "night.dump"
    file.write_bytes(server.run(*dump[1].split()))
    server.own(file)
    server.write(4)
    server.run(*restore[1].split(), file)
    assert server.rows() == before

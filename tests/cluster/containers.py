"""The services of docker-compose.yml as processes of this machine: same commands, same settings, other addresses."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from fixtures.servers.children import LOOPBACK, Child, bare_environment, free_port
from fixtures.servers.kafka import JARS, Kafka
from fixtures.servers.unpacked import program

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final[dict[str, dict[str, Any]]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DHARURA: Final = str(Path(sys.executable).with_name("dharura"))
"""What the image's entry point is called here."""
MOUNTED: Final = """
mount --bind "$1" /srv && mount --bind "$2" /media && mount --bind "$3" /mnt && mount -t tmpfs none /tmp || exit 99
mkdir -p "$3" && mount --bind /mnt "$3" && mount -o remount,bind,ro "$3" && mount -o remount,bind,ro / || exit 99
shift 3; exec "$@"
"""
"""A container's file system, made of this machine's: /srv is the data volume, /media the secrets, the rest is read.

/tmp is the container's own, with this repository where that is a folder in there.
"""
OWN: Final = ("unshare", "--map-root-user", "--mount")


def may_mount() -> bool:
    """Say whether this system lets us have mounts of our own."""
    return subprocess.run([*OWN, "true"], check=False, capture_output=True).returncode == 0


def properties(environment: Mapping[str, object]) -> dict[str, str]:
    """Make of a broker's environment what Kafka's image makes of it: `_` is a dot, `__` an underscore, `___` a dash."""
    return {
        re.sub("_+", lambda run: {1: ".", 2: "_", 3: "-"}[len(run[0])], key.removeprefix("KAFKA_").lower()): str(value)
        for key, value in environment.items()
        if key.startswith("KAFKA_") and key != "KAFKA_HEAP_OPTS"
    }


class Brokers(Kafka):
    """The brokers of a profile. Listener 0 is ours, listener 1 that of the agencies."""

    def __init__(self, folder: Path, names: list[str], secrets: Path) -> None:
        self._names, self._secrets = names, secrets
        super().__init__(folder, len(names), protocols=("PLAINTEXT", "SASL_SSL"))

    def _properties(self, n: int) -> dict[str, str]:
        made = properties(SERVICES[self._names[n - 1]]["environment"])
        assert made["node.id"] == str(n)
        inside, agencies = (at.port for at in self._listeners[n])
        ports = {9092: inside, 9093: self._voters[n], 9094: agencies}
        for name in ("listeners", "advertised.listeners"):
            made[name] = re.sub(
                r"(\w+)://[^,]*?:(90\d\d)(?=,|$)",
                lambda at: f"{at[1]}://{LOOPBACK}:{agencies if at[1] == 'AGENCIES' else ports[int(at[2])]}",
                made[name],
            )
        voters = "controller.quorum.voters"
        made[voters] = re.sub(
            r"(\d)@[\w-]+:9093", lambda at: f"{at[1]}@{LOOPBACK}:{self._voters[int(at[1])]}", made[voters]
        )
        made["log.dirs"] = str(self.folder / f"broker-{n}" / "data")
        keys = "listener.name.agencies.ssl.keystore.location"
        assert made[keys] == "/run/secrets/kafka_tls"
        made[keys] = str(self._secrets / "kafka_tls.pem")
        return made

    def user(self, name: str, password: str) -> None:
        """Make a user, as docs/operations.md says it for an agency."""
        # kafka-configs.sh starts this class; the script is in the image, the class is in the jars.
        head = ["java", "-cp", f"{JARS}/*", "kafka.admin.ConfigCommand", "--bootstrap-server", self.bootstrap_of(0)]
        change = ["--alter", "--add-config", f"SCRAM-SHA-512=[password={password}]"]
        subprocess.run(
            [*head, *change, "--entity-type", "users", "--entity-name", name], check=True, capture_output=True
        )


class Container:
    """One of our services: its command, its settings with this machine's addresses, its read-only root."""

    def __init__(self, name: str, folder: Path, secrets: Path, instead: Mapping[str, str], sign: bytes) -> None:
        self.said = SERVICES[name]
        self.port = free_port()
        self._sign, self._begins = sign, 0
        data = folder / "data"
        data.mkdir(exist_ok=True)
        settings = {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(v)) for key, v in self.said["environment"].items()}
        moved = {"DHARURA_DATA": "/srv", "DHARURA_DATABASE_PASSWORD_FILE": "/media/postgres_password"}
        if "DHARURA_PORT" in settings:
            moved |= {"DHARURA_PORT": str(self.port), "DHARURA_HOST": LOOPBACK}
        assert settings["DHARURA_DATA"] == "/data"
        assert settings["DHARURA_DATABASE_PASSWORD_FILE"] == "/run/secrets/postgres_password"
        listed = (secrets / "dharura.env").read_text().splitlines()
        self.environment = (
            bare_environment() | dict(line.split("=", 1) for line in listed) | settings | moved | dict(instead)
        )
        command = [*OWN, "sh", "-c", MOUNTED, "sh", str(data), str(secrets), str(ROOT), DHARURA, *self.said["command"]]
        self.child = Child(command, folder / f"{name}.log", environment=self.environment)

    def begin(self) -> None:
        """Start it without waiting."""
        self._begins = self.child.begin()

    def ready(self) -> None:
        """Wait until its log says that it has come up."""
        self.child.ready(self._sign, self._begins)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.child.end(signal.SIGKILL)

    def healthy(self) -> bool:
        """Run the health check's own command."""
        kind, python, *rest = self.said["healthcheck"]["test"]
        assert (kind, python) == ("CMD", "python")
        asked = [sys.executable, *(word.replace(":8000/", f":{self.port}/") for word in rest)]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0

    @property
    def log(self) -> str:
        """All that it has said."""
        return self.child.log.read_text(errors="replace")


class Proxy:
    """Caddy over docs/cluster/Caddyfile."""

    def __init__(self, folder: Path, nodes: list[str]) -> None:
        said = SERVICES["proxy"]["environment"]
        self.port = free_port()
        self.health = free_port()
        self.folder = folder / "caddy"
        self.folder.mkdir()
        given = {
            "SITE": "localhost",
            "TLS": re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", said["TLS"]),
            "NODES": " ".join(nodes),
            "HTTPS_PORT": str(self.port),
            "HTTP_PORT": str(free_port()),
            "HEALTH_PORT": str(self.health),
        }
        home = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        command = [program("caddy"), "run", "--config", str(ROOT / "docs/cluster/Caddyfile"), "--adapter", "caddyfile"]
        self.child = Child(command, self.folder / "log", environment={"PATH": os.environ["PATH"], **given, **home})

    def start(self) -> None:
        """Start it, and wait until it serves."""
        self.child.ready(b"serving initial configuration", self.child.begin())

    def kill(self) -> None:
        """End it."""
        self.child.end(signal.SIGKILL)

    @property
    def authority(self) -> Path:
        """Certificate of the authority that `TLS=internal` makes."""
        return self.folder / "caddy/pki/authorities/local/root.crt"

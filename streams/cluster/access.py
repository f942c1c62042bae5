"""How to reach the cluster: Kafka's addresses and credentials, the database, and who this process is.

`Access` turns into the arguments of aiokafka's clients and of Faust, so that every one of them connects in the same
way. The upper floor makes these values from the settings; nothing here reads an environment.
"""

import ssl
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from geo.places import Rejected

Security = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]
"""What the connection to a broker is: with or without TLS, with or without a name and password."""
MECHANISM: Final = "SCRAM-SHA-512"
"""The one way a name and password are proven: the password itself is never sent, nor kept by the broker."""
PORT: Final = 9092
"""Kafka's usual port, taken where an address names none."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach Kafka. `bootstrap` holds `host:port`; `prefix` stands before the name of every topic and group."""

    bootstrap: tuple[str, ...]
    security: Security = "plaintext"
    username: str = ""
    password: str = ""
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    prefix: str = ""

    def topic(self, name: str) -> str:
        """Give the name that one of our topics has on this cluster."""
        return self.prefix + name

    @property
    def group(self) -> str:
        """Name of the consumer group that every worker is a member of; access rules name it."""
        return self.prefix + "dharura"

    def client(self, name: str) -> dict[str, Any]:
        """Give the arguments that every aiokafka client takes; `name` is what the broker's logs and quotas show.

        Raises Rejected `tls-unusable` when a certificate or key cannot be read.
        """
        made: dict[str, Any] = {
            "bootstrap_servers": list(self.bootstrap),
            "client_id": name,
            "security_protocol": self.security.upper(),
        }
        if self._tls:
            made["ssl_context"] = self._context()
        if self._sasl:
            made |= {
                "sasl_mechanism": MECHANISM,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return made

    def faust(self) -> dict[str, Any]:
        """Give Faust's settings `broker` and, where the connection is not plain, `broker_credentials`."""
        from faust.auth import SASLCredentials, SSLCredentials  # heavy, and only a worker needs it

        made: dict[str, Any] = {"broker": ";".join(f"kafka://{address}" for address in self.bootstrap)}
        if self._sasl:
            made["broker_credentials"] = SASLCredentials(
                username=self.username,
                password=self.password,
                mechanism=MECHANISM,
                ssl_context=self._context() if self._tls else None,
            )
        elif self._tls:
            made["broker_credentials"] = SSLCredentials(self._context())
        return made

    def __repr__(self) -> str:
        """Show it without the password, since this ends up in logs."""
        return f"Access({','.join(self.bootstrap)}, {self.security}, {self.username!r}, prefix={self.prefix!r})"

    @property
    def _tls(self) -> bool:
        return self.security in ("ssl", "sasl_ssl")

    @property
    def _sasl(self) -> bool:
        return self.security in ("sasl_plaintext", "sasl_ssl")

    def _context(self) -> ssl.SSLContext:
        try:
            # The broker must show a certificate of this authority (else of the system's) for the name we called.
            context = ssl.create_default_context(cafile=self.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:  # ssl.SSLError is one
            named = ", ".join(str(path) for path in (self.ca, self.certificate, self.key) if path is not None)
            raise Rejected("tls-unusable", f"Kafka's certificates cannot be used ({named}): {error}") from error
        return context


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a part of the cluster needs to take its place.

    `database` is `postgresql://...` with its password in it; `worker` names this process in leases and logs;
    `replication` is how many copies of a topic there are, 0: three, or as many as there are brokers.
    """

    kafka: Access
    database: str
    worker: str
    replication: int = 0

    def __repr__(self) -> str:
        """Show it without the passwords."""
        return f"Cluster({self.kafka!r}, worker={self.worker!r})"


def bootstrap(text: str) -> tuple[str, ...]:
    """Read `host:port,host:port`, with `kafka://` before it or not; Rejected `kafka-address-invalid`."""
    parts = [part.strip().removeprefix("kafka://").rstrip("/") for part in text.replace(";", ",").split(",")]
    return tuple(_address(part) for part in parts if part) or _refuse(text)


def _address(part: str) -> str:
    # An IPv6 address is written [::1]:9092.
    host, colon, port = part.rpartition(":")
    if not colon or (host.startswith("[") and not host.endswith("]")):
        host, port = part, str(PORT)
    if not host or "/" in host or "@" in host or not (port.isdigit() and 0 < int(port) < 65536):
        _refuse(part)
    return f"{host}:{port}"


def _refuse(text: str) -> tuple[str, ...]:
    raise Rejected("kafka-address-invalid", f"{text!r} is not host:port,host:port")

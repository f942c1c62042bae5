"""Read the settings: `DHARURA_*` in the environment become one frozen value.

The class below is the whole table: a field's name gives the variable (`port` is `DHARURA_PORT`), its default and its
description are what `settings_page` prints, and its bounds are what is checked. A value that cannot be used, or a
variable nobody knows, stops the start with one line that names it. Next: `wiring` builds the parts from this value.
"""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

PREFIX: Final = "DHARURA_"
SECRETS: Final = frozenset({"intake_key", "sms_api_key", "kafka_password", "database"})


_Key = Annotated[str, Meta(min_length=16)]
_Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\S*$")]
_Sender = Annotated[str, Meta(max_length=20)]
_Bootstrap = Annotated[str, Meta(pattern=r"^[^\s@]+$")]
_Database = Annotated[str, Meta(pattern=r"^postgres(ql)?://\S+$")]
_Copies = Annotated[int, Meta(ge=1, le=15)]
_Phone = Annotated[str, Meta(pattern=r"^\+?[0-9]{3,15}$")]


class BadSetting(ValueError):
    """A setting that cannot be used; the message is one line that names it and says what is expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a start can be told from outside."""

    data: Annotated[
        Path, Meta(description="Folder that holds the SQLite file and the signing keys. Made when missing; back it up.")
    ] = Path("data")
    host: Annotated[
        str,
        Meta(min_length=1, description="Address to listen on. `0.0.0.0` listens to the network: put TLS in front."),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one and prints it.")] = (
        8000
    )
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s/]+)?$",
            description="How people reach this server, as `https://name`, for the links it prints and sends. "
            "Empty: made from host and port.",
        ),
    ] = ""
    boundaries: Annotated[
        Path | None,
        Meta(description="Ward boundaries, any file OGR reads. Unset: the demo's approximate wards."),
    ] = None
    places: Annotated[
        Path | None,
        Meta(
            description="Place names besides those of wards, sub-counties and counties: CSV, GeoNames or any file OGR "
            "reads. Unset: what `dharura places import` keeps, else the demo's places."
        ),
    ] = None
    stations: Annotated[
        Path | None, Meta(description="River stations with marks and datum. Unset: the demo's stations.")
    ] = None
    rivers: Annotated[
        Path | None,
        Meta(
            description="Which gauge flows to which, and the water's minutes to each ward below: a file, or a folder "
            "of them. Unset: the demo's rivers, where the stations are the demo's as well."
        ),
    ] = None
    basemap: Annotated[
        Path | None,
        Meta(description="Base map under the console's own areas: a PMTiles file of this machine. Unset: none."),
    ] = None
    plan: Annotated[
        Path | None, Meta(description="Response plan (who is needed, how long to wait), JSON. Unset: the built-in one.")
    ] = None
    cap_sender: Annotated[
        str,
        Meta(
            pattern=r"^[^\s,<&]+$",
            description="Sender of the CAP alerts issued here: a name the county owns, as `ews@kisumu.example`.",
        ),
    ] = "dharura.invalid"
    county: Annotated[
        str,
        Meta(
            pattern=r"^KE(\.\d{3})?$",
            description="Area whose operators get a report that could not be placed, as `KE.042` (Kisumu).",
        ),
    ] = "KE.042"
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(
            description="Origins, besides the server's own, whose pages may call it and open `/live`; with commas, "
            "each as `https://console.example`."
        ),
    ] = ()
    max_body_bytes: Annotated[
        int, Meta(ge=1024, le=1 << 28, description="Largest request body in bytes; a larger one is answered 413.")
    ] = 2 << 20
    max_batch: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Most reports or readings in one request; more is answered 413.")
    ] = 10_000
    body_seconds: Annotated[
        float, Meta(gt=0, le=3600, description="Longest a client may take to send its request body, in seconds.")
    ] = 30.0
    token_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=1440,
            description="Life of an access token in minutes. It is also how long a replaced key still counts.",
        ),
    ] = 15
    session_hours: Annotated[
        int,
        Meta(ge=1, le=720, description="Life of a session in hours: how long tokens can be refreshed after a login."),
    ] = 12
    setup_hours: Annotated[
        int, Meta(ge=1, le=168, description="Life of the one-time link that makes the first administrator, in hours.")
    ] = 24
    intake_key: Annotated[
        _Key | None,
        Meta(
            description="Secret that SMS gateways and sensors must show at `/intake/*`. Unset: intake is open, "
            "which is for the demo only.",
        ),
    ] = None
    sms_url: Annotated[
        _Url | None,
        Meta(description="Address of the SMS gateway. Unset: messages are kept, none is sent."),
    ] = None
    sms_username: Annotated[str | None, Meta(description="User name at the SMS gateway.")] = None
    sms_api_key: Annotated[str | None, Meta(description="API key at the SMS gateway.")] = None
    sms_sender: Annotated[_Sender | None, Meta(description="Sender name or short code shown on the phone.")] = None
    centre_phone: Annotated[
        _Phone | None,
        Meta(description="Number of the operations centre, as `+254700000000`, for the phone page's call button."),
    ] = None
    kafka: Annotated[
        _Bootstrap | None,
        Meta(
            description="Kafka brokers to begin with, as `kafka1:9092,kafka2:9092`. With `DHARURA_DATABASE` it "
            "makes this process part of a cluster. Unset: everything runs in this process over one SQLite file."
        ),
    ] = None
    kafka_security: Annotated[
        Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"],
        Meta(description="How the brokers are spoken to; `sasl_*` signs in by SCRAM-SHA-512."),
    ] = "plaintext"
    kafka_username: Annotated[str | None, Meta(description="User name at Kafka, for `sasl_*`.")] = None
    kafka_password: Annotated[str | None, Meta(description="Password at Kafka; a file keeps it better.")] = None
    kafka_password_file: Annotated[Path | None, Meta(description="File whose first line is the password at Kafka.")] = (
        None
    )
    kafka_ca: Annotated[
        Path | None, Meta(description="Certificates, PEM, that the brokers' must be signed by. Unset: the system's.")
    ] = None
    kafka_certificate: Annotated[
        Path | None, Meta(description="Our own certificate, PEM, for brokers that ask for one.")
    ] = None
    kafka_key: Annotated[Path | None, Meta(description="Private key of our certificate, PEM.")] = None
    agencies: Annotated[
        Path | None,
        Meta(
            description="Who may read which topics, TOML or JSON, for `dharura topics apply`; docs/agencies.md shows "
            "one. Unset: access rules are left alone."
        ),
    ] = None
    kafka_replication: Annotated[
        _Copies | None,
        Meta(
            description="On how many brokers each record is kept. Unset: on three, or on all where there are fewer.",
        ),
    ] = None
    database: Annotated[
        _Database | None,
        Meta(
            description="PostgreSQL of a cluster, as `postgresql://dharura@db.example/dharura`. Together with "
            "`DHARURA_KAFKA` it makes this process part of a cluster."
        ),
    ] = None
    database_password_file: Annotated[
        Path | None, Meta(description="File whose first line is the password at PostgreSQL.")
    ] = None
    topic_prefix: Annotated[
        str,
        Meta(
            pattern=r"^[a-zA-Z0-9._-]{0,64}$",
            description="Put before the name of every topic and consumer group, where several clusters share brokers.",
        ),
    ] = ""
    worker: Annotated[
        str,
        Meta(
            pattern=r"^[a-zA-Z0-9._-]{0,100}$",
            description="Name of this worker in leases and logs, no two alike. Empty: made from host name and process.",
        ),
    ] = ""
    max_sockets: Annotated[
        int,
        Meta(
            ge=1, le=1_000_000, description="Most live sockets this node holds; the next one is told to try elsewhere."
        ),
    ] = 12_000
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe line that is logged.")
    ] = "info"

    def origins(self) -> frozenset[str]:
        """Give the origins whose pages may call, besides the host a request names, which a proxy may have changed."""
        return frozenset({*self.allowed_origins, self.public_url} - {""})

    @property
    def clustered(self) -> bool:
        """Whether this process is part of a cluster; BadSetting when only one of Kafka and PostgreSQL is named."""
        if (self.kafka is None) != (self.database is None):
            missing = "DHARURA_DATABASE" if self.database is None else "DHARURA_KAFKA"
            raise BadSetting(f"{missing} is missing: a cluster needs both DHARURA_KAFKA and DHARURA_DATABASE.")
        return self.kafka is not None

    def __repr__(self) -> str:
        """Show the settings with the secrets masked, since this ends up in logs."""
        shown = (f"{name}={'***' if name in SECRETS and value else repr(value)}" for name, value in _items(self))
        return f"Settings({', '.join(shown)})"


def _items(settings: Settings) -> list[tuple[str, Any]]:
    return [(name, getattr(settings, name)) for name in settings.__struct_fields__]


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from an environment.

    An empty variable counts as unset. Raises BadSetting, one line, for the first value that cannot be used and for a
    `DHARURA_*` variable that is not in the table: a misspelt secret must not leave a door open.
    """
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    known = {PREFIX + name.upper(): name for name in fields}
    found: dict[str, Any] = {}
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        if variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "docs/settings.md lists them."
            raise BadSetting(f"{variable} is not a setting; {hint}")
        if environ[variable] != "":
            name = known[variable]
            found[name] = _read(variable, environ[variable], fields[name].type, secret=name in SECRETS)
    return Settings(**found)


def _read(variable: str, text: str, kind: Any, *, secret: bool) -> Any:
    value: Any = text
    if get_origin(get_args(kind)[0]) is tuple:
        value = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return msgspec.convert(value, kind, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        reason = re.sub(r" - at `.*`$", "", str(error))
        shown = "the value given" if secret else repr(text[:80])
        raise BadSetting(f"{variable}: {reason}; {shown} cannot be used.") from None


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)

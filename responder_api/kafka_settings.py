"""What the settings say of Kafka and of passwords in files: apart, for commands that need nothing else of a cluster."""

from pathlib import Path

from responder_api.settings import BadSetting, Settings
from streams.cluster.access import Access, bootstrap


def kafka_of(settings: Settings) -> Access:
    """Say how Kafka is reached; BadSetting when the settings do not name it, or a password file cannot be read."""
    if settings.kafka is None:
        raise BadSetting("DHARURA_KAFKA is missing: it names the brokers.")
    return Access(
        bootstrap=bootstrap(settings.kafka),
        security=settings.kafka_security,
        username=settings.kafka_username or "",
        password=password_in(settings.kafka_password_file, "DHARURA_KAFKA_PASSWORD_FILE")
        or settings.kafka_password
        or "",
        ca=settings.kafka_ca,
        certificate=settings.kafka_certificate,
        key=settings.kafka_key,
        prefix=settings.topic_prefix,
    )


def password_in(path: Path | None, variable: str) -> str:
    """Give the first line of the file that a variable names, or nothing when it names none; BadSetting."""
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{variable}: {path} cannot be read: {error}") from error

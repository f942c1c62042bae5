"""What a process of the cluster is told from outside: where Kafka and PostgreSQL are, who it is, which world it knows.

`streams.worker` may not know this floor: it finds `settings_and_worlds` by the entry point group `dharura.cluster`.
The nodes' `wiring_cluster` and `cli/worker` take the same parts. Next: `agreed_world`, which sees to it that all
processes of one cluster know the same world.
"""

import os
import re
import socket
from urllib.parse import quote, urlsplit, urlunsplit

from responder_api import agreed_world, boundary_days
from responder_api.kafka_settings import kafka_of, password_in
from responder_api.reference_data import load_world
from responder_api.settings import BadSetting, Settings, read_settings
from streams.cluster.access import Cluster
from streams.process_log import set_up_logging
from streams.world import World
from streams.worlds import Worlds


def settings_and_worlds() -> tuple[Cluster, Worlds]:
    """Read the settings of a worker and the world they name, and have it log as they say; BadSetting, Rejected."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    cluster = cluster_of(settings)
    return cluster, worlds_of(settings, cluster, load_world(settings))


def cluster_of(settings: Settings) -> Cluster:
    """Say how the cluster is reached; BadSetting when the settings name none, or a password file cannot be read."""
    if not settings.clustered or settings.kafka is None or settings.database is None:
        raise BadSetting("DHARURA_KAFKA and DHARURA_DATABASE are missing: they say which cluster this is part of.")
    return Cluster(
        kafka=kafka_of(settings),
        database=_with_password(
            settings.database, password_in(settings.database_password_file, "DHARURA_DATABASE_PASSWORD_FILE")
        ),
        worker=settings.worker or _own_name(),
        replication=settings.kafka_replication or 0,
    )


def worlds_of(settings: Settings, cluster: Cluster, now: World) -> Worlds:
    """Give the present world, with the way to those of earlier days: which counted when is the database's to say."""
    return boundary_days.worlds(settings, now, lambda: agreed_world.days(cluster.database))


def _with_password(address: str, password: str) -> str:
    if not password:
        return address
    parts = urlsplit(address)
    user, _, place = parts.netloc.rpartition("@")
    user = user.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


def _own_name() -> str:
    return f"{re.sub(r'[^a-zA-Z0-9._-]', '-', socket.gethostname())[:80]}-{os.getpid()}"

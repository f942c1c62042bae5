"""Which workers there are, by the connection that each keeps to the database for its turns (`working`)."""

from collections import Counter
from typing import Final

from streams.cluster.postgres import Postgres

TURNS: Final = "dharura turns: "
"""What the name of that connection begins with, before the worker's. PostgreSQL keeps 63 bytes of it."""


def workers(connection: Postgres) -> dict[str, int]:
    """Give the names of the workers that are connected, each with how many of them go by it: more than one is wrong.

    A machine that lost its power is counted until PostgreSQL notices.
    """
    rows = connection.execute(
        "SELECT application_name FROM pg_stat_activity"
        " WHERE datname = current_database() AND starts_with(application_name, ?)",
        (TURNS,),
    ).fetchall()
    return dict(sorted(Counter(str(name).removeprefix(TURNS) for (name,) in rows).items()))

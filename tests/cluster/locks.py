"""Whether somebody waits for a lock, for tests of what two do at the same moment."""

from streams.cluster.postgres import Postgres


def waiting(connection: Postgres) -> bool:
    """Tell whether anybody waits for a lock in this database."""
    rows = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return rows.fetchone() != (0,)

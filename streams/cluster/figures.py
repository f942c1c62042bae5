"""What the cluster owes at this moment, in numbers to watch: read from the tables, by whoever is asked for metrics."""

from typing import Final

from streams.cluster.postgres import Postgres

FIGURES: Final = {
    "dharura_outbox_records": "Records written and not yet on Kafka.",
    "dharura_outbox_oldest_seconds": "How long the oldest of them has waited.",
    "dharura_deadlines_overdue": "Deadlines that have come and were not called back yet.",
    "dharura_deadline_oldest_overdue_seconds": "How long the oldest of them is over.",
    "dharura_messages_waiting": "Messages that may be sent now or later.",
    "dharura_messages_taken": "Messages that are with a carrier, or have no receipt.",
    "dharura_leases_held": "Duties that a keeper does at present.",
}
"""Names, and what they say."""

_READ: Final = """
SELECT
    (SELECT count(*) FROM outbox),
    coalesce((SELECT extract(epoch FROM clock_timestamp() - at) FROM outbox ORDER BY "offset" LIMIT 1), 0),
    (SELECT count(*) FROM deadline WHERE due < extract(epoch FROM clock_timestamp())),
    (SELECT greatest(0, coalesce(extract(epoch FROM clock_timestamp()) - min(due), 0)) FROM deadline),
    (SELECT count(*) FROM outgoing WHERE taken = 0),
    (SELECT count(*) FROM outgoing WHERE taken <> 0),
    (SELECT count(*) FROM lease WHERE until > clock_timestamp())
"""


def figures(connection: Postgres) -> dict[str, float]:
    """Read them, in the order of `FIGURES`; raises psycopg.Error."""
    row = connection.execute(_READ).fetchone()
    if row is None:
        raise LookupError("an aggregate gave no row")
    return dict(zip(FIGURES, map(float, row), strict=True))

"""Which step has heard which event. Asked by pairs: only so does the index serve, and the table holds two weeks."""

from collections.abc import Iterable
from typing import Final

from streams.database import Reading

HEARD: Final = """
SELECT asked.step, asked.id::text FROM unnest(?::text[], ?::uuid[]) AS asked (step, id)
CROSS JOIN LATERAL (SELECT 1 FROM heard WHERE heard.step = asked.step AND heard.id = asked.id LIMIT 1) AS found
"""
"""Says which of some pairs are there; takes the steps and the ids."""


def heard(connection: Reading, asked: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Give those (step, id) of which the step has heard the event, ids in lower case."""
    pairs = list(asked)
    if not pairs:
        return set()
    return set(connection.execute(HEARD, ([step for step, _ in pairs], [id_ for _, id_ in pairs])).fetchall())

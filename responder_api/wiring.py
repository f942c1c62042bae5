"""Puts a node together: the one place where adapters are chosen. Next: `app` puts HTTP in front of it.

`wiring_embedded` makes one that is all of the system, `wiring_cluster` one of many over Kafka and PostgreSQL.
"""

from responder_api import wiring_embedded
from responder_api.node import Node
from responder_api.settings import Settings
from streams.world import World


def build(settings: Settings, world: World | None = None, *, demo: bool = False, make_topics: bool = False) -> Node:
    """Make the node that the settings ask for; raises what its wiring raises."""
    if not settings.clustered:
        return wiring_embedded.build(settings, world, demo=demo)
    from responder_api import wiring_cluster  # Kafka's and PostgreSQL's clients: an embedded node needs neither

    return wiring_cluster.build(settings, world, make_topics=make_topics)

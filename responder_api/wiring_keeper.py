"""Puts the keeper's duties together: what only one process of a cluster may do at a time. See `wiring`."""

from responder_api.projecting import Projecting
from responder_api.settings import Settings
from responder_api.ways_out import channels
from streams.cluster.access import Cluster
from streams.cluster.deadlines import Deadlines
from streams.cluster.keeper import Duty
from streams.cluster.pruning import Pruning
from streams.cluster.relay import Relay
from streams.cluster.sending import Sending


def duties(settings: Settings, cluster: Cluster) -> list[Duty]:
    """Make every duty of a cluster."""
    return [
        Relay(cluster.database, cluster.kafka),
        Deadlines(cluster.database),
        Sending(cluster.database, channels(settings)),
        Projecting(cluster.database),
        Pruning(cluster.database),
    ]

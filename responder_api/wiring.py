"""Puts a node together: the one place where adapters are chosen. Next: `app` puts HTTP in front of it."""

from responder_api import wiring_embedded
from responder_api.node import Node
from responder_api.settings import Settings
from streams.world import World


def build(settings: Settings, world: World | None = None, *, demo: bool = False) -> Node:
    """Make the node that the settings ask for; raises what `wiring_embedded.build` raises."""
    return wiring_embedded.build(settings, world, demo=demo)

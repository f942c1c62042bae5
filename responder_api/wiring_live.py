"""Puts the live sockets of a node together, the same over every log and database. See `wiring`."""

from collections.abc import Callable

from responder_api.audience import Viewer
from responder_api.identity import Auth
from responder_api.live import Live, LiveSettings
from responder_api.node import Node
from responder_api.said import taken_down
from responder_api.settings import Settings
from responder_api.views import Views


def live_of(settings: Settings, views: Views, auth: Auth, node: Callable[[], Node]) -> Live:
    """Make the sockets of a node; `node` is asked once somebody says something on one."""

    async def on_message(viewer: Viewer, fields: dict[str, object]) -> dict[str, object]:
        return await taken_down(node(), viewer, fields)

    return Live(
        views,
        auth.check,
        auth.fallen,
        on_message,
        LiveSettings(allowed_origins=settings.origins(), sockets=settings.max_sockets),
    )

"""Keep two operators from working on the same thing unaware: what a claim that stands means for everybody else.

You are between the routes and `decisions`: a decision about something that another operator works on is refused, so
that they speak to each other or take it over, on the record (`routes.claims`). Who has what is decided in one order by
`streams.steps.desk`; here the document is asked, so a claim and a decision of the same moment may cross.
"""

from datetime import datetime
from typing import Any

import msgspec

from alerts.cap import EAT
from responder_api.audience import Viewer
from responder_api.errors import Refused
from responder_api.node import Node


def held_by_another(value: dict[str, Any], account: str, now: datetime) -> str | None:
    """Say in words who else works on a document and until when; None when nobody does."""
    claim = value.get("claim")
    if claim is None or claim["by"] == account:
        return None
    until = datetime.fromisoformat(claim["until"])
    if until <= now:
        return None
    return f"{claim.get('by_name') or claim['by']} works on this until {until.astimezone(EAT):%H:%M} (Kenya time)."


async def unclaimed(node: Node, viewer: Viewer, kind: str, id_: str) -> None:
    """Refused `claimed` when another operator works on a document."""
    document = await node.read(node.views.get, kind, id_)
    if document is not None:
        held = held_by_another(msgspec.json.decode(document.data), viewer.account, node.clock())
        if held is not None:
            raise Refused("claimed", held)

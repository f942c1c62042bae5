"""Ask back: an operator asks whoever reported something, by text message. The answer comes in as any text does."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from responder_api.audience import Viewer
from responder_api.auth import viewer_of
from responder_api.decisions import decide, operator_area, ours
from responder_api.door import new_id, node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_body, read_json
from streams.events import QuestionAsked

router = APIRouter(tags=["operators"])


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to ask. The same `client_id` again is the same question, and is sent once."""

    question: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
    client_id: Annotated[str, Meta(max_length=100)] = ""


@router.post("/reports/{id_}/ask", status_code=202, openapi_extra=json_body(Question))
async def ask(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Ask whoever sent a report, by text message; their next text is taken as the answer if the report still waits."""
    sent = await read_json(request, Question)
    node = node_of(request)
    document, value = await visible(node, "report", id_, viewer)
    ours(value)
    area = operator_area(viewer, document.audience)
    if value["state"] not in ("waiting", "located"):
        raise Refused("conflict", f"The report is {value['state']}: there is nothing to ask about it.")
    to = value.get("reporter", "")
    if not to.startswith("+"):
        raise Refused("reporter-unreachable", "Whoever sent this report left no phone number to ask.")
    body = QuestionAsked(report=id_, question=sent.question, by=viewer.account, to=to)
    asked = new_id(f"ask/{id_}/{viewer.account}", sent.client_id or None)
    return await decide(node, viewer, "report", id_, body, area, asked)

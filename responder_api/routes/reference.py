"""Show the table of errors where every problem's `type` points: `/errors#code`."""

from html import escape
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from responder_api.problems import PROBLEMS

router: Final = APIRouter()


@router.get("/errors", include_in_schema=False)
async def errors() -> Response:
    """Give every code with its status, its title and what to do next."""
    rows = "".join(
        f'<dt id="{escape(code)}"><code>{escape(code)}</code> {row.status}</dt>'
        f"<dd>{escape(row.title)}. {escape(row.next)}</dd>"
        for code, row in PROBLEMS.items()
    )
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Errors</title><h1>Errors</h1><dl>{rows}</dl>'
    return HTMLResponse(page, headers={"cache-control": "max-age=3600"})

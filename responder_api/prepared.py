"""Documents that never change while a node runs: made once, aside from all else, and kept compressed.

You are between a route and what makes its document. Next: `answer` sends it, or says that the client has it already.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from responder_api.page_files import accepts

ASK_EACH_TIME = "no-cache"
FOR_GOOD = "public, max-age=31536000, immutable"


class Document(msgspec.Struct, frozen=True):
    """A document as it is sent: plain, by gzip, and its tag."""

    data: bytes
    gzipped: bytes
    etag: str


class Prepared:
    """Keeps documents by name. Whoever asks first has a document made; all who ask meanwhile wait for the same one."""

    def __init__(self) -> None:
        self._documents: dict[str, asyncio.Task[Document]] = {}

    async def get(self, name: str, make: Callable[[], Any]) -> Document:
        """Give a document by its name; `make` runs in a thread of its own and gives what is to be written as JSON."""
        task = self._documents.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._documents[name] = asyncio.create_task(asyncio.to_thread(_made, make))
        # A client that gives up must not take the document from the others.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is being made."""
        await asyncio.gather(*self._documents.values(), return_exceptions=True)


def _made(make: Callable[[], Any]) -> Document:
    data = msgspec.json.encode(make())
    return Document(data, gzip.compress(data, 9, mtime=0), f'"{hashlib.sha256(data).hexdigest()[:32]}"')


def answer(request: Request, document: Document, media_type: str, cached: str = ASK_EACH_TIME) -> Response:
    """Send a document, smaller to whom takes gzip; 304 to whom has it."""
    headers = {"etag": document.etag, "cache-control": cached, "vary": "accept-encoding"}
    # One tag for both forms: a client compares it for the document's sake, and each keeps the form it was sent.
    if document.etag in [
        each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")
    ]:
        return Response(status_code=304, headers=headers)
    if accepts(request.headers.get("accept-encoding", ""), "gzip"):
        return Response(document.gzipped, headers={**headers, "content-encoding": "gzip"}, media_type=media_type)
    return Response(document.data, headers=headers, media_type=media_type)

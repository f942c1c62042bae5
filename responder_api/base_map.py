"""The base map: one PMTiles file of this machine, of which a reader asks for the parts it needs by Range.

You are beside `routes/maps`. A county that has a file of roads and terrain names it in DHARURA_BASEMAP; the console
lays its own areas over it. Nothing of it is kept in memory. Next: the console's map reads the file's own directory.
"""

import asyncio
import os
import re
from pathlib import Path
from typing import Final

import msgspec
from fastapi import Request
from starlette.responses import FileResponse, Response

from responder_api.errors import Refused

MOST: Final = 8 << 20
"""Bytes in one answer at most: a longer range is answered with its beginning, as RFC 9110 (14.4) lets a server do."""
MEDIA_TYPE: Final = "application/vnd.pmtiles"
_MAGIC: Final = b"PMTiles\x03"
_RANGE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})-(\d{0,18})")


class _Part(msgspec.Struct, frozen=True):
    data: bytes
    first: int
    size: int


def readable(path: Path | None) -> bool:
    """Tell whether there is a base map: a file that can be read and begins as PMTiles 3 does."""
    if path is None:
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


async def tiles(request: Request, path: Path | None) -> Response:
    """Answer a request for the file: 206 with the asked-for part, 200 with all of it where no part is asked for."""
    if path is None or not await asyncio.to_thread(readable, path):
        raise Refused("not-found", "There is no base map: DHARURA_BASEMAP names none that can be read.")
    state = await asyncio.to_thread(path.stat)
    etag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
    headers = {"etag": etag, "accept-ranges": "bytes", "cache-control": "no-cache"}
    if etag in [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    if asked is None or request.headers.get("if-range", etag) != etag:
        # What is sent is the file as it was found: it may have been replaced since its tag was made.
        return FileResponse(path, headers=headers, media_type=MEDIA_TYPE, stat_result=state)
    part = await asyncio.to_thread(_part, path, asked)
    if part is None:
        unmet = {"content-range": f"bytes */{state.st_size}"}
        raise Refused("range-not-satisfiable", f"The file has {state.st_size:,} bytes.", headers=unmet)
    headers["content-range"] = f"bytes {part.first}-{part.first + len(part.data) - 1}/{part.size}"
    headers["content-length"] = str(len(part.data))
    return Response(b"" if request.method == "HEAD" else part.data, 206, headers, MEDIA_TYPE)


def _part(path: Path, asked: str) -> _Part | None:
    """Read a range; None for one that is not of this file, or that is several."""
    found = _RANGE.fullmatch(asked.strip().lower())
    if found is None or found.groups() == ("", ""):
        return None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if found[1] == "":
            first, last = max(0, size - int(found[2])), size - 1
        else:
            first, last = int(found[1]), min(size - 1, int(found[2] or size - 1))
        if first > last:
            return None
        return _Part(os.pread(file.fileno(), min(last - first + 1, MOST), first), first, size)

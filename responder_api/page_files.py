"""The built pages as files: which there are, their compressed twins, their tags.

You are between `routes/pages` and the folder that `make setup` fills from `console/` (`npm run build`). Nothing is
compressed while somebody waits: the build has put a `.br` and a `.gz` beside what shrinks. A file is read once and
again when it changed, so that a build beside a running server is seen. Next: the browser.
"""

import hashlib
import re
from pathlib import Path
from typing import Final

import msgspec

FOLDER: Final = Path(__file__).with_name("pages")
"""Where the build puts them; a wheel carries it."""
HOW: Final = "make setup (it needs Node.js 20.19 or newer; make system-deps brings it)"
NEEDED: Final = ("console.html", "phone.html")

_NAME: Final = re.compile(r"(?:assets/|icons/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
_TWINS: Final = (("br", ".br"), ("gzip", ".gz"))


class PageFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file as it is sent: `encoding` is that of a twin, `varies` when another client would get another one."""

    data: bytes
    media_type: str
    etag: str
    encoding: str | None
    varies: bool


class PageFiles:
    """The files of one folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, int], bytes, str]] = {}

    @property
    def missing(self) -> list[str]:
        """Name the pages that are not built."""
        return [name for name in NEEDED if not (self.folder / name).is_file()]

    def find(self, name: str, accepted: str) -> PageFile | None:
        """Give a file by its name in the folder, as small as the client's Accept-Encoding allows; None: no such file.

        A name that could lead anywhere else than into the folder, or to a twin itself, is none.
        """
        media_type = _TYPES.get(Path(name).suffix)
        if media_type is None or _NAME.fullmatch(name) is None:
            return None
        plain = self._load(name)
        if plain is None:
            return None
        twins = [(encoding, name + suffix) for encoding, suffix in _TWINS if (self.folder / (name + suffix)).is_file()]
        for encoding, twin in twins:
            found = self._load(twin) if accepts(accepted, encoding) else None
            if found is not None:
                return PageFile(data=found[0], media_type=media_type, etag=found[1], encoding=encoding, varies=True)
        return PageFile(data=plain[0], media_type=media_type, etag=plain[1], encoding=None, varies=bool(twins))

    def _load(self, name: str) -> tuple[bytes, str] | None:
        path = self.folder / name
        try:
            stat = path.stat()
            state = (stat.st_mtime_ns, stat.st_size)
            if name not in self._read or self._read[name][0] != state:
                data = path.read_bytes()
                self._read[name] = (state, data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        except (FileNotFoundError, IsADirectoryError):
            self._read.pop(name, None)
            return None
        return self._read[name][1:]


def accepts(accepted: str, encoding: str) -> bool:
    """Tell whether an Accept-Encoding header takes an encoding (RFC 9110, 12.5.3); only when it names it."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == encoding:
            return re.fullmatch(r"\s*q\s*=\s*0(\.0{0,3})?\s*", weight) is None
    return False

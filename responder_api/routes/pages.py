"""Hand out the pages: the operators' console, the responders' phone page, and what they load.

You are where a browser comes in. The pages are files of a build (`page_files`) and know nothing; everything they show
they ask of the other routes, as whoever signed in. Their policy lets them load from here alone and run nothing that is
not a file of the build. The pages themselves are asked for anew each time (304 when they are the same); what they load
carries a hash in its name and never changes. Next: `sessions.sign_in`, then `/live`.
"""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import HTMLResponse, RedirectResponse, Response

from responder_api.door import node_of
from responder_api.errors import Refused
from responder_api.page_files import PageFiles
from responder_api.routes.setup import inline_hash

router: Final = APIRouter()

NOT_BUILT: Final = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
_RULES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",  # the WebSocket of this very host too (CSP 3, 6.7.2.8)
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "font-src": "'self'",
    "media-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    # No text ever becomes HTML or code; only an address of ours becomes a worker (console/src/trusted.ts).
    "require-trusted-types-for": "'script'",
    "trusted-types": "default",
}
POLICY: Final = "; ".join(f"{what} {where}" for what, where in _RULES.items())
_OFF: Final = ("camera", "display-capture", "microphone", "midi", "payment", "publickey-credentials-get", "usb")
_HEADERS: Final = {
    # On scripts too: a worker lives under the policy that came with its own file.
    "content-security-policy": POLICY,
    "permissions-policy": ", ".join(["geolocation=(self)", *(f"{feature}=()" for feature in _OFF)]),
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_NOT_BUILT_POLICY: Final = (
    f"default-src 'none'; style-src {inline_hash(NOT_BUILT, 'style')}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ANEW: Final = "no-cache"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


class _FileName(Convertor[str]):
    """The name of a file at the root that a page may name: an icon, a manifest, the phone page's service worker."""

    regex = r"[a-z0-9][a-z0-9-]*\.(?:ico|js|png|svg|webmanifest)"

    def convert(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Give it as it is."""
        return value


register_url_convertor("page_file", _FileName())


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def root() -> Response:
    """Lead to the console."""
    return RedirectResponse("/console", 307)


@router.api_route("/console", methods=["GET", "HEAD"], include_in_schema=False)
@router.api_route("/phone", methods=["GET", "HEAD"], include_in_schema=False)
@router.api_route("/styleguide", methods=["GET", "HEAD"], include_in_schema=False)
async def page(request: Request) -> Response:
    """Give a page; while it is not built, a page that says so and how to build it."""
    name = request.url.path.strip("/") + ".html"
    found = _found(request, name, _ANEW)
    if found is None:
        return HTMLResponse(NOT_BUILT, 503, {"content-security-policy": _NOT_BUILT_POLICY, "retry-after": "60"})
    return found


@router.api_route("/assets/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def asset(request: Request, name: str) -> Response:
    """Give a file whose name says what is in it."""
    return _found(request, f"assets/{name}", _FOR_GOOD) or _nothing()


@router.api_route("/icons/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def icon(request: Request, name: str) -> Response:
    """Give an icon of an installed page."""
    return _found(request, f"icons/{name}", _ANEW) or _nothing()


@router.api_route("/{name:page_file}", methods=["GET", "HEAD"], include_in_schema=False)
async def file(request: Request, name: str) -> Response:
    """Give a file at the root: its name stays when it changes, so it is asked for anew."""
    more = {"service-worker-allowed": "/phone"} if name == "phone-sw.js" else {}
    return _found(request, name, _ANEW, more) or _nothing()


def _nothing() -> Response:
    raise Refused("not-found", "There is no such file.")


def _found(request: Request, name: str, cached: str, more: dict[str, str] | None = None) -> Response | None:
    files: PageFiles = node_of(request).pages
    found = files.find(name, request.headers.get("accept-encoding", ""))
    if found is None:
        return None
    headers = {**_HEADERS, **(more or {}), "etag": found.etag, "cache-control": cached}
    if found.varies:
        headers["vary"] = "accept-encoding"
    if found.etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    if found.encoding is not None:
        headers["content-encoding"] = found.encoding
    headers["content-length"] = str(len(found.data))
    body = b"" if request.method == "HEAD" else found.data
    return Response(body, headers=headers, media_type=found.media_type)

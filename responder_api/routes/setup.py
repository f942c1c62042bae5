"""The page behind the link that the first start prints: it asks for a name and a password and posts them to `/setup`.

The one-time token stands in the link's fragment, which browsers keep to themselves. The page is one file with its
style and script in it; the policy names those two by their hashes, so nothing else can run or be fetched.
Next: `sessions.set_up`.
"""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

router: Final = APIRouter()

PAGE: Final = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


def inline_hash(page: str, tag: str) -> str:
    """Name the one script or style that stands in a page, for its policy."""
    (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'"


POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        f"script-src {inline_hash(PAGE, 'script')}",
        f"style-src {inline_hash(PAGE, 'style')}",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


@router.get("/setup", include_in_schema=False)
async def page() -> Response:
    """Give the page; it says for itself whether the link that led here was whole."""
    return HTMLResponse(PAGE, headers={"content-security-policy": POLICY})

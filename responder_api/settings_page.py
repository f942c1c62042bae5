"""Writes `docs/settings.md` from the table of settings, so that no setting is undocumented. See `reference`."""

from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from responder_api.settings import PREFIX, Settings


def settings_page() -> str:
    """Write `docs/settings.md` from the table."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. This page is written from `responder_api/settings.py` by",
        "`python -m responder_api.reference`; a test fails when it is out of date. A value that cannot be used, or a",
        "`DHARURA_*` variable that is not listed here, stops the start with one line that names it.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    lines.extend(
        f"| `{PREFIX}{field.name.upper()}` | {_default(field.default)} | {_meaning(field.type)} |"
        for field in msgspec.structs.fields(Settings)
    )
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    return "unset" if value in (None, "", ()) else f"`{value}`"


def _meaning(kind: Any) -> str:
    meta: Meta = get_args(kind)[1]
    choices = get_args(get_args(kind)[0]) if get_origin(get_args(kind)[0]) is Literal else ()
    listed = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    bounds = f" {meta.ge:,} to {meta.le:,}." if meta.ge is not None and meta.le is not None else ""
    return f"{meta.description}{bounds}{listed}".replace("|", "\\|")

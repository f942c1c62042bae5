"""When a document is over, so that it may leave the live view, and what it goes with.

Pure, of the document alone: `projector` notes since when something is over, and files it when the log says `Filed`.
"""

from collections.abc import Iterable
from typing import Final

from geo.places import COUNTRY
from responder_api.projection.change import Value

_COUNTY: Final = len("KE.042")

_OVER: Final = {
    "incident": frozenset({"closed"}),
    "report": frozenset({"repeated", "dismissed"}),
    "presence": frozenset({"left"}),
    "message": frozenset({"sent", "delivered", "failed", "recalled"}),
    "alert": frozenset({"superseded", "cancelled", "rejected", "expired"}),
    "deadletter": frozenset({"replayed", "dismissed"}),
}
PARTS: Final = ("assignment", "incident", "presence", "report")
"""Kinds that can be part of an incident, and leave the live view and come back with it."""


def is_over(kind: str, value: Value) -> bool:
    """Tell whether nothing is left to do about a document, by itself."""
    return value.get("state") in _OVER.get(kind, ())


def county_of(key: str, audience: Iterable[str]) -> str:
    """Give the county with which something is filed: that of a topic key, else of an audience, "" where none has one.

    Topic keys are counties, but for a station's readings and what became of them.
    """
    areas = (key, *(entry.partition(":")[2] for entry in audience if not entry.startswith("person:")))
    return next((area[:_COUNTY] for area in areas if area.startswith(f"{COUNTRY}.")), "")


def whole_of(kind: str, value: Value) -> str | None:
    """Give the incident that a document is part of: a report's or assignment's, and where a merged one goes on."""
    if kind == "incident":
        return value.get("into") if value.get("state") == "merged" else None
    return value.get("incident") if kind in PARTS else None

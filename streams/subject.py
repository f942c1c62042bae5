"""The one thing that a fact is about: its CloudEvents `subject`, by which histories are found."""

from streams.events import Event

_NAMES = (
    "incident",
    "report",
    "assignment",
    "alert",
    "original_id",
    "letter",
    "about",
    "station",
    "message",
    "responder",
)
"""Fields that name a subject, the most telling first."""

_FIELD: dict[type, str] = {}


def subject_of(event: Event) -> str:
    """Give the id of what a fact is about; its own where it is about itself (a report, a text message)."""
    kind = type(event.body)
    if kind not in _FIELD:
        _FIELD[kind] = next((name for name in _NAMES if name in kind.__struct_fields__), "")
    field = _FIELD[kind]
    return (str(getattr(event.body, field)) if field else "") or event.id

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

_FIELDS: dict[type, tuple[str, ...]] = {}


def subject_of(event: Event) -> str:
    """Give the id of what a fact is about; its own where it is about itself (a report, a text message)."""
    kind = type(event.body)
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in _NAMES if name in kind.__struct_fields__)
    for field in _FIELDS[kind]:
        subject = getattr(event.body, field)
        if subject:
            return str(subject)
    return event.id

"""Turn facts into what people see: pure, one event at a time.

You are between the log and the read model. `changes` gives the documents that one event makes or alters, given the ones
that stand; `projector` keeps them in the file and writes the feed. A document is a JSON object; its `id` is its own,
its kind one of report, incident, assignment, responder, presence, alert, gauge, message, deadletter. What a document
shows is as much as its audience may know: reporters' numbers stand only in reports, which only operators see. Each kind
has its module here, with a table of the facts that show in it; `documents` types what comes of it. A field that says
nothing (null, empty text, an empty list or map) is left out. A system's documents are changed by its own facts alone
(`owners`).
"""

from collections.abc import Iterator

from responder_api.projection import (
    alerts,
    assignments,
    desk,
    gauges,
    incidents,
    messages,
    presences,
    reports,
    responders,
)
from responder_api.projection.change import Change, Get, Projections, Value, told
from responder_api.projection.owners import of_the_same, owned, writer_of
from streams import events as e

__all__ = ["Change", "Get", "Value", "changes"]

_PROJECT: Projections = {
    **reports.PROJECTIONS,
    **incidents.PROJECTIONS,
    **assignments.PROJECTIONS,
    **responders.PROJECTIONS,
    **presences.PROJECTIONS,
    **alerts.PROJECTIONS,
    **gauges.PROJECTIONS,
    **messages.PROJECTIONS,
    **desk.PROJECTIONS,
}


def changes(event: e.Event, get: Get) -> Iterator[Change]:
    """Give what an event changes; each document at most once."""
    project = _PROJECT.get(type(event.body))
    if project is not None:
        made = project(event, event.body, of_the_same(writer_of(event.origin), get))
        for change in owned(event, made, get):
            yield change._replace(value=told(change.value))

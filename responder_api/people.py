"""People to ask about an incident, for the operator who wants to send somebody: ranked, each with the reasons.

You are between dispatch, whose own knowledge is read here as it stands (who is on shift, where, how busy), and the
route. The order and its reasons are those of `alerts.escalation`, so the operator's list and the rules' choice cannot
disagree.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET
from msgspec import UnsetType as Unset

from alerts.escalation import RULES
from responder_api.audience import Viewer, keys_of, may_see
from responder_api.documents import AssignmentState
from responder_api.views import Document
from responder_api.views_sql import ViewsSql
from streams.events import Part
from streams.state import State
from streams.steps.dispatch.people import Wanted, ranked, wanted, whole
from streams.steps.dispatch.roster import Person
from streams.steps.dispatch.seats import job
from streams.world import World


class AskOf(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody was asked about this incident, and how the newest such ask stands."""

    assignment: str
    state: AssignmentState
    need: str
    """The skill they were asked for; `requested` where an operator named them."""


class Askable(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could go, and why they stand where they stand in the order."""

    responder: str
    name: str
    title: str
    """Office or task; may be empty."""
    phone: str
    skills: tuple[str, ...]
    on_shift: bool
    has_app: bool
    score: float
    """0 to 1: the sum of `parts`."""
    reason: str
    parts: tuple[Part, ...]
    distance_m: float | None
    """Metres to the incident in a straight line; null where nobody knows where they are."""
    by: Literal["fix", "home", "nothing"]
    """What the distance was measured from: a position they shared, their post or home ward, or nothing."""
    asked: AskOf | None
    """Whether they were asked about this incident already."""
    busy: int
    """How many asks and jobs they have open, here or elsewhere."""


class People(msgspec.Struct, frozen=True, kw_only=True):
    """People to ask about an incident, the best first, and what it needs."""

    incident: str
    items: tuple[Askable, ...]
    total: int
    """How many there are in all; `items` are the first of them."""
    needs: tuple[Wanted, ...]
    """What the incident needs, the most telling skill first."""
    rules: str
    """Version of the rule of this order."""


class _Entry(msgspec.Struct, frozen=True):
    """What is shown of a responder's document."""

    id: str
    name: str
    on_shift: bool
    has_app: bool = False
    title: str = ""
    phone: str = ""
    skills: tuple[str, ...] = ()


class _Ask(msgspec.Struct, frozen=True):
    """What is shown of an assignment's document."""

    id: str
    incident: str
    responder: str
    state: AssignmentState
    need: str
    offered_at: datetime | Unset = UNSET


_ENTRY = msgspec.json.Decoder(_Entry)
_ASK = msgspec.json.Decoder(_Ask)


def people(
    views: ViewsSql, world: World, viewer: Viewer, incident: Document, need: str | None, limit: int, now: datetime
) -> People | None:
    """Give those of an incident's county whom the viewer may see and who have the skill it needs.

    That is `need`, else any skill that the incident asks for. None when dispatch does not know the incident. Reads the
    database: call it from a thread.
    """
    county = msgspec.json.decode(incident.data)["ward"][:6]
    known = views.state("dispatch", county)
    state = State(known)
    found = job(state, incident.id)
    if found is None:
        return None
    needs = wanted(world, found)
    skills: Sequence[str] = [need] if need else [each.need for each in needs]
    entries = _entries(views, viewer, county)
    persons = [who for who in known.under("person", Person) if who.id in entries]
    order = ranked(persons, found, skills, now)
    asked = _asked(views, viewer, incident.id, whole(state, found))
    items = []
    for who, row in order[:limit]:
        entry = entries[who.id]
        items.append(
            Askable(
                responder=who.id,
                name=entry.name,
                title=entry.title,
                phone=entry.phone,
                skills=entry.skills,
                on_shift=who.on,
                has_app=entry.has_app,
                score=row.score,
                reason=row.reason,
                parts=row.parts,
                distance_m=row.distance_m,
                by=row.by,
                asked=asked.get(who.id),
                busy=who.load,
            )
        )
    return People(incident=incident.id, items=tuple(items), total=len(order), needs=needs, rules=RULES)


def _entries(views: ViewsSql, viewer: Viewer, county: str) -> dict[str, _Entry]:
    rows = views.find("responder", frozenset(keys_of(viewer)), areas=frozenset({county}), limit=1_000_000)
    return {row.id: _ENTRY.decode(row.data) for row in rows}


def _asked(views: ViewsSql, viewer: Viewer, incident: str, whole: set[str]) -> dict[str, AskOf]:
    """Give, by responder, the newest ask about an incident or one that is part of it, which `whole` names."""
    rows = [_ASK.decode(row.data) for row in views.parts(incident, "assignment") if may_see(viewer, row.audience)]
    rows = [ask for ask in rows if ask.incident in whole]  # what was part of it once is still found there
    rows.sort(key=lambda ask: ask.offered_at.timestamp() if isinstance(ask.offered_at, datetime) else 0.0)
    return {ask.responder: AskOf(assignment=ask.id, state=ask.state, need=ask.need) for ask in rows}

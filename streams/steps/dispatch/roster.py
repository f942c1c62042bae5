"""Who can be asked, by area: part of the state of `dispatch`.

A roster per ward, sub-county and county names the responders on shift there, so that choosing one reads a few lists and
not the whole county.
"""

from datetime import datetime

import msgspec

from geo.places import parents
from streams.events import Event, PositionShared, ResponderEnrolled, ShiftChanged
from streams.state import State
from streams.world import World


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A responder as dispatch knows them. `load` counts open asks and jobs."""

    id: str
    name: str
    skills: tuple[str, ...]
    home: str
    home_lon: float | None = None
    home_lat: float | None = None
    lon: float | None = None
    lat: float | None = None
    fix_at: datetime | None = None
    active: bool = True
    on: bool = False
    load: int = 0


class Roster(msgspec.Struct, frozen=True):
    """Ids of the responders with one skill who are on shift and whose home is in one area."""

    ids: tuple[str, ...] = ()


class Freed(msgspec.Struct, frozen=True):
    """Ids of the responders who can be asked for more than before the event at hand."""

    ids: tuple[str, ...] = ()


def person(state: State, id_: str) -> Person | None:
    """Give a responder of this county."""
    return state.get(f"person/{id_}", Person)


def on_shift(state: State, area: str, skill: str) -> list[Person]:
    """Give the responders with a skill on shift in an area (ward, sub-county or county)."""
    roster = state.get(f"roster/{area}/{skill}", Roster) or Roster()
    return [found for id_ in roster.ids if (found := person(state, id_)) is not None]


def keep(state: State, changed: Person) -> None:
    """Store a responder as they now are."""
    state.put(f"person/{changed.id}", changed)


def changed_load(state: State, id_: str, by: int) -> None:
    """Count an ask or job more or less for a responder."""
    found = person(state, id_)
    if found is not None:
        keep(state, msgspec.structs.replace(found, load=max(0, found.load + by)))
        if by < 0:
            _free(state, found)


def _free(state: State, who: Person) -> None:
    if who.on and who.active:
        before = state.get("freed", Freed) or Freed()
        state.put("freed", Freed((*before.ids, who.id)))


def freed(state: State) -> tuple[str, ...]:
    """Give, once, who can be asked for more than before."""
    found = state.get("freed", Freed)
    if found is None:
        return ()
    state.drop("freed")
    return tuple(dict.fromkeys(found.ids))


def enrol(world: World, state: State, body: ResponderEnrolled) -> None:
    """Take over an entry of the county's list."""
    before = person(state, body.responder)
    known = before if before is not None and body.active else None
    lon, lat = _centre(world, body.home)
    after = Person(
        id=body.responder,
        name=body.name,
        skills=body.skills,
        home=body.home,
        home_lon=body.lon if body.lon is not None else lon,
        home_lat=body.lat if body.lat is not None else lat,
        lon=known.lon if known else None,
        lat=known.lat if known else None,
        fix_at=known.fix_at if known else None,
        active=body.active,
        on=bool(before and before.on),
        load=before.load if before else 0,
    )
    if before is not None:
        _list(state, before, listed=False)
    keep(state, after)
    _list(state, after, listed=after.on and after.active)
    _free(state, after)


def shift(state: State, body: ShiftChanged) -> None:
    """Note that somebody went on or off shift."""
    found = person(state, body.responder)
    if found is None or found.on == body.on:
        return
    # Where somebody was on their last shift says nothing of where they are, and is nobody's business.
    after = msgspec.structs.replace(found, on=body.on, lon=None, lat=None, fix_at=None)
    keep(state, after)
    _list(state, after, listed=after.on and after.active)
    _free(state, after)


def position(state: State, event: Event, body: PositionShared) -> None:
    """Note where a responder is, unless a newer position is known."""
    found = person(state, body.responder)
    at = min(event.at, event.seen)  # a device whose clock is ahead must not outdo every later position
    if found is not None and found.on and (found.fix_at is None or at >= found.fix_at):
        keep(state, msgspec.structs.replace(found, lon=body.lon, lat=body.lat, fix_at=at))


def _list(state: State, who: Person, *, listed: bool) -> None:
    for area in (who.home, *parents(who.home)):
        for skill in who.skills if area != "KE" else ():
            roster = state.get(f"roster/{area}/{skill}", Roster) or Roster()
            others = tuple(id_ for id_ in roster.ids if id_ != who.id)
            state.put(f"roster/{area}/{skill}", Roster((*others, who.id) if listed else others))


def _centre(world: World, home: str) -> tuple[float | None, float | None]:
    rows = world.wards.rows_in(home)
    if not rows:
        return None, None
    wards = [world.wards.ward(row) for row in rows]
    return sum(ward.lon for ward in wards) / len(wards), sum(ward.lat for ward in wards) / len(wards)

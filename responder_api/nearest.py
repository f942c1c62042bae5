"""What stands nearest to a position: people on shift, or places of a kind, with the distance in a straight line.

You are between `geo.nearby`, which measures, and the route. People come from what the viewer's board shows, so nobody
is found here who is not seen there; places are everybody's.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from geo import nearby
from geo.places import Point, Rejected
from geo.resolution import Place
from responder_api.audience import Viewer, keys_of
from responder_api.views_sql import ViewsSql
from streams.world import World

RESPONDER = "responder"
MOST_PEOPLE = 100_000


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody or something near: a responder with `id`, skills and how old their position is, or a place."""

    name: str
    kind: str
    lon: float
    lat: float
    distance_m: float
    ward: str | None
    """Path of the ward it lies in; null outside all wards."""
    ward_name: str | None
    id: str | None = None
    skills: tuple[str, ...] = ()
    fix_at: datetime | None = None
    """Since when the position is known; null for a place, and for somebody's post."""
    source: str = ""
    """Whom a place's name is owed to."""


class Nearest(msgspec.Struct, frozen=True, kw_only=True):
    """The nearest of a kind, nearest first."""

    items: tuple[Found, ...]
    kinds: tuple[str, ...]
    """Which kinds of place there are."""
    known: int | None = None
    """How many places of the kind are known here, near or not; null for responders."""


class _Person(msgspec.Struct, frozen=True):
    """What is read of a responder's document."""

    id: str
    name: str
    on_shift: bool
    lon: float | None = None
    lat: float | None = None
    active: bool = True
    skills: tuple[str, ...] = ()
    fix_at: datetime | None = None


_PERSON = msgspec.json.Decoder(_Person)


def nearest_people(
    views: ViewsSql, world: World, viewer: Viewer, at: Point, skill: str | None, limit: int, within_m: float
) -> tuple[Found, ...]:
    """Find people on shift whom the viewer sees as an operator, and who have the skill if one is asked for.

    Reads the database: call it from a thread.
    """
    standing = {
        person.id: (person, where)
        for person, where in _on_shift(views, viewer)
        if skill is None or skill in person.skills
    }
    points = ((id_, where.lon, where.lat) for id_, (_, where) in standing.items())
    found = []
    for near in nearby.nearest(points, at.lon, at.lat, limit):
        person, where = standing[near.id]
        if near.metres <= within_m:
            stands = _found(world, person.name, RESPONDER, where, near.metres)
            found.append(msgspec.structs.replace(stands, id=person.id, skills=person.skills, fix_at=person.fix_at))
    return tuple(found)


def nearest_places(world: World, kind: str, at: Point, limit: int, within_m: float) -> tuple[Found, ...]:
    """Find places of a kind."""
    return tuple(
        msgspec.structs.replace(_found(world, place.name, kind, place, near.metres), source=place.source)
        for near, place in world.facilities.nearest(kind, at.lon, at.lat, limit, within_m)
    )


def kind_meant(world: World, kind: str) -> str:
    """Give the kind that is meant, in small or capital letters; Rejected `kind-unknown`, which names those known."""
    known = {each.casefold(): each for each in (RESPONDER, *world.facilities.kinds)}
    meant = known.get(kind.strip().casefold())
    if meant is None:
        raise Rejected("kind-unknown", f"there is no kind {kind!r} here; there are: {', '.join(known.values())}")
    return meant


def _on_shift(views: ViewsSql, viewer: Viewer) -> Iterator[tuple[_Person, Point]]:
    keys = frozenset(key for key in keys_of(viewer) if key.startswith("operator:"))
    for document in views.find(RESPONDER, keys, limit=MOST_PEOPLE):
        person = _PERSON.decode(document.data)
        if person.on_shift and person.active and person.lon is not None and person.lat is not None:
            yield person, Point(lon=person.lon, lat=person.lat)


def _found(world: World, name: str, kind: str, where: Point | Place, metres: float) -> Found:
    row = world.wards.locate(where.lon, where.lat)
    ward = world.wards.ward(row) if row >= 0 else None
    return Found(
        name=name,
        kind=kind,
        lon=where.lon,
        lat=where.lat,
        distance_m=metres,
        ward=ward.path if ward else None,
        ward_name=ward.name if ward else None,
    )

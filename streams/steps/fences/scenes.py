"""The scenes of open incidents and who is inside: drawn, drawn anew, ended. Part of `fences`.

Nobody inside is forgotten: a scene that ends, or is drawn where they are not, says so of each of them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from geo.fences import Change, Circle, Fence, Fix, Presence, end, judge
from geo.places import Rejected, check_position
from streams.events import Event, Fact, FenceDwelt, FenceEntered, FenceLeft
from streams.state import State
from streams.steps.fences.cells import list_scene, people_near

RULES: Final = "fences-1"
EXIT_M: Final = 100.0
"""How far beyond a scene's edge one must certainly be to have left: more than a phone's position wanders at rest."""
DWELL_S: Final = 600.0
"""How long one stays to be there, and not only to have come through."""
WIDEST_M: Final = 1_000_000.0
"""How far no scene reaches."""
FRESH: Final = timedelta(minutes=15)
"""How old somebody's last position may be to tell where they are when a scene is drawn; at rest one comes in five."""


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody is inside a scene."""

    since: datetime
    dwelt: bool = False


class Scene(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fence of an open incident, which operators hear of it, and who is inside."""

    lon: float
    lat: float
    scene_m: float
    seen_by: tuple[str, ...]
    inside: dict[str, Visit] = {}
    since: datetime | None = None
    """When it was first drawn; None from a version that did not keep it."""


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A responder's newest position on this shift, and which scenes they are inside of.

    Whoever is not known here is taken to be on shift: the door takes positions from nobody else.
    """

    on: bool = True
    struck: bool = False
    """Not on the county's list any more."""
    fix: Fix | None = None
    inside: tuple[str, ...] = ()
    since: datetime | None = None
    """When they came back on shift, or on the list; None while they never left."""


def standing(state: State, incident: str) -> Scene | None:
    """Give the scene of an open incident."""
    return state.get(f"scene/{incident}", Scene)


def person(state: State, who: str) -> Person | None:
    """Give what is known of a responder."""
    return state.get(f"person/{who}", Person)


def keep(state: State, who: str, known: Person) -> None:
    """Store what is known of a responder."""
    state.put(f"person/{who}", known)


def fence_of(incident: str, scene: Scene) -> Fence:
    """Give the fence around a scene."""
    shape = Circle(lon=scene.lon, lat=scene.lat, radius_m=scene.scene_m)
    return Fence(id=incident, shape=shape, exit_m=EXIT_M, dwell_s=DWELL_S)


def presence(incident: str, scene: Scene, who: str, known: Person | None) -> Presence | None:
    """Give how somebody stands to a scene by their last position; None where they are not inside."""
    visit = scene.inside.get(who)
    if visit is None or known is None or known.fix is None:
        return None
    return Presence(fence=incident, who=who, inside=True, since=visit.since, at=known.fix.at, dwelt=visit.dwelt)


def drawn(
    state: State, event: Event, incident: str, lon: float | None, lat: float | None, scene_m: float | None
) -> Iterator[Fact]:
    """Draw a scene, or draw it anew, and look who is inside by their last position.

    Rejected `position-...` and `invalid-body` for one that is nowhere, or wider than any: its cells would have no end.
    """
    if lon is None or lat is None or scene_m is None:
        return  # said by a version that drew none
    check_position(lon, lat)
    if not 0 <= scene_m <= WIDEST_M:
        raise Rejected("invalid-body", f"a scene reaches {WIDEST_M:.0f} m at most, not {scene_m:g}")
    before = standing(state, incident)
    seen_by = tuple(entry for entry in event.audience if entry.startswith("operator:"))
    inside = {} if before is None else before.inside
    since = event.at if before is None else before.since
    scene = Scene(lon=lon, lat=lat, scene_m=scene_m, seen_by=seen_by, inside=inside, since=since)
    if scene == before:
        return
    state.put(f"scene/{incident}", scene)
    fence = fence_of(incident, scene)
    if before is not None:
        list_scene(state, incident, fence_of(incident, before).box(), listed=False)
    list_scene(state, incident, fence.box(), listed=True)
    for who in inside:
        known = person(state, who)
        there = presence(incident, scene, who, known)
        if there is not None and known is not None and known.fix is not None and fence.side(known.fix) == "outside":
            yield from told(state, event, end([there], event.at, "redrawn"))
    yield from _found(state, event, fence)


def coming(scene: Scene, fix: Fix, seen: datetime) -> Fix | None:
    """Give the fix by which somebody may come in: one from just before the scene at its start, no old one."""
    if scene.since is None or fix.at >= scene.since:
        return fix
    return msgspec.structs.replace(fix, at=scene.since) if seen - fix.at <= FRESH else None


def _found(state: State, event: Event, fence: Fence) -> Iterator[Fact]:
    """Let in who is inside a scene already: since it was drawn, if they were there before."""
    for who in people_near(state, fence.box()):
        known = person(state, who)
        if known is None or known.fix is None or fence.id in known.inside or event.seen - known.fix.at > FRESH:
            continue
        fix = msgspec.structs.replace(known.fix, at=max(known.fix.at, event.at))
        yield from told(state, event, judge(fence, None, who, fix)[1])


def ended(state: State, event: Event, incident: str) -> Iterator[Fact]:
    """Close what everybody inside began, and forget the scene."""
    scene = standing(state, incident)
    if scene is None:
        return
    inside = (presence(incident, scene, who, person(state, who)) for who in scene.inside)
    yield from told(state, event, end(filter(None, inside), event.at))
    list_scene(state, incident, fence_of(incident, scene).box(), listed=False)
    state.drop(f"scene/{incident}")


def told(state: State, event: Event, changes: tuple[Change, ...]) -> Iterator[Fact]:
    """Say what changed, each with what is kept of it."""
    for change in changes:
        scene, known = standing(state, change.fence), person(state, change.who)
        if scene is None or known is None or known.fix is None:
            raise LookupError(f"{change.who} is known nowhere, or {change.fence} has no scene")
        body = _body(change, scene, known.fix)
        visits = {who: visit for who, visit in scene.inside.items() if who != change.who}
        inside = tuple(id_ for id_ in known.inside if id_ != change.fence)
        if change.kind != "exit":
            visits[change.who] = Visit(since=change.since, dwelt=change.kind == "dwell")
            inside = (*inside, change.fence)
        state.put(f"scene/{change.fence}", msgspec.structs.replace(scene, inside=visits))
        keep(state, change.who, msgspec.structs.replace(known, inside=inside))
        seen_by = (*scene.seen_by, f"person:{change.who}")
        yield Fact(body=body, audience=seen_by, at=change.at, versions={"rules": RULES})


def _body(change: Change, scene: Scene, fix: Fix) -> FenceEntered | FenceDwelt | FenceLeft:
    incident, who = change.fence, change.who
    if change.kind == "exit":
        return FenceLeft(incident=incident, responder=who, since=change.since, reason=change.reason)  # type: ignore[arg-type]  # one of LeftFor: from `geo.fences.judge` and the callers of `end`
    if change.kind == "dwell":
        return FenceDwelt(incident=incident, responder=who, since=change.since)
    return FenceEntered(
        incident=incident,
        responder=who,
        lon=fix.lon,
        lat=fix.lat,
        scene_m=scene.scene_m,
        accuracy_m=fix.accuracy_m,
    )

"""Who is at the scene: draws a fence around each open incident and judges the positions that responders share.

You are beside `dispatch`, behind `incidents`, which says where an incident is and how far its scene reaches. What is
written here changes no assignment: what a person taps stays their own word, and this stands beside it. A county's
scenes hear the positions of that county's responders. The scenes are in `scenes`, and in `cells` what lists them, so
that a position costs the same however many incidents are open elsewhere. Next: the operators' view shows who is there.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from geo.fences import Change, Fix, end, judge
from streams.events import (
    Event,
    Fact,
    IncidentClosed,
    IncidentGrew,
    IncidentMerged,
    IncidentOpened,
    IncidentReopened,
    IncidentRescored,
    PositionShared,
    ResponderEnrolled,
    ShiftChanged,
)
from streams.state import State
from streams.steps.fences import scenes
from streams.steps.fences.cells import list_person, scenes_near

ACCURACY_M: Final = 50.0
"""How exact a position is taken to be that does not say so, metres."""


def fences(state: State, event: Event) -> Iterator[Fact]:
    """Keep who is at the scene of each open incident of the county."""
    match event.body:
        case PositionShared() as body:
            yield from _moved(state, event, body)
        case IncidentOpened() | IncidentGrew() | IncidentReopened() as body:
            yield from scenes.drawn(state, event, body.incident, body.lon, body.lat, body.scene_m)
        case IncidentRescored() as body if scenes.standing(state, body.incident) is not None:
            # One that is over may be rescored, too: it has no scene any more.
            yield from scenes.drawn(state, event, body.incident, body.lon, body.lat, body.scene_m)
        case IncidentMerged() as body:
            yield from scenes.ended(state, event, body.incident)
            into = scenes.standing(state, body.into)
            if into is not None:
                yield from scenes.drawn(state, event, body.into, into.lon, into.lat, body.scene_m)
        case IncidentClosed() as body:
            yield from scenes.ended(state, event, body.incident)
        case ShiftChanged() as body:
            yield from _watched(state, event, body.responder, on=body.on)
        case ResponderEnrolled() as body:
            yield from _watched(state, event, body.responder, struck=not body.active)
        case _:
            pass


def _moved(state: State, event: Event, body: PositionShared) -> Iterator[Fact]:
    """Judge a position against the scenes around it and those that its sender is inside of."""
    who = body.responder
    before = scenes.person(state, who) or scenes.Person()
    accuracy_m = ACCURACY_M if body.accuracy_m is None else body.accuracy_m
    # A device whose clock is ahead must not outdo every later position.
    fix = Fix(lon=body.lon, lat=body.lat, at=min(event.at, event.seen), accuracy_m=accuracy_m)
    if not before.on or before.struck or (before.fix is not None and fix.at <= before.fix.at):
        return
    if before.since is not None and fix.at < before.since:
        return  # out of the phone's memory of the shift before
    list_person(state, who, before.fix, fix)
    scenes.keep(state, who, msgspec.structs.replace(before, fix=fix))
    changes: list[Change] = []
    # Where one leaves comes before where one enters.
    for incident in dict.fromkeys([*before.inside, *scenes_near(state, fix)]):
        scene = scenes.standing(state, incident)
        if scene is not None:
            there = scenes.presence(incident, scene, who, before)
            judged = fix if there is not None else scenes.coming(scene, fix, event.seen)
            if judged is not None:
                changes += judge(scenes.fence_of(incident, scene), there, who, judged)[1]
    yield from scenes.told(state, event, tuple(changes))


def _watched(
    state: State, event: Event, who: str, *, on: bool | None = None, struck: bool | None = None
) -> Iterator[Fact]:
    """Note whether somebody is on shift and on the list; who is not, is nowhere."""
    before = scenes.person(state, who) or scenes.Person()
    after = scenes.Person(
        on=before.on if on is None else on,
        struck=before.struck if struck is None else struck,
    )
    if after.on and not after.struck:
        after = msgspec.structs.replace(after, since=min(event.at, event.seen))
    if (after.on, after.struck) == (before.on, before.struck):
        return
    there = []
    for incident in before.inside:
        scene = scenes.standing(state, incident)
        there.append(None if scene is None else scenes.presence(incident, scene, who, before))
    yield from scenes.told(state, event, end(filter(None, there), event.at, "off-shift"))
    list_person(state, who, before.fix, None)
    scenes.keep(state, who, after)

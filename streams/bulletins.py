"""The CAP infos of a river warning: one per language, the same event, the wards downstream as areas. Pure.

A severity here comes from a mark of ours, not from a met service, and says so (parameter `dharura:derived`).
"""

from datetime import timedelta

import shapely

from alerts import wording
from alerts.cap import DERIVED, WARD_SCHEME, Area, Info, Named, ResponseType, Ring, Severity, Urgency
from alerts.plans import SEVERITIES
from geo.places import Rejected
from streams.events import Arrival, Event, LevelCrossed
from streams.world import World

RULES = "river-warning-1"
TOLERANCE_DEG = 0.003
"""How far a ward's outline in an alert may lie from the real one: about 330 m; the geocode says which ward is meant."""
MOST_VERTICES = 100
RESPONSES: dict[Severity, tuple[ResponseType, ...]] = {
    "Extreme": ("Evacuate",),
    "Severe": ("Prepare",),
    "Moderate": ("Monitor",),
    "Minor": ("Monitor",),
    "Unknown": ("Monitor",),
}


def infos(world: World, event: Event, crossed: LevelCrossed, severity: Severity) -> tuple[Info, ...]:
    """Write the infos of a warning about a crossing, in the county's languages: what stands, not what came first."""
    mark = gravest(world, crossed)
    value = crossed.value if crossed.level is None else crossed.level
    languages = list(dict.fromkeys(wording.language(code) for code in world.languages_of(event.key)))
    areas = tuple(area for arrival in crossed.wards if (area := _area(world, arrival)) is not None)
    soonest = min((arrival.minutes for arrival in crossed.wards), default=0.0)
    urgency: Urgency = "Immediate" if severity == "Extreme" or soonest <= 60 else "Expected"
    expires = event.seen + timedelta(seconds=world.plan.hazard("flood").warn_s)
    county = _county(world, event.key)
    named = world.known_names(arrival.ward for arrival in crossed.wards)
    # A ward beyond our boundaries has only a code, which says nothing to people: it is counted, not named.
    unnamed = len(crossed.wards) - len(named) if named else 0
    made = []
    for language in languages:
        text = wording.bulletin(
            language,
            hazard="flood",
            severity=severity,
            places=named or [county or crossed.river or crossed.station_name],
            unnamed=unnamed,
            minutes=soonest or None,
            river=crossed.river,
            station=crossed.station_name,
            value=value,
            unit=crossed.unit,
            mark=mark,
        )
        made.append(
            Info(
                categories=("Met",),
                event=text.event,
                urgency=urgency,
                severity=severity,
                certainty="Observed",
                language=text.language,
                response_types=RESPONSES[severity],
                effective=event.seen,
                expires=expires,
                sender_name=county,
                headline=text.headline,
                description=text.description,
                instruction=text.instruction,
                parameters=(Named(DERIVED, f"{RULES}; mark {mark} of {crossed.station}"),),
                areas=areas,
            )
        )
    return tuple(made)


def gravest(world: World, crossed: LevelCrossed) -> str:
    """Name the gravest mark that stands raised; the one that was crossed where none of the others is graver."""
    known = world.stations.get(crossed.station)
    marks = {mark.name: mark for mark in known.station.marks} if known is not None else {}
    standing = [mark for name in (crossed.mark, *crossed.raised) if (mark := marks.get(name)) is not None]
    return max(standing, key=lambda mark: SEVERITIES.index(mark.severity)).name if standing else crossed.mark


def _county(world: World, key: str) -> str:
    row = next(iter(world.wards.rows_in(key)), None)
    return f"{world.wards.ward(row).county} County" if row is not None else ""


def _area(world: World, arrival: Arrival) -> Area | None:
    try:
        row = world.wards.row(arrival.ward)
    except Rejected:
        # Downstream of us but outside our boundaries: the geocode alone says which ward is meant.
        return Area(description=arrival.ward, geocodes=(Named(WARD_SCHEME, arrival.ward),))
    ward = world.wards.ward(row)
    return Area(
        description=wording.area_text(ward.name, ward.county),
        polygons=_rings(world.wards.geometry(row)),
        geocodes=(Named(WARD_SCHEME, ward.path),),
    )


def _rings(shape: shapely.Polygon | shapely.MultiPolygon) -> tuple[Ring, ...]:
    tolerance = TOLERANCE_DEG
    simple = shapely.simplify(shape, tolerance)
    while shapely.get_num_coordinates(simple) > MOST_VERTICES and tolerance < 1:
        tolerance *= 2
        simple = shapely.simplify(shape, tolerance)
    rings = []
    for part in shapely.get_parts(simple):
        ring = [(round(lon, 4), round(lat, 4)) for lon, lat in shapely.get_coordinates(part.exterior).tolist()]
        if len(ring) >= 4 and len(set(ring)) >= 3:
            rings.append((*ring[:-1], ring[0]))
    return tuple(rings)

"""The CAP infos of a river warning: one per language, the same event, the wards downstream as areas. Pure.

A severity here comes from a mark of ours, not from a met service, and says so (parameter `dharura:derived`). The wards'
outlines are drawn with few positions by `alerts.cap_outlines`, which states their error.
"""

from datetime import timedelta

from alerts import wording
from alerts.cap import DERIVED, Info, Named, ResponseType, Severity, Urgency
from alerts.cap_outlines import areas_of
from alerts.plans import SEVERITIES
from streams.events import Event, LevelCrossed
from streams.world import World

RULES = "river-warning-1"
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
    areas, error = areas_of(world.wards, (arrival.ward for arrival in crossed.wards))
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
                parameters=(Named(DERIVED, f"{RULES}; mark {mark} of {crossed.station}"), *error),
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

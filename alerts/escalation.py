"""Who is asked, in what order, and who next when nobody answers.

You are on the dispatch road: `alerts.plans` says what is needed and how long to wait, this module puts people in order
and names the next level up (ward, sub-county, county, national). Next: `alerts.wording` writes the ask.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

from alerts.cap import Severity
from alerts.parts import Part
from alerts.plans import Plan
from geo.places import contains, distance_m, parents

RULES: Final = "rank-1"
"""Version of the ranking rule; goes into every ask that rests on it."""

Level = Literal["national", "county", "sub-county", "ward"]
_LEVELS: Final[tuple[Level, ...]] = ("national", "county", "sub-county", "ward")

FIX_S: Final = 1800.0
"""A position older than this says nothing of where somebody is now."""
FIX_AHEAD_S: Final = 300.0
HALF_AT_M: Final = 5000.0
"""At this distance the part for distance is half of what it is on the spot."""
WEIGHTS: Final = {"skill": 0.4, "distance": 0.35, "load": 0.15, "level": 0.1}
_HOME: Final = {"ward": 1.0, "sub-county": 0.7, "county": 0.4, "national": 0.1}


def level(area: str) -> Level:
    """Name the level of an area path."""
    return _LEVELS[min(area.count("."), len(_LEVELS) - 1)]


def ladder(area: str) -> tuple[str, ...]:
    """List the areas that are asked one after the other, from this one up to the nation."""
    return (area, *parents(area))


def offer_deadline(plan: Plan, severity: Severity, since: datetime) -> datetime:
    """Tell until when one responder may answer an ask."""
    return since + timedelta(seconds=plan.offer_deadline_s(severity))


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who could be asked.

    `home` is the area path of the home ward (or wider), `home_lon` and `home_lat` its centre; `lon`, `lat` the last
    position shared, at `fix_at`; `load` the number of asks and jobs they have open.
    """

    id: str
    home: str
    skills: tuple[str, ...] = ()
    load: int = 0
    lon: float | None = None
    lat: float | None = None
    fix_at: datetime | None = None
    home_lon: float | None = None
    home_lat: float | None = None


class Ranked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A candidate's place in the order: score 0..1 as the sum of its parts, and why in words."""

    id: str
    score: float
    parts: tuple[Part, ...]
    reason: str
    distance_m: float | None = None
    by: Literal["fix", "home", "nothing"] = "nothing"
    """What the distance was measured from."""
    rules: str = RULES


def _where(candidate: Candidate, now: datetime) -> tuple[float, float, Literal["fix", "home"], str] | None:
    """Say where a candidate is taken to be, and on what ground."""
    if candidate.lon is not None and candidate.lat is not None and candidate.fix_at is not None:
        age = (now - candidate.fix_at).total_seconds()
        if -FIX_AHEAD_S <= age <= FIX_S:
            return candidate.lon, candidate.lat, "fix", f"position {max(0, round(age / 60))} min old"
    if candidate.home_lon is None or candidate.home_lat is None:
        return None
    why = "no position shared" if candidate.fix_at is None else "last position too old"
    return candidate.home_lon, candidate.home_lat, "home", f"from home ward, {why}"


@lru_cache(maxsize=8192)  # a county has some hundred homes, and thousands of people in them
def _shared(area: str, home: str) -> Level:
    """Name the narrowest level that an area and a home have in common."""
    return next((level(path) for path in ladder(area) if contains(path, home)), "national")


def _rank(candidate: Candidate, lon: float, lat: float, area: str, skills: Sequence[str], now: datetime) -> Ranked:
    having = [skill for skill in skills if skill in candidate.skills]
    where = _where(candidate, now)
    metres = None if where is None else distance_m(where[0], where[1], lon, lat)
    shared = _shared(area, candidate.home)
    # The first skill named is the one that is wanted; the others are welcome.
    skill = 1.0 if not skills else (0.7 * (skills[0] in having) + 0.3 * len(having) / len(skills))
    worth = {
        "skill": (skill, ", ".join(having) if skills else "no skill asked for"),
        "distance": (
            0.0 if metres is None else HALF_AT_M / (HALF_AT_M + metres),
            "whereabouts unknown" if where is None or metres is None else f"{metres / 1000:.1f} km, {where[3]}",
        ),
        "load": (1.0 / (1.0 + max(0, candidate.load)), f"{candidate.load} open" if candidate.load else "free"),
        "level": (_HOME[shared], f"at home in the {shared}" if shared != "national" else "from another county"),
    }
    parts = tuple(Part(name, round(WEIGHTS[name] * value, 4), why) for name, (value, why) in worth.items())
    return Ranked(
        id=candidate.id,
        score=round(sum(part.value for part in parts), 4),
        parts=parts,
        reason="; ".join(part.why for part in parts),
        distance_m=None if metres is None else round(metres, 1),
        by="nothing" if where is None else where[2],
    )


def rank(
    candidates: Iterable[Candidate],
    *,
    lon: float,
    lat: float,
    area: str,
    skills: Sequence[str],
    now: datetime,
    rung: str | None = None,
) -> list[Ranked]:
    """Order who could go to an incident at a position (degrees) in `area`, best first.

    `skills` are those needed, the most telling first; whoever has none of them is left out, and whoever is not at home
    under `rung` (an area path; None: anywhere). A position that is too old, or from a clock ahead of ours, is not used:
    the centre of the home ward stands in. Equal scores go by distance, then by id: the order never depends on the order
    of the candidates.
    """
    ranked = [
        _rank(candidate, lon, lat, area, skills, now)
        for candidate in candidates
        if (not skills or any(skill in candidate.skills for skill in skills))
        and (rung is None or contains(rung, candidate.home))
    ]
    far = float("inf")
    return sorted(ranked, key=lambda row: (-row.score, far if row.distance_m is None else row.distance_m, row.id))

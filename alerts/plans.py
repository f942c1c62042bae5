"""Policy as values: who is needed for what, how long to wait, what must be approved.

You are beside both roads: dispatch reads from here who is to be asked and for how long, warnings whether a person has
to approve. A plan is data with a version; what was decided under it carries that version. A county changes it with a
JSON file (`load`), not with code.
"""

from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec

from alerts.cap import Severity
from geo.places import Rejected, parents

Hazard = Literal[
    "flood",
    "fire",
    "road-crash",
    "landslide",
    "drought",
    "disease",
    "security",
    "structure-collapse",
    "drowning",
    "earthquake",
    "storm",
    "other",
]
HAZARDS: Final[tuple[Hazard, ...]] = get_args(Hazard)
SEVERITIES: Final[tuple[Severity, ...]] = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")
"""From least to most; Unknown is treated as Moderate where a number is asked for, and ranks below all."""

Seconds = dict[Severity, float]
Source = Literal["gauge", "report", "operator"]
"""What a draft warning rests on: readings, people's reports, or an operator who wrote it."""


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many responders with a skill an incident needs, by its severity; a severity that is left out needs none."""

    skill: str
    count: dict[Severity, int]


class HazardPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one hazard asks for.

    Reports within `join_m` metres and `join_s` seconds may be one incident; a warning about it runs out after `warn_s`
    seconds. `least` is the severity of a report whose words say nothing of it. Its scene reaches `scene_m` metres
    around its place at least: whoever is nearer is there.
    """

    needs: tuple[Need, ...]
    least: Severity = "Moderate"
    join_m: float = 1000.0
    join_s: float = 7200.0
    warn_s: float = 21600.0
    scene_m: float = 300.0


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which warnings wait for a person, by what they rest on, and for how long before the next level is asked to."""

    gauge: tuple[Severity, ...] = ("Extreme",)
    report: tuple[Severity, ...] = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")
    operator: tuple[Severity, ...] = ("Severe", "Extreme")
    wait_s: float = 600.0


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which evidence (0..1) on something is done: `ask` responders to go."""

    ask: float = 0.25


def _need(skill: str, minor: int, moderate: int, severe: int, extreme: int) -> Need:
    counts: dict[Severity, int] = {
        "Unknown": moderate, "Minor": minor, "Moderate": moderate, "Severe": severe, "Extreme": extreme,
    }  # fmt: skip
    return Need(skill=skill, count={severity: count for severity, count in counts.items() if count})


#                                        minor, moderate, severe, extreme
_EYES: Final = (_need("ward-admin", 1, 1, 1, 1), _need("chief", 0, 0, 1, 1))
_HAZARDS: Final[dict[Hazard, HazardPlan]] = {
    "flood": HazardPlan(
        needs=(_need("rescue", 0, 1, 2, 3), _need("boat", 0, 0, 1, 2), _need("medical", 0, 0, 1, 2), *_EYES),
        join_m=1500.0, join_s=10800.0, scene_m=500.0,
    ),
    "fire": HazardPlan(
        needs=(_need("fire", 1, 1, 2, 3), _need("medical", 0, 0, 1, 2), _need("police", 0, 0, 1, 1), *_EYES[:1]),
        least="Severe", join_m=400.0, join_s=5400.0, scene_m=200.0,
    ),
    "road-crash": HazardPlan(
        needs=(_need("medical", 0, 1, 2, 3), _need("police", 1, 1, 1, 2), _need("rescue", 0, 0, 1, 2)),
        join_m=500.0, join_s=3600.0, scene_m=200.0,
    ),
    "landslide": HazardPlan(
        needs=(_need("rescue", 0, 1, 2, 3), _need("medical", 0, 0, 1, 2), _need("engineer", 0, 1, 1, 1), *_EYES),
        least="Severe", join_m=800.0, join_s=10800.0, scene_m=400.0,
    ),
    "drought": HazardPlan(
        needs=(_need("ward-admin", 1, 1, 1, 1), _need("health-promoter", 0, 0, 1, 1)),
        least="Minor", join_m=20000.0, join_s=1209600.0, warn_s=604800.0, scene_m=3000.0,
    ),
    "disease": HazardPlan(
        needs=(_need("health-promoter", 1, 1, 2, 2), _need("medical", 0, 1, 1, 2)),
        join_m=3000.0, join_s=259200.0, warn_s=86400.0, scene_m=1000.0,
    ),
    "security": HazardPlan(
        needs=(_need("police", 1, 1, 2, 3), _need("medical", 0, 0, 1, 2), _need("chief", 0, 1, 1, 1)),
        join_m=800.0, join_s=3600.0, scene_m=400.0,
    ),
    "structure-collapse": HazardPlan(
        needs=(_need("rescue", 1, 1, 2, 3), _need("medical", 0, 1, 2, 3), _need("engineer", 0, 1, 1, 1)),
        least="Severe", join_m=300.0, join_s=10800.0, scene_m=150.0,
    ),
    "drowning": HazardPlan(
        needs=(_need("boat", 1, 1, 2, 2), _need("rescue", 1, 1, 1, 2), _need("medical", 0, 1, 1, 2)),
        least="Severe", join_m=600.0, join_s=5400.0,
    ),
    "earthquake": HazardPlan(
        needs=(_need("rescue", 0, 1, 2, 3), _need("medical", 0, 1, 2, 3), _need("engineer", 0, 1, 1, 2), *_EYES),
        join_m=10000.0, join_s=21600.0, scene_m=2000.0,
    ),
    "storm": HazardPlan(
        needs=(_need("rescue", 0, 1, 1, 2), _need("medical", 0, 0, 1, 2), *_EYES),
        join_m=3000.0, join_s=10800.0, scene_m=1000.0,
    ),
    "other": HazardPlan(needs=_EYES, join_m=500.0, join_s=3600.0),
}  # fmt: skip


def _seconds(extreme: float, severe: float, moderate: float, minor: float) -> Seconds:
    return {"Extreme": extreme, "Severe": severe, "Moderate": moderate, "Minor": minor, "Unknown": moderate}


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole policy. `approval` goes by area path: the narrowest entry that holds the area counts."""

    version: str
    hazards: dict[Hazard, HazardPlan]
    offer_s: Seconds
    """How long one responder has to answer an ask."""
    rung_s: Seconds
    """How long one level is tried before the next one up is asked as well."""
    approval: dict[str, Approval]
    evidence: Evidence = Evidence()

    def hazard(self, hazard: Hazard) -> HazardPlan:
        """Give what one hazard asks for; a hazard the plan leaves out is treated as `other`."""
        return self.hazards.get(hazard) or self.hazards["other"]

    def needs(self, hazard: Hazard, severity: Severity) -> tuple[tuple[str, int], ...]:
        """List the skills an incident needs with how many of each, most telling first."""
        counts = ((need.skill, need.count.get(severity, 0)) for need in self.hazard(hazard).needs)
        return tuple((skill, count) for skill, count in counts if count)

    def offer_deadline_s(self, severity: Severity) -> float:
        """Give the seconds one responder has to answer."""
        return self.offer_s[severity]

    def rung_wait_s(self, severity: Severity) -> float:
        """Give the seconds one level is tried before the next one up is asked as well."""
        return self.rung_s[severity]

    def approval_for(self, area: str) -> Approval:
        """Find the rule of the narrowest area that holds `area`."""
        for path in (area, *parents(area)):
            if path in self.approval:
                return self.approval[path]
        return Approval()

    def needs_approval(self, area: str, severity: Severity, source: Source) -> bool:
        """Tell whether a warning for this area, of this severity and from this source, waits for a person."""
        rule = self.approval_for(area)
        return severity in {"gauge": rule.gauge, "report": rule.report, "operator": rule.operator}[source]


def worse(one: Severity, other: Severity) -> Severity:
    """Give the graver of two severities."""
    return max(one, other, key=SEVERITIES.index)


@cache
def default() -> Plan:
    """Give the plan a county starts with."""
    return Plan(
        version="2026-2",
        hazards=_HAZARDS,
        offer_s=_seconds(90, 120, 300, 900),
        rung_s=_seconds(240, 420, 1200, 3600),
        approval={"KE": Approval()},
    )


def check(plan: Plan) -> Plan:
    """Return the plan if it can be worked with; Rejected `plan-invalid` naming the first thing that is wrong."""
    waits = [seconds for table in (plan.offer_s, plan.rung_s) for seconds in table.values()]
    every = {*SEVERITIES}
    counts = [count for hazard in plan.hazards.values() for need in hazard.needs for count in need.count.values()]
    sound = {
        "a version": bool(plan.version.strip()),
        "an entry for the hazard `other`": "other" in plan.hazards,
        "offer_s and rung_s for each of " + ", ".join(SEVERITIES): set(plan.offer_s) == set(plan.rung_s) == every,
        "waits longer than nothing": all(seconds > 0 for seconds in waits),
        "scenes wider than nothing": all(hazard.scene_m > 0 for hazard in plan.hazards.values()),
        "evidence with 0 <= ask <= 1": 0 <= plan.evidence.ask <= 1,
        "counts that are not negative": min(counts, default=0) >= 0,
    }  # fmt: skip
    for what, holds in sound.items():
        if not holds:
            raise Rejected("plan-invalid", f"the plan needs {what}")
    return plan


def load(path: Path) -> Plan:
    """Read a plan from a JSON file; Rejected `plan-invalid` with the place and the reason when it is not one."""
    try:
        return check(msgspec.json.decode(path.read_bytes(), type=Plan))
    except msgspec.MsgspecError as error:
        raise Rejected("plan-invalid", f"{path.name}: {error}") from error

"""The step `incidents` alone, on a county that is a plain dictionary, for the tests of what operators do to them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

import msgspec

from fixtures.scenario import START
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.events import (
    NAMESPACE,
    AnyBody,
    Event,
    IncidentGrew,
    IncidentMerged,
    IncidentOpened,
    IncidentReopened,
    IncidentRescored,
    IncidentSplit,
    ReportLocated,
)
from streams.state import State
from streams.steps.incidents import incidents

TOWN, SHORE, RIVER = (
    ("KE.042.240.1199", 34.755, -0.105),
    ("KE.042.240.1201", 34.75, -0.13),
    ("KE.042.242.1208", 34.92, -0.2),
)
PLACED = IncidentOpened | IncidentGrew | IncidentRescored | IncidentReopened
SENDERS = ("+254711000001", "+254711000002", "+254711000003", "")
TEXTS = ("water in the houses", "this is a hoax", "fake news lol")
WORLD = load_world(Settings())


class County:
    """One county's incidents, and what was said of them."""

    def __init__(self) -> None:
        self._items: dict[str, msgspec.Struct] = {}
        self._told = 0
        self.now = START
        self.facts: list[AnyBody] = []
        self.seen_by: tuple[str, ...] = ()
        self.reports: dict[str, ReportLocated] = {}

    def load(self, item: str, kind: type[Any]) -> Any:
        found = self._items.get(item)
        # Through JSON, as every host keeps it.
        return None if found is None else msgspec.json.decode(msgspec.json.encode(found), type=kind)

    def tell(self, body: AnyBody, at: datetime | None = None) -> list[Any]:
        """Put a fact before the step; gives the bodies of what comes of it."""
        self._told += 1
        id_ = str(uuid5(NAMESPACE, f"county/{self._told}"))
        event = Event(
            id=id_, cause=id_, source="t", key="KE.042", at=at or self.now, seen=self.now, audience=(), body=body
        )
        state = State(self)
        told = list(incidents(WORLD, state, event))
        made = [fact.body for fact in told]
        self.seen_by = told[0].audience if told else self.seen_by
        for item, value in state.changes.items():
            if value is None:
                self._items.pop(item, None)
            else:
                self._items[item] = value
        self.facts += made
        return made

    def report(self, spot: tuple[str, float, float] = SHORE, **fields: Any) -> str:
        """Locate a report; gives its id."""
        id_ = str(uuid5(NAMESPACE, f"report/{len(self.reports)}"))
        minutes = fields.pop("minutes", 0)
        said: dict[str, Any] = {"channel": "web", "reporter": SENDERS[0], "hazard": "flood", "severity": "Moderate"}
        said |= {"how": "point", "confidence": 1.0, "text": TEXTS[0]} | fields
        body = ReportLocated(report=id_, ward=spot[0], ward_name="x", lon=spot[1], lat=spot[2], **said)
        self.reports[id_] = body
        self.tell(body, self.now - timedelta(minutes=minutes))
        return id_

    def of(self, report: str) -> str:
        """Give the incident that a report was last said to be part of."""
        incident = ""
        for fact in self.facts:
            if isinstance(fact, IncidentOpened | IncidentGrew) and fact.report == report:
                incident = fact.incident
            elif isinstance(fact, IncidentSplit) and report in fact.reports:
                incident = fact.into
        return incident

    def figures(self, incident: str) -> tuple[Any, ...]:
        """Give what an incident was last said to add up to, and where it is."""
        severity: Any = None
        place: Any = None
        for fact in self.facts:
            if isinstance(fact, IncidentMerged) and fact.into == incident:
                severity = (fact.severity, fact.evidence, fact.reports, fact.parts)
            elif isinstance(fact, PLACED) and fact.incident == incident:
                severity = (fact.severity, fact.evidence, fact.reports, fact.parts)
                place = (fact.lon, fact.lat)
        return (*severity, place)

    def scene_m(self, incident: str) -> float | None:
        """Give how far an incident's scene was last said to reach."""
        reach: float | None = None
        for fact in self.facts:
            said = fact.into if isinstance(fact, IncidentMerged) else fact.incident if isinstance(fact, PLACED) else ""
            if isinstance(fact, IncidentMerged | PLACED) and said == incident:
                reach = fact.scene_m
        return reach


def body_of(made: list[Any], kind: type[Any]) -> Any:
    (found,) = [body for body in made if isinstance(body, kind)]
    return found

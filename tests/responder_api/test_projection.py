"""What one fact changes in the documents that stand, and who sees them then."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from alerts.cap import Alert, Severity
from fixtures.scenario import COUNTY, START
from responder_api import projection
from responder_api.projection import Change
from streams import events as e
from streams.events import NAMESPACE, AnyBody, Event, audience

HERE, THERE = f"{COUNTY}.240.1201", f"{COUNTY}.242.1208"
PLACE: dict[str, Any] = {"lon": 34.75, "lat": -0.13, "hazard": "flood", "severity": "Moderate"}
ASK: dict[str, Any] = {"code": "AB", "responder_name": "R", "need": "boat", "rung": "ward", "attempt": 1, "reason": ""}


class Shown:
    """Documents as facts leave them, and who sees each."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Change] = {}

    def tell(self, body: AnyBody, at: datetime = START, seen_by: tuple[str, ...] = audience(HERE, "operator")) -> None:
        id_ = str(uuid5(NAMESPACE, str(len(self.documents))))
        event = Event(id=id_, cause=id_, source="test", key=COUNTY, at=at, seen=START, audience=seen_by, body=body)
        for change in projection.changes(event, self._get):
            self.documents[change.kind, change.id] = change

    def opened(self, incident: str, ward: str) -> None:
        body = e.IncidentOpened(
            incident=incident, reference="AB1", report=f"of {incident}", ward=ward, ward_name="", evidence=0.5, **PLACE
        )
        self.tell(body, seen_by=audience(ward, "operator"))

    def _get(self, kind: str, id_: str) -> tuple[dict[str, Any], tuple[str, ...]] | None:
        found = self.documents.get((kind, id_))
        return None if found is None else (found.value, found.audience)


def test_an_incident_was_last_heard_of_when_its_latest_word_was_said_whatever_comes_in_last() -> None:
    shown = Shown()
    shown.opened("one", HERE)
    for minutes, last in ((10, 10), (4, 10), (11, 11)):
        grown: dict[str, Any] = {"severity": "Moderate", "evidence": 0.6, "reports": 2, "lon": 34.75, "lat": -0.13}
        shown.tell(e.IncidentGrew(incident="one", report=f"r{minutes}", **grown), at=START + timedelta(minutes=minutes))
        said = shown.documents["incident", "one"].value["last_at"]
        assert datetime.fromisoformat(said) == START + timedelta(minutes=last)


def test_who_goes_on_to_another_ward_is_seen_by_its_operators_and_still_by_those_who_sent_them() -> None:
    shown = Shown()
    shown.opened("one", HERE)
    shown.opened("other", THERE)
    ask = e.AssignmentOffered(
        assignment="a", incident="one", responder="r", ward=HERE, ward_name="", deadline=START, **ASK, **PLACE
    )
    shown.tell(ask, seen_by=audience(HERE, "operator", persons=["r"]))
    moved = e.AssignmentMoved(assignment="a", incident="other", responder="r", merged="one")
    shown.tell(moved, seen_by=audience(THERE, "operator", persons=["r"]))
    after = shown.documents["assignment", "a"]
    assert after.value["incident"] == "other"
    assert set(after.audience) == {f"operator:{HERE}", f"operator:{THERE}", "person:r"}


def test_an_incident_that_another_wards_is_merged_into_is_shown_to_that_ward_too() -> None:
    shown = Shown()
    shown.opened("one", HERE)
    shown.opened("other", THERE)
    figures: dict[str, Any] = {"severity": "Severe", "evidence": 0.6, "reports": 2, "by": "kisumu"}
    both = audience(THERE, "operator") + audience(HERE, "operator")
    merged = e.IncidentMerged(incident="one", into="other", observers=(HERE,), observers_m={HERE: 40.0}, **figures)
    shown.tell(merged, seen_by=both)
    after = shown.documents["incident", "other"]
    assert set(after.audience) == {f"operator:{HERE}", f"operator:{THERE}"}
    assert (after.value["observers"], after.value["observers_m"]) == ((HERE,), {HERE: 40.0})
    shown.opened("third", THERE)
    # A version before said nothing of who watches: that takes nobody's watch away.
    shown.tell(e.IncidentMerged(incident="third", into="other", **figures), seen_by=audience(THERE, "operator"))
    assert shown.documents["incident", "other"].value["observers"] == (HERE,)
    assert shown.documents["incident", "other"].value["merged"] == ["one", "third"]


def test_the_waters_minutes_count_from_the_crossing_however_long_a_draft_waited_and_a_warning_was_extended() -> None:
    shown = Shown()
    here = (e.Arrival(ward=HERE, minutes=15.0),)
    cap = Alert(identifier="x", sender="s", sent=START, status="Actual", msg_type="Alert", scope="Public")
    drafted = e.AlertDrafted(alert="one", cap=cap, wards=here, station="g", needs_approval=True, reason="")
    shown.tell(drafted)

    def issued(alert: str, severity: Severity, previous: str, minutes: int) -> timedelta:
        body = e.AlertIssued(alert=alert, cap=cap, wards=here, severity=severity, hazard="flood", previous=previous)
        shown.tell(body, at=START + timedelta(minutes=minutes))
        return datetime.fromisoformat(shown.documents["alert", alert].value["minutes_from"]) - START

    assert issued("one", "Severe", "", 10) == timedelta()
    assert issued("two", "Severe", "one", 40) == timedelta()
    assert issued("three", "Extreme", "two", 50) == timedelta(minutes=50)
    assert issued("four", "Moderate", "three", 90) == timedelta(minutes=50)

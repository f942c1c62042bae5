"""The step `fences` alone: what it keeps, what it drops, and what a version before it has left it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid5

import msgspec
import pytest

from fixtures.scenario import START
from geo.places import Rejected, metres_per_degree
from streams.events import (
    NAMESPACE,
    AnyBody,
    Event,
    FenceDwelt,
    FenceEntered,
    FenceLeft,
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
from streams.steps.fences import fences

LON, LAT = 34.75, -0.13
EAST_M = metres_per_degree(LAT)[0]
SEEN_BY = ("operator:KE.042.240.1201", "responder:KE.042.240.1201", "operator:KE.042.240.1199")
NOW: dict[str, Any] = {"severity": "Severe", "evidence": 0.5, "reports": 2, "lon": LON, "lat": LAT}


class County:
    """One county's scenes on a plain dictionary."""

    def __init__(self) -> None:
        self.items: dict[str, msgspec.Struct] = {}
        self._told = 0

    def load(self, item: str, kind: type[Any]) -> Any:
        found = self.items.get(item)
        return None if found is None else msgspec.json.decode(msgspec.json.encode(found), type=kind)

    def tell(self, body: AnyBody, second: float = 0.0, *, said: float | None = None) -> list[tuple[str, str, float]]:
        """Put a fact before the step; give what was said of whom, and its second."""
        return [(type(fact).__name__, fact.responder, at) for fact, at in self._facts(body, second, said)]

    def _facts(self, body: AnyBody, second: float, said: float | None) -> Iterator[tuple[Any, float]]:
        self._told += 1
        id_ = str(uuid5(NAMESPACE, f"scenes/{self._told}"))
        seen = START + timedelta(seconds=second)
        at = seen if said is None else START + timedelta(seconds=said)
        event = Event(id=id_, cause=id_, source="t", key="KE.042", at=at, seen=seen, audience=SEEN_BY, body=body)
        state = State(self)
        for fact in fences(state, event):
            assert isinstance(fact.body, FenceEntered | FenceDwelt | FenceLeft)
            assert fact.audience == (SEEN_BY[0], SEEN_BY[2], f"person:{fact.body.responder}")
            assert fact.at is not None
            yield fact.body, (fact.at - START).total_seconds()
        for item, value in state.changes.items():
            if value is None:
                self.items.pop(item, None)
            else:
                self.items[item] = value

    def opened(self, incident: str = "i", east: float = 0.0, scene_m: float | None = 500.0, **fields: Any) -> AnyBody:
        return IncidentOpened(
            incident=incident,
            reference="AB",
            report="r",
            hazard="flood",
            severity="Severe",
            ward="KE.042.240.1201",
            ward_name="x",
            lon=LON + east / EAST_M,
            lat=LAT,
            evidence=0.5,
            scene_m=scene_m,
        )


def there(east: float, who: str = "r1", accuracy_m: float | None = 10.0) -> AnyBody:
    return PositionShared(responder=who, lon=LON + east / EAST_M, lat=LAT, accuracy_m=accuracy_m)


@pytest.fixture
def county() -> County:
    return County()


def test_nothing_is_kept_of_a_scene_that_is_over_and_little_of_who_is_off_shift(county: County) -> None:
    county.tell(county.opened("a"))
    county.tell(county.opened("wide", scene_m=20_000.0))
    for n in range(5):
        county.tell(there(100.0 * n, who=f"r{n}"), 10.0)
    assert len(county.tell(IncidentClosed(incident="a", by="k", reason=""), 20.0)) == 5
    assert len(county.tell(IncidentClosed(incident="wide", by="k", reason=""), 20.0)) == 5
    for n in range(5):
        county.tell(ShiftChanged(responder=f"r{n}", on=False), 30.0)
    assert sorted(county.items) == [f"person/r{n}" for n in range(5)]
    assert {msgspec.json.encode(each) for each in county.items.values()} == {b'{"on":false}'}


def test_an_entry_is_not_closed_before_it_began(county: County) -> None:
    county.tell(there(50.0), 0.0)
    assert county.tell(county.opened(), 60.0) == [("FenceEntered", "r1", 60.0)]
    # They had left before it was a scene: a fix of that time comes only now.
    assert county.tell(there(900.0), 70.0, said=30.0) == [("FenceLeft", "r1", 60.0)]
    assert county.tell(there(50.0), 80.0, said=20.0) == []


def test_a_position_without_an_accuracy_is_taken_to_be_rough(county: County) -> None:
    county.tell(county.opened())
    assert county.tell(there(480.0, accuracy_m=None)) == []
    assert county.tell(there(440.0, accuracy_m=None), 10.0) == [("FenceEntered", "r1", 10.0)]


def test_a_clock_that_is_ahead_does_not_outdo_later_positions(county: County) -> None:
    county.tell(county.opened())
    assert county.tell(there(0.0), 10.0, said=5000.0) == [("FenceEntered", "r1", 10.0)]
    assert county.tell(there(900.0), 20.0) == [("FenceLeft", "r1", 20.0)]


def test_one_may_be_at_several_scenes_and_leaves_before_one_enters(county: County) -> None:
    county.tell(county.opened("a"))
    county.tell(county.opened("b", east=300.0))
    county.tell(county.opened("c", east=2000.0))
    assert county.tell(there(100.0)) == [("FenceEntered", "r1", 0.0)] * 2
    assert county.tell(there(2000.0), 10.0) == [("FenceLeft", "r1", 10.0)] * 2 + [("FenceEntered", "r1", 10.0)]


def test_a_scene_drawn_anew_keeps_who_is_inside_and_lets_go_who_is_not(county: County) -> None:
    county.tell(county.opened())
    county.tell(there(0.0, "r1"), 1.0)
    county.tell(there(450.0, "r2"), 1.0)
    moved = IncidentRescored(incident="i", **NOW | {"lon": LON - 300 / EAST_M}, scene_m=500.0)
    assert county.tell(moved, 60.0) == [("FenceLeft", "r2", 60.0)]
    assert county.tell(moved, 61.0) == []
    assert county.tell(there(0.0, "r1"), 700.0) == [("FenceDwelt", "r1", 700.0)]


def test_what_is_over_gets_no_scene_by_being_rescored_but_by_being_opened_again(county: County) -> None:
    county.tell(there(0.0), 0.0)
    county.tell(county.opened(), 1.0)
    county.tell(IncidentClosed(incident="i", by="k", reason=""), 2.0)
    assert county.tell(IncidentRescored(incident="i", **NOW, scene_m=500.0), 3.0) == []
    reopened = IncidentReopened(incident="i", **NOW, by="k", scene_m=500.0)
    assert county.tell(reopened, 4.0) == [("FenceEntered", "r1", 4.0)]
    assert county.tell(reopened, 1000.0) == []


def test_who_is_merged_from_one_scene_into_another_is_closed_in_the_one_and_open_in_the_other(county: County) -> None:
    county.tell(there(0.0), 0.0)
    county.tell(county.opened("a"), 1.0)
    county.tell(county.opened("b", east=900.0), 1.0)
    figures = {name: value for name, value in NOW.items() if name not in ("lon", "lat")}
    merged = IncidentMerged(incident="a", into="b", by="k", **figures, scene_m=1000.0)
    assert county.tell(merged, 10.0) == [("FenceLeft", "r1", 10.0), ("FenceEntered", "r1", 10.0)]


def test_who_is_struck_from_the_list_is_nowhere_until_they_are_on_it_again(county: County) -> None:
    entry = ResponderEnrolled(
        responder="r1", name="x", title="", organisation="", phone="", skills=(), home="KE.042.240.1201"
    )
    county.tell(county.opened())
    county.tell(there(0.0), 1.0)
    struck = msgspec.structs.replace(entry, active=False)
    assert county.tell(struck, 2.0) == [("FenceLeft", "r1", 2.0)]
    assert county.tell(there(0.0), 3.0) == []
    assert county.tell(entry, 4.0) == []
    assert county.tell(there(0.0), 5.0) == [("FenceEntered", "r1", 5.0)]


def test_a_late_position_from_before_the_shift_or_the_scene_lets_nobody_in(county: County) -> None:
    assert county.tell(county.opened(), 5000.0) == []
    assert county.tell(there(0.0), 5001.0, said=50.0) == [], "an hour before anything had happened"
    just_before = county.tell(there(0.0), 5002.0, said=4999.0)
    assert just_before == [("FenceEntered", "r1", 5000.0)], "nobody is at a scene before there is one"
    assert county.tell(ShiftChanged(responder="r1", on=False), 5010.0) == [("FenceLeft", "r1", 5010.0)]
    assert county.tell(ShiftChanged(responder="r1", on=True), 5020.0) == []
    assert county.tell(there(0.0), 5021.0, said=5005.0) == [], "a phone's memory of the shift before"
    assert county.tell(there(0.0), 5022.0) == [("FenceEntered", "r1", 5022.0)]


def test_a_scene_that_is_drawn_anew_or_opened_again_has_begun_when_it_did(county: County) -> None:
    county.tell(county.opened(), 100.0)
    county.tell(IncidentGrew(incident="i", report="s", **NOW, scene_m=900.0), 200.0)
    assert county.tell(there(0.0), 201.0, said=150.0) == [("FenceEntered", "r1", 150.0)]
    assert county.tell(IncidentClosed(incident="i", by="k", reason="over"), 210.0) == [("FenceLeft", "r1", 210.0)]
    county.tell(IncidentReopened(incident="i", by="k", **NOW, scene_m=900.0), 3000.0)
    assert county.tell(there(0.0, "r2"), 3001.0, said=250.0) == [], "it was open then, but is another scene now"
    assert county.tell(there(0.0, "r2"), 3002.0) == [("FenceEntered", "r2", 3002.0)]


def test_a_wide_scene_is_found_by_the_next_position_at_the_latest(county: County) -> None:
    county.tell(there(0.0), 0.0)
    assert county.tell(county.opened(scene_m=15_000.0), 1.0) == []
    assert county.tell(there(0.0), 2.0) == [("FenceEntered", "r1", 2.0)]


def test_a_folder_of_a_version_before_begins_with_what_it_hears(county: County) -> None:
    # What was opened by it says nothing of a scene, until it grows; who shares a position is on shift.
    assert county.tell(county.opened(scene_m=None)) == []
    assert county.tell(there(0.0), 1.0) == []
    grown = IncidentGrew(incident="i", report="r", **NOW, scene_m=500.0)
    assert county.tell(grown, 2.0) == [("FenceEntered", "r1", 2.0)]
    # And what it knows nothing of can end.
    assert county.tell(IncidentClosed(incident="other", by="k", reason=""), 3.0) == []
    assert county.tell(ShiftChanged(responder="r9", on=False), 3.0) == []
    assert county.tell(there(0.0, "r9"), 4.0) == []


@pytest.mark.parametrize("wrong", [{"lon": 1.7e308}, {"lat": 91.0}, {"scene_m": 1.7e308}, {"scene_m": -1.0}])
def test_a_scene_that_no_map_holds_is_refused_and_not_looked_for(county: County, wrong: dict[str, float]) -> None:
    with pytest.raises(Rejected):
        county.tell(msgspec.structs.replace(county.opened(), **wrong))
    assert not any(item.startswith("scene") for item in county.items)

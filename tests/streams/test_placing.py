"""What an operator says about the place of a waiting report, before the step `reports`: taken, or refused in words."""

from typing import Any
from uuid import uuid5

import msgspec
import pytest

from fixtures.scenario import START
from streams.events import (
    NAMESPACE,
    Event,
    ReportLocated,
    ReportPlaced,
    ReportReceived,
    ReportUnlocated,
    RequestRefused,
)
from streams.state import State
from streams.steps.reports import reports
from streams.world import World

MID_LAKE = (34.2, -0.4)


class Desk:
    """The step alone, with its items in a dictionary."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._items: dict[str, msgspec.Struct | None] = {}

    def load(self, item: str, kind: type[Any]) -> Any:
        return self._items.get(item)

    def tell(self, name: str, body: Any, cause: str = "") -> list[Any]:
        id_ = str(uuid5(NAMESPACE, name))
        event = Event(
            id=id_, cause=cause or id_, source="t", key="KE.042", at=START, seen=START, audience=(), body=body
        )
        state = State(self)
        made = [fact.body for fact in reports(self._world, state, event)]
        self._items |= state.changes
        return made


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def waiting(desk: Desk) -> str:
    (made,) = desk.tell("lost", ReportReceived(channel="call", text="tusaidieni tafadhali"))
    assert isinstance(made, ReportUnlocated)
    return made.report


def test_a_joined_report_takes_the_incidents_ward_wherever_its_position_lies(desk: Desk) -> None:
    # An incident may stand on the shore of a ward's lake; whoever acts for it acts for its reports.
    lost, (lon, lat) = waiting(desk), MID_LAKE
    placed = ReportPlaced(report=lost, lon=lon, lat=lat, by="k", ward="KE.042.240.1201", incident="i")
    (located,) = desk.tell("join", placed, "the request")
    assert isinstance(located, ReportLocated)
    assert (located.ward, located.ward_name, located.lon, located.how) == (
        "KE.042.240.1201",
        "Nyalenda B",
        lon,
        "operator",
    )
    assert located.incident == "i"


def test_where_no_ward_answers_nothing_is_placed(desk: Desk) -> None:
    lost, (lon, lat) = waiting(desk), MID_LAKE
    (refused,) = desk.tell("place", ReportPlaced(report=lost, lon=lon, lat=lat, by="k"))
    assert isinstance(refused, RequestRefused)
    assert "no ward" in refused.detail
    (located,) = desk.tell("again", ReportPlaced(report=lost, lon=34.75, lat=-0.13, by="k"))
    assert (located.report, located.ward, located.incident) == (lost, "KE.042.240.1201", "")


def test_whoever_comes_second_is_refused_under_the_request_they_made(desk: Desk) -> None:
    lost = waiting(desk)
    desk.tell("first", ReportPlaced(report=lost, lon=34.75, lat=-0.13, by="k"))
    own = ReportPlaced(report=lost, lon=34.92, lat=-0.2, by="other")
    (refused,) = desk.tell("second", own)
    assert (refused.code, refused.about, refused.request) == ("conflict", lost, str(uuid5(NAMESPACE, "second")))
    # A join was passed on to here: what is refused is what the operator asked, not what was passed on.
    joined = msgspec.structs.replace(own, ward="KE.042.240.1201", incident="i")
    (refused,) = desk.tell("passed on", joined, "the request")
    assert refused.request == "the request"


def test_a_position_in_the_words_is_taken_as_the_position_of_the_report_would_be(desk: Desk, world: World) -> None:
    # Whoever pastes a position off the shore asks for the same as whoever sends it: it is not "no place is known".
    lon, lat = MID_LAKE
    (made,) = desk.tell("far out", ReportReceived(channel="sms", text=f"tunazama {lat:.4f}, {lon:.4f}"))
    assert isinstance(made, ReportUnlocated)
    assert (made.code, made.candidates[0].lon, made.candidates[0].lat) == ("position-outside-wards", lon, lat)
    shore = next(
        (lon, lat)
        for lat in (-0.15 - step * 0.0005 for step in range(400))
        if (at := world.wards.at(lon := 34.7401, lat)).nearest is not None and 100.0 < at.nearest[1] < 900.0
    )
    (located,) = desk.tell("off the shore", ReportReceived(channel="sms", text=f"hapa {shore[1]:.6f}, {shore[0]:.6f}"))
    assert isinstance(located, ReportLocated)
    assert located.how == "words"
    assert located.outside_m is not None
    assert located.outside_m > 100.0

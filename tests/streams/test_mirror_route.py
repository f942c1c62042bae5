"""What goes from one system to another, what never does, and what is told there of where it came from."""

from collections.abc import Callable

import pytest

from fixtures.build_wire import events
from geo.places import Rejected
from streams.cloudevents import Passage, from_cloudevent, passage, passed_on, to_cloudevent
from streams.cluster.mirror import Route
from streams.topics import ALERTS, INCIDENTS

EVERYBODY: Callable[[tuple[str, ...]], bool] = bool
OWN = Passage(("operator:KE.042", "agency:KE.042"), "")


def route(system: str = "kisumu", target: str = "nation", *, onward: bool = False) -> Route:
    return Route(system, target, (INCIDENTS, ALERTS), EVERYBODY, onward)


def test_its_own_facts_go_and_say_where_they_came_from() -> None:
    assert route().through(OWN) == Passage(OWN.audience, "kisumu")
    assert route().sources() == {
        "dharura.incidents": "mirrored.dharura.incidents",
        "dharura.alerts": "mirrored.dharura.alerts",
    }


def test_people_and_what_only_people_may_see_stay() -> None:
    assert route().through(Passage(("person:r031", "operator:KE.042"), "")) == Passage(("operator:KE.042",), "kisumu")
    assert route().through(Passage(("person:r031",), "")) is None


@pytest.mark.parametrize("origin", ["nation", "nyanza", "nation/nyanza", "kisumu/nyanza"])
def test_what_came_from_elsewhere_goes_no_further_unasked(origin: str) -> None:
    assert route("nyanza", "kisumu").through(Passage(OWN.audience, origin)) is None


@pytest.mark.parametrize(
    ("origin", "target", "comes_as"),
    [
        ("kisumu", "nation", "kisumu/nyanza"),
        ("kisumu", "kisumu", None),  # it came from there
        ("nation/kisumu", "nation", None),  # it has been there
        ("kisumu/nyanza/siaya", "nation", None),  # it has been here before: somebody makes a circle
        ("kisumu/siaya", "nation", "kisumu/siaya/nyanza"),
        ("", "nyanza", None),  # to itself
    ],
)
def test_onward_it_goes_everywhere_but_where_it_was(origin: str, target: str, comes_as: str | None) -> None:
    found = route("nyanza", target, onward=True).through(Passage(OWN.audience, origin))
    assert found == (None if comes_as is None else Passage(OWN.audience, comes_as))
    assert "mirrored.dharura.alerts" in route(onward=True).sources()


def test_only_what_those_may_see_for_whom_it_is_goes() -> None:
    agencies = route()._replace(wanted=lambda audience: "agency:KE.042" in audience)
    assert agencies.through(OWN) is not None
    assert agencies.through(Passage(("operator:KE.042",), "")) is None


@pytest.mark.parametrize("event", events(), ids=lambda event: type(event.body).__name__)
def test_a_record_that_is_passed_on_is_the_same_but_for_audience_and_origin(event: object) -> None:
    record = to_cloudevent(event)  # type: ignore[arg-type]  # as parametrised
    more = record.headers | {"traceparent": b"\xff", "CE_Origin": b"x", "ce_new": b"kept"}
    headers = passed_on(more, Passage(("operator:KE",), "kisumu"))
    assert passage(headers) == Passage(("operator:KE",), "kisumu")
    assert {name for name in headers if name.lower() == "ce_origin"} == {"ce_origin"}
    same = record.headers.keys() - {"ce_audience", "ce_origin"}
    assert {name: headers[name] for name in same} == {name: record.headers[name] for name in same}
    assert (headers["traceparent"], headers["ce_new"]) == (b"\xff", b"kept")
    there = from_cloudevent(headers, record.value, record.key)
    assert (there.origin, there.audience, there.id) == ("kisumu", ("operator:KE",), event.id)  # type: ignore[attr-defined]


@pytest.mark.parametrize("bad", [{}, {"ce_audience": b"[1]"}, {"ce_audience": b"\xff"}])
def test_headers_that_do_not_say_who_may_see_it_are_refused(bad: dict[str, bytes]) -> None:
    with pytest.raises(Rejected):
        passage(bad)

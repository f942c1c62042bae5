"""An event is looked at with the boundaries of its day, whenever that happens."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid5

import msgspec
import pytest

from fixtures.scenario import START
from geo.boundaries import with_codes
from geo.gazetteer import Gazetteer
from geo.places import Rejected
from geo.wards import Wards
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams import topics as t
from streams.events import (
    NAMESPACE,
    AnyBody,
    DeadLettered,
    DeadLetterReplayed,
    Event,
    Fact,
    ReportDismissed,
    ReportLocated,
    ReportReceived,
)
from streams.handle import Step
from streams.pipeline import pipeline
from streams.simulated import Simulated
from streams.state import State
from streams.world import World
from streams.worlds import Worlds

DAY = timedelta(days=1)
OLD = load_world(Settings())


def renamed(world: World) -> World:
    """The same shapes under names that nobody had before."""
    source = world.wards.source
    columns = {**source.columns, "ward": tuple(f"New {name}" for name in source.columns["ward"])}
    wards = Wards(with_codes(msgspec.structs.replace(source, columns=columns), {}))
    return dataclasses.replace(world, wards=wards, gazetteer=Gazetteer(wards, ()))


NEW = renamed(OLD)
A, B = OLD.wards.version, NEW.wards.version
DAYS = ((START, A), (START + DAY, B))


def event(name: str, body: AnyBody, days: float = 0.0, **more: object) -> Event:
    id_ = str(uuid5(NAMESPACE, f"worlds/{name}"))
    seen = START + days * DAY
    made = Event(id=id_, cause=id_, source="door", key="KE.042", at=seen, seen=seen, audience=("public",), body=body)
    return msgspec.structs.replace(made, **more)


def report(name: str, days: float = 0.0) -> Event:
    return event(name, ReportReceived(channel="web", text="fire", lon=34.7617, lat=-0.0917), days)


def earlier(version: str) -> World:
    if version != A:
        raise Rejected("boundary-version-unknown", f"no boundary version {version!r} is kept here")
    return OLD


def after() -> Worlds:
    """What a server has that was started when the new boundaries had been chosen."""
    return Worlds(NEW, lambda: DAYS, earlier)


def names(sim: Simulated) -> list[tuple[str, str]]:
    located = [each for each in sim.events() if isinstance(each.body, ReportLocated)]
    return [
        (each.body.ward_name, each.versions["boundaries"]) for each in located if isinstance(each.body, ReportLocated)
    ]


@pytest.mark.parametrize(("days", "version"), [(-1.0, A), (0.0, A), (0.999, A), (1.0, B), (9.0, B)])
def test_the_day_an_event_was_seen_on_decides(days: float, version: str) -> None:
    assert after().of(report("any", days)).wards.version == version


def test_what_an_event_names_goes_before_its_day() -> None:
    named = msgspec.structs.replace(report("any", 5.0), versions={"boundaries": A})
    assert after().of(named) is OLD
    stranger = msgspec.structs.replace(report("any", 5.0), versions={"boundaries": "another"})
    assert after().of(stranger) is NEW


def test_without_days_there_is_one_world() -> None:
    assert Worlds(NEW).of(report("any", -9.0)) is NEW
    assert Worlds(NEW, tuple, earlier).of(report("any", -9.0)) is NEW


def test_the_days_are_asked_once_and_earlier_worlds_read_once() -> None:
    asked: list[str] = []

    def days() -> tuple[tuple[object, str], ...]:
        asked.append("days")
        return DAYS

    def read(version: str) -> World:
        asked.append(version)
        return earlier(version)

    worlds = Worlds(NEW, days, read)  # type: ignore[arg-type]  # the days, as they are
    for n in range(5):
        worlds.of(report("any", n * 0.1))
    worlds.of(report("new", 2.0))
    assert asked == ["days", A]


def test_the_log_run_again_under_new_boundaries_gives_the_facts_of_its_day() -> None:
    first = Simulated(pipeline(OLD), START)
    first.feed([report("one")])
    first.advance(3600)
    log = [each for each in first.events() if each.source == "door"]
    again = Simulated(pipeline(after()), START)
    again.feed(log)
    again.advance(3600)
    assert again.events() == first.events()
    assert {version for _, version in names(again)} == {A}
    again.advance(DAY.total_seconds())
    again.feed([report("two", 1.5)])
    again.settle()
    assert [version for _, version in names(again)] == [A, B]
    assert names(again)[1][0] == f"New {names(again)[0][0]}"


def test_a_dead_letter_replayed_later_is_looked_at_with_the_boundaries_of_its_day() -> None:
    sim = Simulated(pipeline(after()), START + 3 * DAY)
    original = msgspec.json.encode(report("lost", 0.5)).decode()
    sim.feed(
        [event("replay", DeadLetterReplayed(letter="letter-1", step="reports", original=original, by="amina"), 3.0)]
    )
    sim.settle()
    ((name, version),) = names(sim)
    assert (version, name.startswith("New ")) == (A, False)
    decided = {each.versions["boundaries"] for each in sim.events() if "boundaries" in each.versions}
    assert decided == {A}  # also what the incident's steps made of it, which was seen on the day of the replay
    assert {each.seen for each in sim.events()} == {START + 3 * DAY}


def test_a_replay_that_fails_again_still_knows_its_day() -> None:
    asked: list[str] = []

    def failing(world: World, state: State, heard: Event) -> Iterator[Fact]:
        asked.append(world.wards.version)
        if len(asked) < 3:
            raise Rejected("conflict", "not yet")
        yield Fact(body=ReportDismissed(report=heard.id, reason="hoax", by="step"), audience=("public",))

    step = Step(name="failing", hears=(ReportReceived,), writes=(t.REPORTS,), function=after().given_to(failing))
    sim = Simulated((step,), START)
    sim.feed([report("hard", 0.5)])
    sim.settle()
    for day in (3.0, 5.0):
        letter = [each for each in sim.events() if isinstance(each.body, DeadLettered)][-1]
        assert isinstance(letter.body, DeadLettered)
        body = DeadLetterReplayed(letter=letter.id, step="failing", original=letter.body.original, by="amina")
        sim.feed([event(f"again {day}", body, day)])
        sim.settle()
    assert asked == [A, A, A]
    assert isinstance(sim.events()[-1].body, ReportDismissed)


def test_a_day_whose_boundaries_are_lost_makes_a_dead_letter_and_no_wrong_fact() -> None:
    worlds = Worlds(NEW, lambda: ((START, "gone"), (START + DAY, B)), earlier)
    sim = Simulated(pipeline(worlds), START)
    sim.feed([report("one"), report("two", 2.0)])
    sim.settle()
    letters = [each.body for each in sim.events() if isinstance(each.body, DeadLettered)]
    assert [(letter.step, letter.code) for letter in letters] == [("reports", "boundary-version-unknown")]
    assert [version for _, version in names(sim)] == [B]

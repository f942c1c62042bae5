"""Who writes and reads a fact is found in the code as it is, and only where the pipeline's table lets it."""

from functools import partial
from pathlib import Path

from streams import topics as t
from streams.events import Event, ReadingsReceived
from streams.handle import Step
from streams.state import State
from streams.usage import Usage, modules, usage

DOOR = """
from streams import events as e
from streams.events import AlertApproved, AlertIssued, ShiftChanged

def approve(alert: str) -> AlertApproved:
    return AlertApproved(alert=alert, by="op")

def shown(body: AlertIssued | ShiftChanged) -> str:
    match body:
        case e.IncidentOpened(ward=ward):
            return ward
        case _:
            return "on" if isinstance(body, ShiftChanged) else ""
"""
STEP = """
def gauges(state, event):
    if isinstance(event.body, ReadingsReceived):
        fact = ReadingsJudged(station="x", accepted=1)
        assert isinstance(fact, ReadingsJudged | LevelCrossed)
        yield fact
        yield MessageAsked
        yield MessageSent(message="x")
"""


def gauges(world: None, state: State, event: Event) -> tuple[()]:
    return ()


def found(sources: dict[str, str]) -> dict[str, Usage]:
    step = Step(name="gauges", hears=(ReadingsReceived,), writes=(t.READINGS, t.LEVELS), function=partial(gauges, None))
    used = usage(sources, [step], t.TOPICS)
    return {name: each for name, each in used.items() if each != Usage()}


def test_making_is_writing_and_naming_is_reading_and_a_type_is_neither() -> None:
    assert found({"door.routes": DOOR}) == {
        "AlertApproved": Usage(writers=("door.routes",)),
        "IncidentOpened": Usage(readers=("door.routes",)),
        "ShiftChanged": Usage(readers=("door.routes",)),
    }


def test_modules_of_a_step_count_as_the_step_and_only_as_far_as_the_table_goes() -> None:
    expected = {
        "ReadingsReceived": Usage(readers=("gauges",)),
        "ReadingsJudged": Usage(writers=("gauges",), readers=("gauges",)),
    }
    assert found({gauges.__module__: STEP}) == expected
    assert found({f"{gauges.__module__}.series": STEP, f"{gauges.__module__}.marks": STEP}) == expected
    assert found({f"{gauges.__module__}_of_another_name": STEP})["MessageSent"].writers


def test_the_contract_itself_is_not_asked() -> None:
    assert found({"streams.events.reports": DOOR, "streams.topics": DOOR}) == {}


def test_a_package_is_read_with_its_dotted_names(tmp_path: Path) -> None:
    inner = tmp_path / "door" / "routes"
    inner.mkdir(parents=True)
    (tmp_path / "door" / "__init__.py").write_text("", encoding="utf-8")
    (inner / "__init__.py").write_text("a = 1", encoding="utf-8")
    (inner / "alerts.py").write_text("b = 2", encoding="utf-8")
    assert modules(tmp_path / "door") == {"door": "", "door.routes": "a = 1", "door.routes.alerts": "b = 2"}

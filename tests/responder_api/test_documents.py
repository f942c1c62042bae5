"""Everything that the projector makes fits the published types, and nothing of it is untyped."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from fixtures import path
from fixtures.scenario import START, play, story
from fixtures.storm import Storm
from responder_api import view_tables
from responder_api.document_schema import NAMED, schema
from responder_api.document_types import typescript
from responder_api.documents import KINDS
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.handle import Step
from streams.pipeline import pipeline
from streams.simulated import Faults, Simulated

STORIES = sorted(file for file in path("scenarios").glob("*.jsonl") if file.stem != "demo_flood")
SEEDS = range(24)
MEND = "add the field to responder_api/documents.py, then run `dharura contract`"

Frame = dict[str, Any]


@pytest.fixture(scope="module")
def steps() -> tuple[Step, ...]:
    return pipeline(load_world(Settings()))


@pytest.fixture(scope="module")
def published() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())


def projected(steps: tuple[Step, ...], seed: int = 0, faults: Faults | None = None) -> Simulated:
    sim = Simulated(steps, START, followers=[Projector("epoch")], seed=seed, faults=faults)
    view_tables.prepare(sim.engine.connection)
    return sim


def frames(sim: Simulated) -> list[Frame]:
    return [json.loads(row[0]) for row in sim.engine.connection.execute('SELECT frame FROM feed ORDER BY "offset"')]


def misfit(frame: Frame) -> str:
    """Say how a frame's document differs from its type; "" when it fits to the last field."""
    if frame["op"] == "gone":
        return ""
    kind = KINDS[frame["kind"]]
    try:
        typed = msgspec.convert(frame["value"], kind)
    except msgspec.ValidationError as error:
        return f"{frame['kind']}: {error}: {MEND}"
    back = json.loads(msgspec.json.encode(typed))
    unknown = sorted(name for name in frame["value"] if name not in back)
    if unknown:
        return f"{frame['kind']} has {unknown}, which its type lacks: {MEND}"
    lost = [name for name, value in frame["value"].items() if back[name] != value]
    return f"{frame['kind']}: {lost} hold more than their types say: {MEND}" if lost else ""


def check(sim: Simulated, published: jsonschema.Draft202012Validator, seen: Counter[str]) -> None:
    kinds: dict[str, Frame] = {}
    for frame in frames(sim):
        assert misfit(frame) == ""
        seen[f"{frame['kind']} {frame.get('value', {}).get('state', '')}".strip()] += 1
        kinds[frame["kind"]] = frame
    for frame in kinds.values():  # the schema is made of the same structs: one of each shows that it was made rightly
        published.validate(frame)


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_every_story_is_shown_as_typed(
    file: Path, steps: tuple[Step, ...], published: jsonschema.Draft202012Validator
) -> None:
    sim = projected(steps)
    play(story(file), sim, file.stem)
    check(sim, published, Counter())


def test_every_storm_is_shown_as_typed(steps: tuple[Step, ...], published: jsonschema.Draft202012Validator) -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        sim = projected(steps, seed, Faults())
        storm = Storm(sim, seed)
        storm.muster()
        storm.rage(20)
        check(sim, published, seen)
    assert {shown.split()[0] for shown in seen} == set(KINDS)
    for states in ("ReportState", "AssignmentState", "IncidentState"):
        kind = states.removesuffix("State").lower()
        missing = [state for state in NAMED[states] if not seen[f"{kind} {state}"]]
        assert not missing, f"no storm shows a {kind} that is {missing}"


def test_a_document_with_an_unknown_a_missing_or_a_null_field_does_not_fit(steps: tuple[Step, ...]) -> None:
    sim = projected(steps)
    play(story(STORIES[0]), sim)
    frame = next(frame for frame in frames(sim) if frame["kind"] == "incident")
    value = frame["value"]
    assert misfit(frame) == ""
    assert "['colour'], which its type lacks" in misfit(frame | {"value": value | {"colour": "red"}})
    assert "null" in misfit(frame | {"value": value | {"closed_by": None}})
    assert "Invalid enum value 'over'" in misfit(frame | {"value": value | {"state": "over"}})
    assert "missing required field" in misfit(frame | {"value": {"id": value["id"]}})
    part = value["parts"][0] | {"colour": "red"}
    assert "['parts'] hold more" in misfit(frame | {"value": value | {"parts": [part]}})


def test_the_schema_refuses_what_the_types_refuse(published: jsonschema.Draft202012Validator) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    heartbeat = {"type": "heartbeat", "position": "epoch:4"}
    assert published.is_valid(heartbeat)
    assert not published.is_valid({"type": "heartbeat"})
    gone = {"type": "change", "op": "gone", "position": "e:4", "kind": "report", "id": "x", "cause": "y"}
    assert not published.is_valid(gone)
    assert published.is_valid(gone | {"at": "2026-04-26T11:06:00Z"})
    assert not published.is_valid(gone | {"at": "2026-04-26T11:06:00Z", "kind": "tree"})


def test_every_list_of_values_and_every_kind_is_there_at_run_time_too() -> None:
    text = typescript()
    for const in ("HAZARDS", "SEVERITIES", "REPORT_STATES", "ASSIGNMENT_STATES", "ROLES", "KINDS"):
        assert f"export const {const} = [" in text
    # Null is said only where a field is always there: in a document, what says nothing is left out.
    documents = text[text.index("export interface Report ") : text.index("export interface Welcome ")]
    assert "| null" not in documents

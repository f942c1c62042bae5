"""One golden file for each fact: complete, current, and read back to the same bytes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fixtures import build_wire, path
from fixtures.build_wire import CONTRACT
from streams.events import Event, decode, encode
from streams.fields import FACTS, fields, values

WIRE = path("wire")
GOLDEN = sorted(file for file in WIRE.glob("*.json") if file.name != CONTRACT)


def test_every_fact_has_one_file_and_every_file_one_fact() -> None:
    assert [file.stem for file in GOLDEN] == sorted(fact.__name__ for fact in FACTS)
    assert {file.name for file in WIRE.iterdir()} == {file.name for file in GOLDEN} | {CONTRACT}


def test_the_files_are_what_the_script_makes() -> None:
    made = build_wire.documents()
    assert {file.name for file in WIRE.iterdir() if file.read_bytes() != made.get(file.name)} == set()
    assert set(made) == {file.name for file in WIRE.iterdir()}


def test_the_script_writes_what_it_makes_and_takes_away_the_rest(tmp_path: Path) -> None:
    (tmp_path / "Forgotten.json").write_bytes(b"{}")
    assert build_wire.write(tmp_path) == []
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == build_wire.documents()


def test_the_script_writes_nothing_that_breaks_a_promise(tmp_path: Path) -> None:
    agreed = json.loads(build_wire.documents()[CONTRACT])
    agreed["types"]["ReportPlaced"]["fields"]["altitude"] = {"type": "number", "required": True}
    (tmp_path / CONTRACT).write_text(json.dumps(agreed), encoding="utf-8")
    assert build_wire.write(tmp_path) == ["ReportPlaced.altitude is gone"]
    assert [file.name for file in tmp_path.iterdir()] == [CONTRACT]


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_an_event_is_read_and_written_back_byte_for_byte(file: Path) -> None:
    data = file.read_bytes()
    event = decode(data)
    assert type(event.body).__name__ == file.stem
    assert encode(event) + b"\n" == data


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_an_example_shows_every_field_of_its_fact(file: Path) -> None:
    event = json.loads(file.read_bytes())
    fact = next(fact for fact in FACTS if fact.__name__ == file.stem)
    # A field that holds its default is not written, so it would not be seen.
    assert set(event["body"]) == {"type"} | {field.name for field in fields(fact)}


def test_the_examples_together_show_every_field_of_every_value_and_of_the_envelope() -> None:
    seen: set[tuple[str, str]] = set()
    for file in GOLDEN:
        seen |= set(written(decode(file.read_bytes())))
    kinds: tuple[type[msgspec.Struct], ...] = (*values(), Event)
    expected = {(kind.__name__, field.name) for kind in kinds for field in fields(kind)}
    # There is only one version yet, and it is the default; and what stands here no other system wrote.
    assert expected - seen == {("Event", "contract"), ("Event", "origin")}


def written(value: Any) -> Iterator[tuple[str, str]]:
    """Name the fields that are not at their default, in everything that a value holds."""
    if isinstance(value, tuple):
        for each in value:
            yield from written(each)
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            held = getattr(value, field.name)
            if field.required or held != (
                field.default_factory() if field.default is msgspec.NODEFAULT else field.default
            ):
                yield type(value).__name__, field.name
            yield from written(held)


def test_readers_leave_fields_alone_that_they_do_not_know() -> None:
    event = json.loads((WIRE / "LevelCrossed.json").read_bytes())
    event["later"] = event["body"]["later"] = event["body"]["wards"][0]["later"] = {"x": 1}
    assert encode(decode(json.dumps(event).encode())) + b"\n" == (WIRE / "LevelCrossed.json").read_bytes()

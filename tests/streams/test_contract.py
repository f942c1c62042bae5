"""The published contract is current, valid by AsyncAPI's own schema, true of real events, and complete."""

import argparse
import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from referencing import Registry

from fixtures.build_wire import events
from responder_api.cli import contract
from streams.cloudevents import to_cloudevent
from streams.contract import PROMISE
from streams.events import Event
from streams.fields import FACTS, fields, values
from streams.glossary import GLOSSARY
from streams.topics import TOPICS

SPECIFICATION = contract.DOCS.parent / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"

PUBLISHED: tuple[type[msgspec.Struct], ...] = (*FACTS, *values())

Document = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return contract.documents()


@pytest.fixture(scope="module")
def document(made: dict[str, str]) -> Document:
    loaded: Document = json.loads(made["asyncapi.json"])
    return loaded


@pytest.fixture(scope="module")
def specification() -> jsonschema.Draft7Validator:
    if not SPECIFICATION.exists():
        pytest.skip("AsyncAPI's schemas are not in node_modules: make system-deps brings node, make setup the schemas")
    # An empty registry: whatever the schema does not hold itself is an error, nothing is fetched.
    return jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_bytes()), registry=Registry())


def test_the_committed_documents_are_what_the_code_says(made: dict[str, str]) -> None:
    # `dharura contract` writes them anew.
    assert [name for name, text in made.items() if contract.place(name).read_text(encoding="utf-8") != text] == []


def command(folder: Path, *, check: bool) -> int:
    return contract.run(argparse.Namespace(out=folder, check=check))


def test_the_command_writes_what_is_missing_and_checks_without_writing(
    tmp_path: Path, made: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    assert command(folder, check=True) == 1
    assert not folder.exists()
    assert command(folder, check=False) == 0
    assert {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()} == made
    assert command(folder, check=True) == 0
    (folder / "events.md").write_text("old", encoding="utf-8")
    capsys.readouterr()
    assert command(folder, check=True) == 1
    assert capsys.readouterr().out == f"{folder / 'events.md'} is out of date: run dharura contract\n"


def test_the_command_is_registered() -> None:
    parser = argparse.ArgumentParser()
    contract.add(parser.add_subparsers())
    args = parser.parse_args(["contract", "--check"])
    assert (args.run, args.out, args.check) == (contract.run, contract.DOCS, True)


def test_the_document_is_valid_by_the_specification(
    document: Document, specification: jsonschema.Draft7Validator
) -> None:
    assert [f"{error.json_path}: {error.message[:300]}" for error in specification.iter_errors(document)] == []


def test_the_document_says_how_to_connect_and_what_can_be_relied_on(document: Document) -> None:
    server = document["servers"]["cluster"]
    assert (server["protocol"], server["host"]) == ("kafka-secure", "{host}:{port}")
    schemes = document["components"]["securitySchemes"]
    assert [schemes[entry["$ref"].rpartition("/")[2]]["type"] for entry in server["security"]] == [
        "scramSha512",
        "X509",
    ]
    for name, channel in document["channels"].items():
        topic = next(topic for topic in TOPICS if topic.name == f"dharura.{name}")
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
    for message in document["components"]["messages"].values():
        assert {"$ref": "#/components/messageTraits/event"} in message["traits"]
    key = document["components"]["messageTraits"]["event"]["bindings"]["kafka"]["key"]
    assert "ce_partitionkey" in key["description"]
    assert PROMISE in document["info"]["description"]


def broken(*steps: str, value: object) -> Callable[[Document], None]:
    def breaking(document: Document) -> None:
        at = document
        for step in steps[:-1]:
            at = at[step]
        at[steps[-1]] = value

    return breaking


@pytest.mark.parametrize(
    "breaking",
    [
        broken("info", value={"title": "no version"}),
        broken("channels", "reports", "bindings", "kafka", "topicConfiguration", "retention.ms", value="a year"),
        broken("channels", "reports", "bindings", "kafka", "shards", value=12),
        broken("operations", "send-reports", "action", value="publish"),
        broken("components", "schemas", "Alert", "type", value="struct"),
        broken("components", "messages", "LevelCrossed", "examples", value=[{"body": {}}]),
        broken("components", "securitySchemes", "sasl", "type", value="trust"),
    ],
)
def test_the_specification_would_find_a_mistake(
    document: Document, specification: jsonschema.Draft7Validator, breaking: Callable[[Document], None]
) -> None:
    wrong = copy.deepcopy(document)
    breaking(wrong)
    assert not specification.is_valid(wrong)


def refs(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            assert set(node) == {"$ref"}, "in draft 7 nothing beside a reference is read"
            yield node["$ref"]
        for inner in node.values():
            yield from refs(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from refs(inner)


def test_every_reference_leads_to_something_in_the_document(document: Document) -> None:
    for ref in set(refs(document)):
        at = document
        for step in ref.removeprefix("#/").split("/"):
            assert step in at, ref
            at = at[step]


def validator(document: Document, *path: str) -> jsonschema.Draft7Validator:
    schema = {"$ref": "#/" + "/".join(path), **document}
    return jsonschema.Draft7Validator(
        schema, registry=Registry(), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    )


def test_every_schema_is_a_schema(document: Document) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("event", events(), ids=lambda event: type(event.body).__name__)
def test_real_records_fit_what_is_published_of_them(document: Document, event: Event) -> None:
    name = type(event.body).__name__
    record = to_cloudevent(event)
    headers = {header: data.decode() for header, data in record.headers.items()}
    body = json.loads(record.value)
    payload = validator(document, "components", "schemas", name)
    payload.validate(body)
    validator(document, "components", "messages", name, "headers").validate(headers)
    assert document["components"]["messages"][name]["examples"] == [{"headers": headers, "payload": body}]
    for field in fields(type(event.body)):
        assert payload.is_valid({key: value for key, value in body.items() if key != field.name}) != field.required
        assert not payload.is_valid(body | {field.name: {"no": "such thing"}})
    assert not payload.is_valid(body | {"type": "NeverHeardOf"})
    assert not validator(document, "components", "messages", name, "headers").is_valid(headers | {"ce_type": "x"})


def test_times_and_pairs_are_closed_by_the_schema(document: Document) -> None:
    readings = document["components"]["schemas"]["ReadingsReceived"]["properties"]["times"]
    assert readings["items"] == {"type": "string", "format": "date-time"}
    expires = document["components"]["schemas"]["MessageAsked"]["properties"]["expires"]["anyOf"]
    assert {"type": "string", "format": "date-time"} in expires
    ring = jsonschema.Draft7Validator(document["components"]["schemas"]["Area"]["properties"]["polygons"])
    assert ring.is_valid([[[34.8, -0.2], [34.9, -0.2]]])
    assert not ring.is_valid([[[34.8, "south"]]])
    assert not ring.is_valid([[[34.8, -0.2, 1.0]]])


def test_channels_are_the_topics_and_each_fact_is_on_one(document: Document) -> None:
    carried = [name for channel in document["channels"].values() for name in channel["messages"]]
    assert sorted(carried) == sorted(fact.__name__ for fact in FACTS)
    assert [channel["address"] for channel in document["channels"].values()] == [topic.name for topic in TOPICS]
    for topic, channel in zip(TOPICS, document["channels"].values(), strict=True):
        kafka = channel["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.keep_days * 86_400_000
        assert topic.key in channel["description"]


def test_dharura_sends_every_topic_and_receives_those_that_a_step_reads(document: Document) -> None:
    sent = {name.removeprefix("send-") for name, each in document["operations"].items() if each["action"] == "send"}
    received = {
        name.removeprefix("receive-") for name, each in document["operations"].items() if each["action"] != "send"
    }
    assert sent == set(document["channels"])
    assert received == sent - {"fences", "filing", "deadletters"}
    assert "the step gauges" in document["operations"]["send-levels"]["summary"]
    assert "the door" in document["operations"]["send-inbound"]["summary"]
    assert "the host" in document["operations"]["send-deadletters"]["summary"]
    assert document["operations"]["receive-levels"]["summary"] == "Read by the steps incidents, warnings."


def test_every_field_has_one_meaning_and_every_meaning_a_field() -> None:
    used = set()
    kinds: tuple[type[msgspec.Struct], ...] = (Event, *PUBLISHED)
    for kind in kinds:
        for field in fields(kind):
            assert re.fullmatch(r".*[.)]", field.meaning), f"{kind.__name__}.{field.name}"
            used |= {
                name for name in (f"{kind.__name__}.{field.name}", field.name) if GLOSSARY.get(name) == field.meaning
            }
    assert set(GLOSSARY) - used == set()


def test_the_page_names_every_topic_fact_value_and_field(made: dict[str, str]) -> None:
    page = made["events.md"]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    assert set(sections) == {kind.__name__ for kind in PUBLISHED}
    for kind in PUBLISHED:
        named = re.findall(r"^\| `(\w+)` \|", sections[kind.__name__], re.MULTILINE)
        assert named == [field.name for field in fields(kind)]
    assert [line[3:] for line in page.splitlines() if line.startswith("## dharura.")] == [
        topic.name for topic in TOPICS
    ]


def test_every_fact_is_written_by_somebody(made: dict[str, str]) -> None:
    assert re.findall(r"^### (\w+)\n\n[^\n]+\n\nWritten by: none", made["events.md"], re.MULTILINE) == []

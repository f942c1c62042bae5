"""The page of the contract for people: `docs/events.md`, each topic with its facts, who writes and who reads them.

Made from the same tables as the AsyncAPI document (`streams.contract`); `dharura contract` writes both.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from streams.cloudevents import HEADERS
from streams.contract import PROMISE
from streams.events import Event
from streams.fields import Field, fields, values
from streams.handle import Step
from streams.topics import TOPICS, Topic
from streams.usage import Usage

HEAD = """# Events

Every fact that Dharura writes down, by topic. The embedded host keeps all topics in one log; on Kafka each is a topic
of this name. [asyncapi.json](asyncapi.json) says the same for programs, with JSON Schemas, and `fixtures/wire/` has one
example of each. This page is written from `streams/events/`, `streams/topics.py` and the code that uses them, by
`dharura contract`; a test fails when it is out of date.
"""


def events_page(steps: Sequence[Step], used: Mapping[str, Usage]) -> str:
    """Give the whole page."""
    parts = [HEAD, _promise(), _envelope(), _topics(steps)]
    for topic in TOPICS:
        parts += [_topic(topic, steps), *(_struct(fact, used[fact.__name__]) for fact in topic.carries)]
    parts += ["## Values\n\nWhat facts are made of.\n", *(_struct(value) for value in values())]
    return "\n".join(parts)


def _promise() -> str:
    return f"## What you may build on\n\n{PROMISE}\n"


def _envelope() -> str:
    rows = "\n".join(
        f"| `{header.name}` | {header.about} | {'' if header.required else 'may be missing'} |" for header in HEADERS
    )
    return (
        "## The envelope\n\nThe same around every fact. In the log it is one JSON object with the fact in `body`:\n\n"
        f"{_table(fields(Event))}\n\n"
        "On Kafka it becomes headers (CloudEvents 1.0, binary mode) and the value is the fact alone:\n\n"
        f"| header | meaning | |\n|---|---|---|\n{rows}\n"
    )


def _topics(steps: Sequence[Step]) -> str:
    rows = "\n".join(
        f"| [{topic.name}](#{_anchor(topic.name)}) | {topic.key} | {topic.keep_days} days |"
        f" {_names(_readers(topic, steps))} |"
        for topic in TOPICS
    )
    return f"## Topics\n\n| topic | key | kept on Kafka | given to the steps |\n|---|---|---|---|\n{rows}\n"


def _topic(topic: Topic, steps: Sequence[Step]) -> str:
    writers = _names(step.name for step in steps if topic in step.writes)
    return (
        f"## {topic.name}\n\n{topic.about} Keyed by {topic.key}; {topic.partitions} partitions. Steps that may write"
        f" it: {writers}. Steps that are given it: {_names(_readers(topic, steps))}.\n"
    )


def _struct(kind: type[msgspec.Struct], used: Usage | None = None) -> str:
    about = " ".join((kind.__doc__ or "").split())
    hands = ""
    if used is not None:
        example = f"[example](../fixtures/wire/{kind.__name__}.json)"
        hands = f"Written by: {_names(used.writers)}. Read by: {_names(used.readers)}. {example}\n\n"
    return f"### {kind.__name__}\n\n{about}\n\n{hands}{_table(fields(kind))}\n"


def _table(rows: Iterable[Field]) -> str:
    lines = (f"| `{row.name}` | {_type(row)} | {row.meaning} |" for row in rows)
    return "\n".join(("| field | type | meaning |", "|---|---|---|", *lines))


def _type(row: Field) -> str:
    words = re.sub(r"\{([^}]*)\}", lambda found: " ".join(f"`{one}`" for one in found[1].split(", ")), row.type)
    if row.required:
        return words
    if row.default is None:
        return f"{words.removesuffix(' or null')}; may be missing"
    return f"{words}; `{msgspec.json.encode(row.default).decode()}` when missing"


def _readers(topic: Topic, steps: Iterable[Step]) -> list[str]:
    return [step.name for step in steps if topic in step.reads]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _anchor(heading: str) -> str:
    return heading.lower().replace(".", "")

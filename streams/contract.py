"""The AsyncAPI 3.0 document: the topics, the facts on them and their schemas, for those who read us in any language.

Made from `streams.topics`, `streams.events`, the pipeline's table and `streams.cloudevents`, never written by hand;
`dharura contract` writes it to `docs/asyncapi.json`. It describes Dharura in the cluster, on Kafka; it is written from
Dharura's side, so what Dharura *sends* is what an agency's consumer receives.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from streams.cloudevents import CONTENT_TYPE, HEADERS, TYPE, to_cloudevent
from streams.events import CONTRACT, Body, Event
from streams.fields import FACTS
from streams.handle import Step
from streams.schemas import schemas
from streams.topics import LARGEST_BATCH, MIRRORED, MIRRORS, TOPICS, Topic
from streams.usage import Usage

DAY_MS = 86_400_000
BINDING = "0.5.0"
"""Version of AsyncAPI's Kafka bindings."""

PROMISE = (
    "Fields are added with a default, never removed, renamed or retyped; a fact never moves to another topic. "
    "A field that holds its default is not written. New facts may come on any topic, and a closed list of values may "
    "grow together with `ce_contract`: ignore fields, facts and headers that you do not know, and treat an unknown "
    "value as you would treat the least certain one."
)
"""What a reader may build on."""

ABOUT = (
    "Dharura is the event spine of a county's emergency operations. Every fact that it accepts or decides is one "
    "record on one of these topics: a CloudEvents 1.0 event in binary mode, the envelope in `ce_` headers, the fact as "
    "JSON in the value, the topic key as the record's key.\n\n"
    "**Order and repeats.** Records of one key are in order. A record may come again after a failure: the same `ce_id` "
    "is the same event, so drop repeats by it.\n\n"
    "**Who may see what.** `ce_audience` says who may be shown a record. A topic is not filtered for each reader: give "
    "a consumer the topics that it may see whole, and have it obey `ce_audience` towards its own users.\n\n"
    "**Groups and replay.** A consumer group's name begins with what its agency was given. Commit when the effect is "
    "safe, and you go on where you were; a group of a new name reads from the beginning; records are stamped by the "
    "brokers when they are written, so offsets can be asked for by time. A cluster that shares its brokers may have a "
    "prefix before the names of its topics.\n\n"
    "**Corrections.** A fact is never changed. What turns out otherwise comes as a later fact.\n\n"
    "**Other systems.** What was mirrored from another system (a county's facts at the national centre) is on a topic "
    f"of its own beside ours, `{MIRRORED}` before the name, with its `ce_id` as it was and `ce_origin` saying where it "
    f"came from: {', '.join(f'`{topic.name}`' for topic in MIRRORS)}.\n\n"
    f"**Compatibility.** {PROMISE}"
)

_SECURITY = [{"$ref": "#/components/securitySchemes/sasl"}, {"$ref": "#/components/securitySchemes/certificate"}]
"""Either of them."""


def asyncapi(steps: Sequence[Step], used: Mapping[str, Usage], examples: Sequence[Event] = ()) -> dict[str, Any]:
    """Give the document as JSON values; `examples` are shown as the records that they would be."""
    shown = {type(event.body).__name__: event for event in examples}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dharura events",
            "version": f"{CONTRACT}.0.0",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"cluster": _server()},
        "channels": {_short(topic): _channel(topic) for topic in TOPICS},
        "operations": _operations(steps, used),
        "components": {
            "messages": {fact.__name__: _message(fact, shown.get(fact.__name__)) for fact in FACTS},
            "messageTraits": {"event": _trait()},
            "schemas": schemas() | {"Headers": _headers()},
            "securitySchemes": {
                "sasl": {
                    "type": "scramSha512",
                    "description": "Name and password that the county's ICT officer gives out, over TLS. What a name "
                    "may read is set by access rules on the broker.",
                },
                "certificate": {
                    "type": "X509",
                    "description": "Or a certificate that the county's authority signed, shown in the TLS handshake; "
                    "its subject is the name that access rules go by.",
                },
            },
        },
    }


def _short(topic: Topic) -> str:
    return topic.name.removeprefix("dharura.")


def _server() -> dict[str, Any]:
    return {
        "host": "{host}:{port}",
        "protocol": "kafka-secure",
        "title": "The county's Kafka cluster",
        "description": "Bootstrap address, as the county's ICT officer gives it out; more than one stand with commas "
        "between them. Always over TLS; the brokers' certificates are signed by the authority that the county names.",
        "variables": {
            "host": {"description": "Name of a broker.", "default": "localhost"},
            "port": {"description": "Port of that broker.", "default": "9093"},
        },
        "security": _SECURITY,
    }


def _channel(topic: Topic) -> dict[str, Any]:
    policy = ["compact"] if topic.compact else ["delete"]
    return {
        "address": topic.name,
        "title": topic.name,
        "description": f"{topic.about} Keyed by {topic.key}; kept for {topic.keep_days} days.",
        "messages": {fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"} for fact in topic.carries},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": policy,
                    "retention.ms": topic.keep_days * DAY_MS,
                    "max.message.bytes": LARGEST_BATCH,
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operations(steps: Sequence[Step], used: Mapping[str, Usage]) -> dict[str, Any]:
    made = {}
    for topic in TOPICS:
        name = _short(topic)
        channel = {"$ref": f"#/channels/{name}"}
        made[f"send-{name}"] = {
            "action": "send",
            "title": f"Write {topic.name}",
            "summary": f"An agency's consumer receives this. Written by {_who(topic, used)}.",
            "channel": channel,
            "security": _SECURITY,
        }
        readers = [step.name for step in steps if topic in step.reads]
        if readers:
            made[f"receive-{name}"] = {
                "action": "receive",
                "title": f"Act on {topic.name}",
                "summary": f"Read by the steps {', '.join(readers)}.",
                "channel": channel,
                "security": _SECURITY,
            }
    return made


def _who(topic: Topic, used: Mapping[str, Usage]) -> str:
    writers = dict.fromkeys(_hand(writer) for fact in topic.carries for writer in used[fact.__name__].writers)
    return ", ".join(writers) or "nobody yet"


def _hand(writer: str) -> str:
    package, dot, _ = writer.partition(".")
    return f"the step {writer}" if not dot else "the door" if package == "responder_api" else "the host"


def _message(fact: type[Body], example: Event | None) -> dict[str, Any]:
    name = fact.__name__
    about = " ".join((fact.__doc__ or "").split())
    made = {
        "name": name,
        "title": name,
        "summary": about,
        "contentType": CONTENT_TYPE,
        "headers": {
            "allOf": [{"$ref": "#/components/schemas/Headers"}],
            "properties": {"ce_type": {"const": TYPE + name}},
        },
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "traits": [{"$ref": "#/components/messageTraits/event"}],
    }
    return made | ({"examples": [_example(example)]} if example is not None else {})


def _example(event: Event) -> dict[str, Any]:
    record = to_cloudevent(event)
    return {
        "headers": {name: data.decode() for name, data in record.headers.items()},
        "payload": msgspec.json.decode(record.value),
    }


def _trait() -> dict[str, Any]:
    key = {"type": "string", "description": "The topic key, as the channel says; also in ce_partitionkey."}
    return {"bindings": {"kafka": {"key": key, "bindingVersion": BINDING}}}


def _headers() -> dict[str, Any]:
    return {
        "title": "Headers",
        "description": "CloudEvents 1.0 attributes as Kafka record headers, in UTF-8; `%` and characters that "
        "CloudEvents forbids are percent-encoded. Other headers (tracing) may be there.",
        "type": "object",
        "required": [header.name for header in HEADERS if header.required],
        "properties": {
            header.name: {"type": "string", "description": header.about, "examples": [header.example]}
            | dict(header.schema)
            for header in HEADERS
        },
    }

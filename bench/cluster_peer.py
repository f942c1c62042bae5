"""The peer of `bench.cluster`: a Faust worker with an agent for each step, which only passes events on.

It reads the same topics with the same settings as our worker. For an event that a step made something of, its agent
sends the very records that the step made, ready in memory: no step runs, nothing is decoded, nothing is kept. What is
left is what Faust costs by itself.
"""

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

import faust
import msgspec


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """One record that a step made: topic, key, headers, value."""

    topic: str
    key: bytes
    headers: dict[str, bytes]
    value: bytes


class Script(msgspec.Struct, frozen=True):
    """What each step reads, and what it made of which event."""

    reads: dict[str, list[str]]
    made: dict[str, dict[str, list[Sent]]]
    """Step → id of the event → records."""


class _Settings(NamedTuple):
    broker: str
    prefix: str
    script: Path


def _settings() -> _Settings:
    environment = os.environ
    return _Settings(
        f"kafka://{environment['BENCH_KAFKA']}", environment["BENCH_PREFIX"], Path(environment["BENCH_SCRIPT"])
    )


def _agent(topics: dict[str, Any], made: dict[str, list[Sent]]) -> Callable[[Any], Coroutine[Any, Any, None]]:
    async def pass_on(stream: AsyncIterator[Any]) -> None:
        async for event in stream.events():  # type: ignore[attr-defined]  # Faust's stream
            id_ = dict(event.message.headers or ())["ce_id"].decode()
            for sent in made.get(id_, ()):
                await topics[sent.topic].send(key=sent.key, value=sent.value, headers=sent.headers)

    return pass_on


def make() -> Any:
    """Make the app from the script."""
    broker, prefix, path = _settings()
    script = msgspec.msgpack.decode(path.read_bytes(), type=Script)
    app = faust.App(
        f"{prefix}peer",
        broker=broker,
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        key_serializer="raw",
        value_serializer="raw",
        stream_wait_empty=False,
        datadir=str(path.parent / "peer"),
        producer_linger=0.002,
        producer_acks=-1,
    )
    names = {topic for step in script.made.values() for sents in step.values() for topic in (s.topic for s in sents)}
    topics = {name: app.topic(prefix + name, key_serializer="raw", value_serializer="raw") for name in sorted(names)}
    for step, reads in script.reads.items():
        channel = app.topic(*(prefix + name for name in reads), key_serializer="raw", value_serializer="raw")
        app.agent(channel, name=step, concurrency=1)(_agent(topics, script.made.get(step, {})))
    return app


if "BENCH_SCRIPT" in os.environ:
    app = make()

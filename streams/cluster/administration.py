"""The topics on Kafka: made and kept as `streams.topics` says, by `dharura topics apply`.

`survey` compares what is there with what is wanted, `apply` makes it so. What a topic's keys were spread over is never
changed: state belongs to key and partition. Who may read and write is next door (`permissions`).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

import msgspec
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from geo.places import Rejected
from streams.cluster.access import Access
from streams.cluster.reasons import told
from streams.topics import LARGEST_BATCH, MIRRORS, POSITIONS, TOPICS, Topic

EVERY: Final = (*TOPICS, *MIRRORS, POSITIONS)
"""Every topic that a cluster has."""
COPIES: Final = 3
DAY_MS: Final = 86_400_000
_DYNAMIC_TOPIC: Final = 1
"""The source of a setting that was made for this topic, in Kafka's protocol."""
_REQUEST_MS: Final = 20_000
_LOOK_S: Final = 0.05


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as it must be on the brokers."""

    name: str
    partitions: int
    copies: int
    settings: dict[str, str]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What is not as it must be: `topic` is missing, or one of its settings, its partitions or its copies differ."""

    topic: str
    what: Literal["missing", "setting", "partitions", "copies"]
    wanted: str
    setting: str = ""
    now: str = ""


def wanted(access: Access, brokers: int, *, copies: int = 0, topics: Sequence[Topic] = EVERY) -> tuple[Wanted, ...]:
    """Say how each topic must be on so many brokers; `copies` 0: three, or as many as there are brokers.

    With three copies an acknowledged record is on two brokers at least, so any one may be lost, and writing goes on.
    Rejected `too-few-brokers` when more copies are wanted than there are brokers.
    """
    kept = copies or min(COPIES, brokers)
    if kept > brokers:
        raise Rejected("too-few-brokers", f"{kept} copies of a topic need {kept} brokers; there are {brokers}")
    return tuple(
        Wanted(
            name=access.topic(topic.name),
            partitions=topic.partitions,
            copies=kept,
            settings={
                "cleanup.policy": "compact" if topic.compact else "delete",
                "retention.ms": str(topic.keep_days * DAY_MS),
                **_in_sync(kept),
                "max.message.bytes": str(LARGEST_BATCH),
                "compression.type": "gzip",  # JSON shrinks well, and every client can read it without a library more
                "message.timestamp.type": "LogAppendTime",  # "what came since nine o'clock" does not rest on our clocks
                "unclean.leader.election.enable": "false",
            },
        )
        for topic in topics
    )


@asynccontextmanager
async def administrator(access: Access) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect as one who may make topics; LogUnavailable when Kafka cannot be reached or refuses."""
    admin = AIOKafkaAdminClient(**access.client("dharura-topics"), request_timeout_ms=_REQUEST_MS)
    with told(access):
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()


async def brokers(admin: AIOKafkaAdminClient) -> int:
    """Count the brokers."""
    return len((await admin.describe_cluster())["brokers"])


async def planned(
    admin: AIOKafkaAdminClient, access: Access, *, copies: int = 0, topics: Sequence[Topic] = EVERY
) -> tuple[Wanted, ...]:
    """Say how each topic must be on the brokers that are here; `copies` as for `wanted`.

    A topic with more copies than there are brokers has lost one for a while: it keeps its copies, and what is accepted
    meanwhile is to be on as many of them as before. One with fewer copies than wanted could not be written to if it
    were to be acknowledged by more than it has. Rejected `too-few-brokers` for a topic that is still to be made.
    """
    count = await brokers(admin)
    there = {topic["topic"]: _copies(topic["partitions"]) for topic in await admin.describe_topics()}
    plan = []
    for topic in topics:
        has = there.get(access.topic(topic.name), 0)
        (made,) = wanted(access, max(count, has), copies=copies, topics=(topic,))
        plan.append(msgspec.structs.replace(made, settings=made.settings | _in_sync(has)) if has else made)
    return tuple(plan)


async def survey(admin: AIOKafkaAdminClient, topics: Sequence[Wanted]) -> list[Difference]:
    """Name everything that is not as wanted, in the order of the topics; other topics are left alone."""
    found = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}
    there = [topic for topic in topics if topic.name in found]
    settings = await _settings(admin, there)
    differences = []
    for topic in topics:
        if topic.name not in found:
            said = f"{topic.partitions} partitions, {topic.copies} copies"
            differences.append(Difference(topic=topic.name, what="missing", wanted=said))
        else:
            differences += _compare(topic, found[topic.name], settings[topic.name])
    return differences


async def apply(admin: AIOKafkaAdminClient, topics: Sequence[Wanted], differences: Sequence[Difference]) -> None:
    """Make topics that are missing and change settings that differ.

    Raises Rejected `topic-partitions`, before anything is changed, when a topic has another number of partitions. The
    number of copies is left as it is: moving them is a matter for Kafka's own tools.
    """
    for difference in differences:
        if difference.what == "partitions":
            _refuse(difference.topic, difference.now, difference.wanted)
    kinds = {what: {d.topic for d in differences if d.what == what} for what in ("missing", "setting")}
    if new := [topic for topic in topics if topic.name in kinds["missing"]]:
        made = await admin.create_topics(
            [NewTopic(t.name, t.partitions, t.copies, topic_configs=t.settings) for t in new]
        )
        # Somebody else may have made it meanwhile.
        _check([(name, code, said) for name, code, said in made.topic_errors], TopicAlreadyExistsError)
        await _there(admin, new)
    if changed := [topic for topic in topics if topic.name in kinds["setting"]]:
        # This request replaces all that was set for a topic, so what others set is given again.
        before = await _settings(admin, changed, only_dynamic=True)
        resources = [
            ConfigResource(ConfigResourceType.TOPIC, t.name, configs=before[t.name] | t.settings) for t in changed
        ]
        for answer in await admin.alter_configs(resources):
            _check([(name, code, said) for code, said, _, name in answer.resources])
        await _set(admin, changed)


async def prepare(access: Access, *, copies: int = 0, topics: Sequence[Topic] = EVERY) -> list[Difference]:
    """Do all of the above; give what was different. LogUnavailable, Rejected."""
    async with administrator(access) as admin:
        plan = await planned(admin, access, copies=copies, topics=topics)
        differences = await survey(admin, plan)
        await apply(admin, plan, differences)
        return differences


async def _there(admin: AIOKafkaAdminClient, new: Sequence[Wanted]) -> None:
    """Wait until clients are told of new topics, each partition with a leader: brokers learn of them one by one."""
    waiting = list(new)
    async with asyncio.timeout(_REQUEST_MS / 1000):
        while waiting:
            told = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}
            for topic in waiting:
                if (count := len(told.get(topic.name, ()))) not in (0, topic.partitions):
                    _refuse(topic.name, str(count), str(topic.partitions))  # made meanwhile by somebody else
            waiting = [
                topic
                for topic in waiting
                if topic.name not in told or any(partition["leader"] < 0 for partition in told[topic.name])
            ]
            await asyncio.sleep(_LOOK_S)


async def _set(admin: AIOKafkaAdminClient, changed: Sequence[Wanted]) -> None:
    """Wait until the broker that is asked knows of changed settings."""
    async with asyncio.timeout(_REQUEST_MS / 1000):
        while True:
            now = await _settings(admin, changed)
            if all(topic.settings.items() <= now[topic.name].items() for topic in changed):
                return
            await asyncio.sleep(_LOOK_S)


def _refuse(topic: str, now: str, wanted: str) -> None:
    raise Rejected(
        "topic-partitions",
        f"{topic} has {now} partitions, not {wanted}: with another number its keys would move away from their state. "
        "Use another DHARURA_TOPIC_PREFIX, or delete the topic if it holds nothing that is needed.",
    )


def _copies(partitions: Sequence[Any]) -> int:
    """Count the copies of a topic, those on brokers that are away among them."""
    return min((len(partition["replicas"]) for partition in partitions), default=0)


def _in_sync(copies: int) -> dict[str, str]:
    """Have all copies but one acknowledge: one may be lost, and one may be away."""
    return {"min.insync.replicas": str(max(1, copies - 1))}


def _compare(topic: Wanted, partitions: Sequence[Any], settings: dict[str, str]) -> list[Difference]:
    found = []
    if len(partitions) != topic.partitions:
        now = str(len(partitions))
        found.append(Difference(topic=topic.name, what="partitions", now=now, wanted=str(topic.partitions)))
    copies = _copies(partitions)
    if copies != topic.copies:
        found.append(Difference(topic=topic.name, what="copies", now=str(copies), wanted=str(topic.copies)))
    for name, value in topic.settings.items():
        if settings.get(name) != value:
            now = settings.get(name, "")
            found.append(Difference(topic=topic.name, what="setting", setting=name, now=now, wanted=value))
    return found


async def _settings(
    admin: AIOKafkaAdminClient, topics: Sequence[Wanted], *, only_dynamic: bool = False
) -> dict[str, dict[str, str]]:
    """Give the settings of each topic, or only those that were made for it."""
    if not topics:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, t.name) for t in topics])
    found = {}
    for answer in answers:
        for code, said, _, topic, entries in answer.resources:
            _check([(topic, code, said)])
            found[topic] = {
                name: value
                for name, value, _, source, *_ in entries
                if value is not None and (source == _DYNAMIC_TOPIC or not only_dynamic)
            }
    return found


def _check(answers: Sequence[tuple[str, int, str | None]], *harmless: type[KafkaError]) -> None:
    """Raise what a broker answered about the first topic that it refused."""
    for topic, code, said in answers:
        error = for_code(code)
        if error is not NoError and error not in harmless:
            raise error(f"{topic}: {said or error.description}")

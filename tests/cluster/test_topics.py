"""The topics on the brokers are what their table says; what could lose state is refused, what is not ours is left."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from fixtures.servers.kafka import Kafka
from geo.places import Rejected
from responder_api.__main__ import main
from streams.cluster.access import Access, bootstrap
from streams.cluster.administration import (
    EVERY,
    Difference,
    administrator,
    apply,
    brokers,
    planned,
    prepare,
    survey,
    wanted,
)
from streams.log_kafka import LogUnavailable
from streams.topics import ALERTS, DEADLINES, FILING, POSITIONS

Command = Callable[..., tuple[int, list[str], str]]

pytestmark = pytest.mark.system("kafka")


async def test_every_topic_is_made_once_as_its_table_says(access: Access) -> None:
    made = await prepare(access)
    assert {difference.what for difference in made} == {"missing"}
    assert len(made) == len(EVERY)
    async with administrator(access) as admin:
        found = {
            topic["topic"]: topic for topic in await admin.describe_topics() if topic["topic"].startswith(access.prefix)
        }
        assert set(found) == {access.topic(topic.name) for topic in EVERY}
        for topic in EVERY:
            assert len(found[access.topic(topic.name)]["partitions"]) == topic.partitions
        assert await settings(admin, access.topic(ALERTS.name)) >= {
            ("cleanup.policy", "delete"),
            ("retention.ms", str(3650 * 86_400_000)),
            ("message.timestamp.type", "LogAppendTime"),
            ("unclean.leader.election.enable", "false"),
        }
        assert ("cleanup.policy", "compact") in await settings(admin, access.topic(POSITIONS.name))
    assert await prepare(access) == []


async def test_a_setting_that_differs_is_named_and_changed_and_others_are_kept(topics: Access) -> None:
    name = topics.topic(DEADLINES.name)
    async with administrator(topics) as admin:
        plan = wanted(topics, await brokers(admin))
        mine = {"retention.ms": "1000", "segment.ms": "123456"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=mine)])
        while not await settings(admin, name) >= set(mine.items()):
            pass  # the broker that is asked hears of it a little later
        differences = await survey(admin, plan)
        assert (
            Difference(topic=name, what="setting", setting="retention.ms", now="1000", wanted=str(30 * 86_400_000))
            in differences
        )
        assert {difference.topic for difference in differences} == {name}
        await apply(admin, plan, differences)
        assert await survey(admin, plan) == []
        assert ("segment.ms", "123456") in await settings(admin, name)


async def test_another_number_of_partitions_is_refused_before_anything_is_changed(access: Access) -> None:
    async with administrator(access) as admin:
        await admin.create_topics([NewTopic(access.topic(ALERTS.name), 3, 1), NewTopic(f"{access.prefix}theirs", 2, 1)])
        while len([name for name in await admin.list_topics() if name.startswith(access.prefix)]) < 2:
            pass  # the broker that is asked hears of it a little later
        plan = wanted(access, await brokers(admin))
        differences = await survey(admin, plan)
        with pytest.raises(Rejected, match="3 partitions, not 12") as refused:
            await apply(admin, plan, differences)
        assert refused.value.code == "topic-partitions"
        assert {name for name in await admin.list_topics() if name.startswith(access.prefix)} == {
            access.topic(ALERTS.name),
            f"{access.prefix}theirs",
        }
        # The same when somebody else makes it between the look and the deed.
        missing = [Difference(topic=access.topic(ALERTS.name), what="missing", wanted="")]
        with pytest.raises(Rejected, match="3 partitions, not 12"):
            await apply(admin, plan, missing)


async def test_topics_of_others_are_left_alone(access: Access) -> None:
    async with administrator(access) as admin:
        await admin.create_topics([NewTopic(f"{access.prefix}theirs", 2, 1, topic_configs={"retention.ms": "1000"})])
        await prepare(access)
        assert ("retention.ms", "1000") in await settings(admin, f"{access.prefix}theirs")


async def test_three_brokers_keep_three_copies_and_want_two_to_acknowledge(brokers: Kafka) -> None:
    brokers.start()
    access = Access(bootstrap=bootstrap(brokers.bootstrap), prefix=brokers.prefix())
    await prepare(access, topics=(FILING,))
    name = access.topic(FILING.name)
    async with administrator(access) as admin:
        (topic,) = await admin.describe_topics([name])
        assert [len(partition["replicas"]) for partition in topic["partitions"]] == [3]
        assert ("min.insync.replicas", "2") in await settings(admin, name)
        difference = (await survey(admin, wanted(access, 3, copies=1, topics=(FILING,))))[0]
        assert (difference.what, difference.now, difference.wanted) == ("copies", "3", "1")


@pytest.mark.parametrize("copies", [0, 3])
async def test_a_broker_that_is_away_is_no_wish_for_fewer_copies(brokers: Kafka, copies: int) -> None:
    brokers.start()
    access = Access(bootstrap=bootstrap(brokers.bootstrap), prefix=brokers.prefix())
    await prepare(access, topics=(FILING,))
    brokers.stop(3)
    try:
        async with administrator(access) as admin:
            while len((await admin.describe_cluster())["brokers"]) > 2:
                pass  # the one that is asked hears of it a little later
        assert await prepare(access, copies=copies, topics=(FILING,)) == []
        async with administrator(access) as admin:
            assert ("min.insync.replicas", "2") in await settings(admin, access.topic(FILING.name))
            if copies:  # what would have fewer from its beginning is not made
                with pytest.raises(Rejected, match="3 copies of a topic need 3 brokers"):
                    await planned(admin, access, copies=copies, topics=(ALERTS,))
    finally:
        brokers.start()


async def test_a_topic_with_one_copy_can_still_be_written_to_when_brokers_came_later(brokers: Kafka) -> None:
    brokers.start()
    access = Access(bootstrap=bootstrap(brokers.bootstrap), prefix=brokers.prefix())
    await prepare(access, copies=1, topics=(FILING,))
    (difference,) = await prepare(access, topics=(FILING,))
    assert (difference.what, difference.now, difference.wanted) == ("copies", "1", "3")
    async with administrator(access) as admin:
        assert ("min.insync.replicas", "1") in await settings(admin, access.topic(FILING.name))


def test_more_copies_than_brokers_are_refused() -> None:
    access = Access(bootstrap=("localhost:9092",))
    with pytest.raises(Rejected, match="3 copies of a topic need 3 brokers; there are 2") as refused:
        wanted(access, 2, copies=3)
    assert refused.value.code == "too-few-brokers"
    assert [wanted(access, count, topics=(ALERTS,))[0].copies for count in (1, 2, 3, 9)] == [1, 2, 3, 3]
    insync = [wanted(access, n, topics=(ALERTS,))[0].settings["min.insync.replicas"] for n in (1, 2, 3)]
    assert insync == ["1", "1", "2"]


async def test_a_broker_that_is_not_there_is_said_in_one_line(access: Access, kafka: Kafka) -> None:
    kafka.kill()
    with pytest.raises(LogUnavailable) as away:
        await prepare(access)
    assert str(away.value) == f"Kafka at {access.bootstrap[0]}: Connection refused"


@pytest.fixture
def command(access: Access, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `dharura topics`; gives its status, its lines, and what it complained of."""
    for name in [name for name in os.environ if name.startswith("DHARURA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DHARURA_KAFKA", ",".join(access.bootstrap))
    monkeypatch.setenv("DHARURA_TOPIC_PREFIX", access.prefix)

    def run(*words: str) -> tuple[int, list[str], str]:
        status = main(["topics", *words])
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err

    return run


def test_the_command_shows_what_it_would_do_and_then_does_it(access: Access, command: Command, tmp_path: Path) -> None:
    status, missing, _ = command("list")
    assert (status, sum(line.endswith("MISSING") for line in missing)) == (1, len(EVERY))
    status, would, _ = command("apply", "--dry-run")
    assert status == 0
    assert f"+ topic {access.topic(ALERTS.name)}: 12 partitions, 1 copies" in would
    assert would[-1] == "Nothing was changed: this was a dry run."
    assert command("list")[:2] == (1, missing)
    assert command("apply") == (0, would[:-1], "")
    assert command("apply") == (0, [f"{len(EVERY)} topics are as they must be."], "")
    assert command("list")[0] == 0
    agencies = tmp_path / "agencies.toml"
    agencies.write_text('[own]\nnodes = ["node"]\n', encoding="utf-8")
    status, _, complaint = command("apply", "--agencies", str(agencies))
    assert status == 2
    assert complaint.startswith("dharura: no-access-rules: these brokers check no access rules")
    assert command("apply", "--prune")[0] == 2


async def settings(admin: AIOKafkaAdminClient, topic: str) -> set[tuple[str, str]]:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    ((_, _, _, _, entries),) = answer.resources
    return {(name, value) for name, value, *_ in entries}

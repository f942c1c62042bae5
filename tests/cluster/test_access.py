"""Over names, passwords, TLS and access rules: everybody gets what the agencies file says, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from fixtures.servers import kafka as kafka_server
from fixtures.servers.secured import ADMINISTRATOR, SASL, SASL_TLS, TLS, Authority, SecuredKafka
from geo.places import Rejected
from streams.cluster import administration, agencies, permissions
from streams.cluster.access import Access, Security, bootstrap
from streams.cluster.agencies import Agencies, Agency, Own
from streams.log_kafka import LogKafka
from tests.cluster.topic_contents import reports

PASSWORD = "kwa-majaribio-tu"
USERS = ("node", "worker", "redcross", "stranger")
SAID = Agencies(
    agency=(Agency(name="Red Cross", principal="redcross", topics=("dharura.reports",), groups="redcross."),),
    own=Own(nodes=("node", "CN=node"), workers=("worker",)),
)


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredKafka]:
    if lacking := kafka_server.missing():
        pytest.skip(f"{lacking} not installed: make system-deps")
    server = SecuredKafka(dict.fromkeys(USERS, PASSWORD), password=PASSWORD)
    server.start()
    yield server
    server.end()


@pytest.fixture
def prefix(secured: SecuredKafka) -> str:
    secured.start()
    return secured.prefix()


def access(secured: SecuredKafka, prefix: str, user: str, at: int = SASL) -> Access:
    security: dict[int, Security] = {SASL: "sasl_plaintext", SASL_TLS: "sasl_ssl", TLS: "ssl"}
    return Access(
        bootstrap=bootstrap(secured.bootstrap_of(at)),
        security=security[at],
        username=user,
        password=PASSWORD,
        ca=secured.authority.ca if at != SASL else None,
        prefix=prefix,
    )


async def applied(secured: SecuredKafka, prefix: str, said: Agencies = SAID) -> None:
    administrator = access(secured, prefix, ADMINISTRATOR)
    await administration.prepare(administrator)
    wanted = agencies.rules(said, administrator)
    async with permissions.connected(administrator) as client:
        found = await permissions.survey(client, administrator, wanted)
        change = permissions.compare(found, wanted)
        await permissions.add(client, change.added)
        await permissions.remove(client, change.unwanted)


@pytest.mark.system("kafka")
@pytest.mark.parametrize("at", [SASL, SASL_TLS])
async def test_a_node_appends_and_an_agency_reads_what_it_may(secured: SecuredKafka, prefix: str, at: int) -> None:
    await applied(secured, prefix)
    await append(access(secured, prefix, "node", at))
    reader = consumer(access(secured, prefix, "redcross", at), "dharura.reports", "redcross.situation-room")
    await reader.start()
    try:
        assert (await reader.getone()).offset == 0
        await reader.commit()
    finally:
        await reader.stop()


@pytest.mark.system("kafka")
async def test_a_node_is_known_by_its_certificate(secured: SecuredKafka, prefix: str) -> None:
    await applied(secured, prefix)
    certificate, key = secured.authority.issue("node")
    by_name = access(secured, prefix, "", TLS)
    await append(msgspec.structs.replace(by_name, certificate=certificate, key=key))
    assert await refused(by_name)


@pytest.mark.system("kafka")
async def test_an_agency_is_refused_other_topics_other_groups_and_every_write(
    secured: SecuredKafka, prefix: str
) -> None:
    await applied(secured, prefix)
    redcross = access(secured, prefix, "redcross")
    other = consumer(redcross, "dharura.responders", "redcross.curious")
    with pytest.raises(TopicAuthorizationFailedError):
        await other.start()
    await other.stop()
    workers = consumer(redcross, "dharura.reports", "dharura")
    with pytest.raises(GroupAuthorizationFailedError):
        await workers.start()
    await workers.stop()
    producer = AIOKafkaProducer(**redcross.client("redcross"))
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(redcross.topic("dharura.reports"), b"{}", key=b"KE.042")
    finally:
        await producer.stop()


@pytest.mark.system("kafka")
async def test_a_node_reads_nothing_and_a_stranger_may_nothing(secured: SecuredKafka, prefix: str) -> None:
    await applied(secured, prefix)
    curious = AIOKafkaConsumer(**access(secured, prefix, "node").client("curious"), auto_offset_reset="earliest")
    curious.subscribe([prefix + "dharura.reports"])
    await curious.start()
    with pytest.raises(TopicAuthorizationFailedError):
        await curious.getone()
    await curious.stop()
    stranger = consumer(access(secured, prefix, "stranger"), "dharura.reports", "redcross.situation-room")
    with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        await stranger.start()
    await stranger.stop()


@pytest.mark.system("kafka")
async def test_who_shows_no_certificate_of_the_authority_is_not_believed(
    secured: SecuredKafka, prefix: str, tmp_path: Path
) -> None:
    await applied(secured, prefix)
    elsewhere = msgspec.structs.replace(access(secured, prefix, "node", SASL_TLS), ca=Authority(tmp_path).ca)
    assert await refused(elsewhere)
    wrong = msgspec.structs.replace(access(secured, prefix, "node", SASL_TLS), password="guessed-it")
    assert await refused(wrong)


@pytest.mark.system("kafka")
async def test_what_an_agency_loses_is_named_and_taken_when_asked(secured: SecuredKafka, prefix: str) -> None:
    await applied(secured, prefix)
    administrator = access(secured, prefix, ADMINISTRATOR)
    fewer = msgspec.structs.replace(SAID, agency=())
    wanted = agencies.rules(fewer, administrator)
    async with permissions.connected(administrator) as client:
        change = permissions.compare(await permissions.survey(client, administrator, wanted), wanted)
        assert change.added == ()
        assert [str(rule) for rule in change.unwanted] == [
            f"User:redcross may read topic {prefix}dharura.reports",
            f"User:redcross may describe topic {prefix}dharura.reports",
            "User:redcross may read groups that begin with redcross.",
            "User:redcross may describe groups that begin with redcross.",
        ]
        await permissions.remove(client, change.unwanted)
        after = permissions.compare(await permissions.survey(client, administrator, wanted), wanted)
        assert after == permissions.Change(added=(), unwanted=())
    refused = consumer(access(secured, prefix, "redcross"), "dharura.reports", "redcross.situation-room")
    with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        await refused.start()
    await refused.stop()
    # The node's own rules were left.
    await append(access(secured, prefix, "node"))


@pytest.mark.system("kafka")
async def test_rules_wider_than_a_topic_are_shown_and_left(secured: SecuredKafka, prefix: str) -> None:
    await applied(secured, prefix)
    administrator = access(secured, prefix, ADMINISTRATOR)
    wide = agencies.Rule(
        principal="User:monitoring",
        kind=agencies.Kind.TOPIC,
        name=prefix,
        match=agencies.Match.PREFIXED,
        operation=agencies.Operation.DESCRIBE,
    )
    wanted = agencies.rules(SAID, administrator)
    async with permissions.connected(administrator) as client:
        await permissions.add(client, [wide])
        found = await permissions.survey(client, administrator, wanted)
        assert permissions.compare(found, wanted) == permissions.Change(added=(), unwanted=())
        assert found.others == (f"User:monitoring may describe topics that begin with {prefix}",)
        await permissions.remove(client, [wide])


@pytest.mark.system("kafka")
async def test_brokers_that_check_nothing_are_not_taken_for_safe(access: Access) -> None:
    async with permissions.connected(access) as client:
        with pytest.raises(Rejected) as refused:
            await permissions.survey(client, access, [])
    assert refused.value.code == "no-access-rules"


async def append(access: Access) -> None:
    log = LogKafka(access)
    log.start()
    await log.ready()
    await log.append(reports("one"))
    await log.stop()


async def refused(access: Access) -> bool:
    """Say whether the first try to connect is in vain."""
    log = LogKafka(access)
    log.start()
    await log.tried()
    vain = log.trouble is not None
    await log.stop()
    return vain


def consumer(access: Access, topic: str, group: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        access.topic(topic),
        **access.client(group),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )

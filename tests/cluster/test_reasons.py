"""Whoever cannot reach Kafka is told why, and which setting to look at."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from aiokafka.errors import NodeNotReadyError

from fixtures.servers import kafka as kafka_server
from fixtures.servers.secured import ADMINISTRATOR, SASL, SASL_TLS, SecuredKafka
from streams.cluster.access import Access, Security, bootstrap
from streams.cluster.administration import administrator
from streams.cluster.reasons import in_words
from streams.log_kafka import LogUnavailable

PASSWORD = "kwa-majaribio-tu"


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredKafka]:
    if lacking := kafka_server.missing():
        pytest.skip(f"{lacking} not installed")
    broker = SecuredKafka({}, password=PASSWORD)
    broker.start()
    yield broker
    broker.end()


@pytest.mark.system("kafka")
@pytest.mark.parametrize(
    ("at", "security", "wrong", "said"),
    [
        (SASL_TLS, "sasl_ssl", {"ca": None}, "not believed .*DHARURA_KAFKA_CA"),
        (SASL_TLS, "sasl_ssl", {"password": "guessed-it"}, "refuses this name and password"),
        (SASL_TLS, "plaintext", {}, "breaks the connection off; DHARURA_KAFKA_SECURITY"),
        (SASL, "ssl", {}, "breaks the connection off; DHARURA_KAFKA_SECURITY"),
    ],
)
async def test_a_wrong_setting_is_named(
    secured: SecuredKafka, at: int, security: Security, wrong: dict[str, Any], said: str
) -> None:
    right = Access(
        bootstrap=bootstrap(secured.bootstrap_of(at)),
        security=security,
        username=ADMINISTRATOR,
        password=PASSWORD,
        ca=secured.authority.ca,
    )
    with pytest.raises(LogUnavailable, match=said):
        async with administrator(msgspec.structs.replace(right, **wrong)):
            pass


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", "Connection refused"), ("nowhere.invalid", "not known|name")])
async def test_nobody_there_is_said_without_a_setting(host: str, said: str) -> None:
    with pytest.raises(LogUnavailable, match=f"Kafka at {host}:1: .*({said})"):
        async with administrator(Access(bootstrap=(f"{host}:1",))):
            pass


def test_a_broker_that_was_just_lost_is_said_to_be() -> None:
    assert "a broker was lost" in in_words(NodeNotReadyError("node id 3"))

"""The servers that the tests stand on do what is asked of them, and what was acknowledged survives it."""

import select
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql


@pytest.mark.system("postgresql")
def test_a_committed_row_survives_a_crash_and_a_restart_of_postgresql(postgres: Postgresql, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept (n INTEGER)")
        connection.execute("INSERT INTO kept VALUES (1)")
    postgres.kill()
    postgres.start()
    postgres.restart()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


@pytest.mark.system("postgresql")
def test_two_databases_know_nothing_of_each_other(postgres: Postgresql, database: str) -> None:
    other = postgres.database()
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept (n INTEGER)")
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)


@pytest.mark.system("kafka")
async def test_an_acknowledged_record_survives_a_kill_of_the_broker(kafka: Kafka, prefix: str) -> None:
    await _topic(kafka.bootstrap, f"{prefix}kept", copies=1)
    assert await _send(kafka.bootstrap, f"{prefix}kept") == 0
    kafka.kill()
    kafka.start()
    kafka.stop()
    kafka.start()
    assert await _send(kafka.bootstrap, f"{prefix}kept") == 1


@pytest.mark.system("kafka")
async def test_three_brokers_go_on_with_one_of_them_away(brokers: Kafka) -> None:
    name = f"{brokers.prefix()}kept"
    await _topic(brokers.bootstrap, name, copies=3)
    assert await _send(brokers.bootstrap, name) == 0
    brokers.kill(2)
    assert await _send(brokers.bootstrap, name) == 1
    brokers.start(2)


OWNER = """
import os, signal
from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
postgres, kafka = Postgresql.begin(), Kafka.begin()
print(postgres._child.pid, kafka._children[1].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.system("kafka", "postgresql")
def test_no_server_outlives_the_run_that_started_it() -> None:
    ended = subprocess.run([sys.executable, "-c", OWNER], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    for pid in ended.stdout.split():
        while Path("/proc", pid).exists():
            select.select([], [], [], 0.02)


async def _topic(bootstrap: str, name: str, *, copies: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, copies)])
    finally:
        await admin.close()


async def _send(bootstrap: str, topic: str) -> int:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        return int((await producer.send_and_wait(topic, b"x")).offset)
    finally:
        await producer.stop()

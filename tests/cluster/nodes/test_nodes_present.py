"""The doctor names the workers that there are, finds two that go by one name, and a Kafka that is another."""

from contextlib import ExitStack, closing

import pytest

from fixtures.cluster_processes import ClusterProcesses
from responder_api.checkup_cluster import look_over
from responder_api.joining import join
from responder_api.settings import Settings
from streams.cluster.access import Access, Cluster
from streams.cluster.postgres import Postgres
from streams.cluster.present import TURNS, workers


@pytest.mark.system("postgresql")
def test_the_doctor_says_who_is_there_and_who_is_there_twice(database: str) -> None:
    cluster = Cluster(kafka=Access(bootstrap=("127.0.0.1:1",)), database=database, worker="doctor")
    join(cluster, None)

    def said() -> str:
        return "".join(f"{at.level} {at.says}" for at in look_over(Settings(), cluster, None) if at.what == "workers")

    assert said() == "BROKEN none is connected"
    with ExitStack() as there:
        for name, now in (
            ("worker-1", "ATTENTION only worker-1"),
            ("worker-2", "OK worker-1, worker-2"),
            ("worker-2", "BROKEN several are called worker-2"),
        ):
            there.enter_context(closing(Postgres.connect(database, name=f"{TURNS}{name}")))
            assert said() == now


@pytest.mark.system("kafka", "postgresql")
def test_a_worker_that_reads_is_there_by_its_name(processes: ClusterProcesses) -> None:
    with closing(Postgres.connect(processes.database)) as connection:
        while not (found := workers(connection)):  # it reads, and may not have taken its first turn
            assert processes.worker(1).running
        assert found["worker-1"] == 1


@pytest.mark.system("kafka", "postgresql")
def test_the_doctor_finds_that_this_is_not_the_kafka_that_was_read(processes: ClusterProcesses) -> None:
    with closing(Postgres.connect(processes.database)) as connection:
        cursor = ("mirror-of-nobody", 0, 1, '{"dharura.filing": 1000000}')
        connection.execute(
            "INSERT INTO partition_cursor (reader, partition, version, offsets) VALUES (?, ?, ?, ?)", cursor
        )
        try:
            looked = processes.command("doctor")
        finally:
            connection.execute("DELETE FROM partition_cursor WHERE reader = ?", cursor[:1])
    assert looked.returncode == 1
    assert "BROKEN     steps: Kafka has fewer records than were taken from it" in looked.stdout

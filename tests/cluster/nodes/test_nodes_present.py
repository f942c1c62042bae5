"""The doctor names the workers that there are, and finds two processes that go by one name."""

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
            there.enter_context(closing(Postgres.connect(database, name=f"{name}{TURNS}")))
            assert said() == now


@pytest.mark.system("kafka", "postgresql")
def test_a_worker_that_reads_is_there_by_its_name(processes: ClusterProcesses) -> None:
    with closing(Postgres.connect(processes.database)) as connection:
        assert workers(connection)["worker-1"] == 1

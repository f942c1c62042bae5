"""All processes of a cluster know one world, or refuse to work."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fixtures.cluster_processes import ClusterProcesses
from fixtures.servers.kafka import Kafka
from geo.places import Rejected
from responder_api import agreed_world
from responder_api.joining import join
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.cluster.access import Access, Cluster
from streams.cluster.pool import Pool
from streams.cluster.postgres import Postgres
from streams.world import World

pytestmark = pytest.mark.system("postgresql")

AT = datetime(2026, 4, 26, 11, 5, tzinfo=UTC)
VERSIONS = {"boundaries": "b1", "plan": "p1"}


@pytest.fixture(scope="module")
def world() -> World:
    return load_world(Settings())


def test_the_first_to_start_says_what_counts(connection: Postgres, database: str) -> None:
    first = agreed_world.agree(connection, VERSIONS, AT, "one")
    again = agreed_world.agree(connection, VERSIONS, AT.replace(hour=12), "two")
    assert first == again == agreed_world.agreed(connection)
    assert (again.by, again.since) == ("one", AT)
    assert agreed_world.days(database) == ((AT, "b1"),)


def test_who_knows_another_world_is_refused_and_told_what_differs(connection: Postgres) -> None:
    agreed_world.agree(connection, VERSIONS, AT, "one")
    with pytest.raises(Rejected, match="plan p2 here, p1 there") as refused:
        agreed_world.agree(connection, VERSIONS | {"plan": "p2"}, AT, "two")
    assert refused.value.code == "world-differs"
    assert "boundaries" not in refused.value.detail.partition(". ")[0]


def test_another_world_can_be_let_count_and_its_days_are_kept(connection: Postgres, database: str) -> None:
    later = AT.replace(day=27)
    agreed_world.agree(connection, VERSIONS, AT, "one")
    agreed_world.accept(connection, VERSIONS | {"plan": "p2"}, AT.replace(hour=13), "one")
    agreed_world.accept(connection, {"boundaries": "b2", "plan": "p2"}, later, "two")
    assert agreed_world.days(database) == ((AT, "b1"), (later, "b2"))
    with pytest.raises(Rejected, match="boundaries b1 here, b2 there"):
        agreed_world.agree(connection, VERSIONS, later, "one")


def test_whoever_runs_notices_that_another_world_counts_or_another_log_is_there(database: str, world: World) -> None:
    cluster = Cluster(kafka=Access(bootstrap=("127.0.0.1:1",)), database=database, worker="one")
    joined = join(cluster, world, patience_s=0)
    pool = Pool(database, most=1)
    connection = Postgres.connect(database)
    assert joined.why_changed(pool) is None
    versions = agreed_world.versions_of(world)
    agreed_world.accept(connection, versions | {"stations": "others"}, AT, "two")
    assert "others there" in str(joined.why_changed(pool))
    agreed_world.accept(connection, versions, AT, "two")
    assert joined.why_changed(pool) is None
    connection.execute("UPDATE meta SET value = 'restored' WHERE name = 'epoch'")
    assert "another log" in str(joined.why_changed(pool))
    connection.execute("DROP TABLE meta")
    assert "holds no log" in str(joined.why_changed(pool))
    connection.close()
    pool.close()


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("sender", {"sender": "ews@elsewhere.example"}),
        ("languages", {"languages": {}}),
        ("stations", {"stations": {}}),
        ("exercise", {"exercise": True}),
    ],
)
def test_each_part_of_a_world_is_told_from_another(world: World, part: str, other: dict[str, Any]) -> None:
    changed = World(**{name: getattr(world, name) for name in world.__dataclass_fields__} | other)
    before, after = agreed_world.versions_of(world), agreed_world.versions_of(changed)
    assert [name for name in before if before[name] != after[name]] == [part]
    plan = msgspec.structs.replace(world.plan, version=world.plan.version + "x")
    other_plan = World(**{name: getattr(world, name) for name in world.__dataclass_fields__} | {"plan": plan})
    assert agreed_world.versions_of(other_plan)["plan"] != before["plan"]


@pytest.mark.system("kafka")
def test_a_node_with_other_files_refuses_and_one_that_runs_stops_when_others_count(
    kafka: Kafka, prefix: str, database: str, tmp_path: Path
) -> None:
    cluster = ClusterProcesses(tmp_path, kafka.bootstrap, database, prefix)
    try:
        refused = cluster.command("serve", "--port", "0")
        assert (refused.returncode, "dharura topics apply" in refused.stderr) == (2, True), refused.stderr
        assert cluster.command("topics", "apply").returncode == 0
        node = cluster.node()
        node.start()
        elsewhere = {"DHARURA_CAP_SENDER": "ews@elsewhere.example"}
        for command in ("serve", "worker"):
            refused = cluster.command(command, **elsewhere)
            assert refused.returncode == 2
            assert "sender ews@elsewhere.example here, dharura.invalid there" in refused.stderr
        differs = cluster.command("cluster", "world", **elsewhere)
        assert (differs.returncode, "the cluster: dharura.invalid" in differs.stdout) == (1, True)
        accepted = cluster.command("cluster", "world", "--accept", **elsewhere)
        assert accepted.returncode == 0, accepted.stderr
        assert node.ended() == 75
        assert "another world counts" in node.said()
        assert cluster.command("serve").returncode == 2
    finally:
        cluster.end()

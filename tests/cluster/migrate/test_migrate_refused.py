"""Nobody goes on in two places: what was moved, is being moved, is in use or differs is refused in words."""

import shutil
import signal
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from fixtures.servers.postgresql import Postgresql
from geo.places import Rejected
from responder_api.__main__ import main
from responder_api.moved import check_not_moved
from responder_api.moving import Differs, move
from streams.cluster import tables
from streams.cluster.access import Cluster
from streams.cluster.postgres import Postgres
from streams.database import FILE, connect
from streams.embedded import AlreadyRunning, lock_folder
from streams.log_damage import LogDamaged
from tests.cluster.migrate.moves import NOW, killed, moves, rows

pytestmark = pytest.mark.system("kafka", "postgresql")


def test_a_folder_that_was_moved_is_not_served_again(
    folder: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DHARURA_TOPIC_PREFIX", cluster.kafka.prefix)
    monkeypatch.delenv("DHARURA_KAFKA", raising=False)
    monkeypatch.delenv("DHARURA_DATABASE", raising=False)
    kafka = f"kafka://{','.join(cluster.kafka.bootstrap)}"
    words = ["migrate", "--from", f"sqlite:{folder}", "--to", kafka, "--database", cluster.database]
    assert main(words) == 0
    assert "documents, equal in both" in capsys.readouterr().out
    assert main(words) == 0  # it says the same again, and does nothing
    assert main(["serve", "--data", str(folder)]) == 2
    assert "data-moved" in capsys.readouterr().err
    with pytest.raises(Rejected, match=cluster.kafka.bootstrap[0]):
        check_not_moved(folder)


def test_a_folder_in_use_or_damaged_is_left_alone(folder: Path, cluster: Cluster, database_rows: Postgres) -> None:
    with closing(lock_folder(folder)), pytest.raises(AlreadyRunning):
        moves(folder, cluster)
    with closing(connect(folder / FILE)) as connection:
        connection.execute("UPDATE log SET event = CAST(event || ' ' AS BLOB) WHERE \"offset\" = 200")
    with pytest.raises(LogDamaged, match="row 200"):
        moves(folder, cluster)
    assert database_rows.execute("SELECT to_regclass('log')").fetchone() == (None,)


def test_a_database_or_topics_with_another_log_are_left_alone(
    folder: Path, cluster: Cluster, database_rows: Postgres, postgres: Postgresql
) -> None:
    moves(folder, cluster)
    before = rows(database_rows, "log")
    other = Path(shutil.copytree(folder, folder.with_name("other")))
    with closing(connect(other / FILE)) as connection:
        connection.execute("UPDATE meta SET value = 'another' WHERE name = 'epoch'")
        connection.execute("DELETE FROM meta WHERE name = 'moved'")
    with pytest.raises(Rejected, match="holds a log that was moved there before"):
        moves(other, cluster)
    with pytest.raises(Rejected, match="the topics hold another log"):
        moves(other, msgspec.structs.replace(cluster, database=postgres.database()))
    with pytest.raises(Rejected, match="was moved to"):
        moves(folder, msgspec.structs.replace(cluster, database=postgres.database()))
    assert rows(database_rows, "log") == before


def test_nobody_works_in_the_cluster_until_the_move_is_done(
    folder: Path, cluster: Cluster, database_rows: Postgres
) -> None:
    for name in ("dharura keeper: relay", "dharura turns: steps-1"):
        with (
            closing(Postgres.connect(cluster.database, name=name)),
            pytest.raises(Rejected, match=f"1 x {name}: stop"),
        ):
            moves(folder, cluster)
    assert killed(folder, cluster, "UPDATE cursor").returncode == -signal.SIGKILL
    with pytest.raises(Rejected, match="move-unfinished"):
        tables.prepare(database_rows)
    moves(folder, cluster)
    tables.prepare(database_rows)


def test_a_read_model_that_differs_is_named_and_not_taken_unasked(
    folder: Path, cluster: Cluster, database_rows: Postgres
) -> None:
    with closing(connect(folder / FILE)) as connection:
        connection.execute("UPDATE view SET audience = 'public' WHERE kind = 'incident'")
        count = connection.execute("SELECT count(*) FROM view WHERE kind = 'incident'").fetchone()[0]
        connection.execute("INSERT INTO part_of VALUES ('nobody', 'knows')")
    with pytest.raises(Differs, match="view incident") as differs:
        moves(folder, cluster)
    assert differs.value.count == count + 1
    with pytest.raises(Rejected, match="move-unfinished"):
        tables.prepare(database_rows)
    check_not_moved(folder)
    move(folder, cluster, NOW, lambda _: None, anyway=True)
    tables.prepare(database_rows)
    with pytest.raises(Rejected, match="data-moved"):
        check_not_moved(folder)

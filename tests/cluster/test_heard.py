"""Who has heard what is told pair by pair, however much was heard before."""

from uuid import uuid5

import pytest

from streams.cluster.heard import HEARD, heard
from streams.cluster.postgres import Postgres
from streams.events import NAMESPACE

pytestmark = pytest.mark.system("postgresql")


def id_of(n: int) -> str:
    return str(uuid5(NAMESPACE, f"heard/{n}"))


def test_only_the_pairs_that_are_there_are_told(connection: Postgres) -> None:
    for step, n in (("inbox", 1), ("reports", 1), ("inbox", 2)):
        connection.execute("INSERT INTO heard (step, id) VALUES (?,?)", (step, id_of(n)))
    asked = [("inbox", id_of(1)), ("reports", id_of(2)), ("inbox", id_of(2)), ("fences", id_of(3))]
    assert heard(connection, asked) == {("inbox", id_of(1)), ("inbox", id_of(2))}
    assert heard(connection, []) == set()


@pytest.mark.parametrize("known", [False, True], ids=["the planner knows nothing", "the planner knows the table"])
def test_two_weeks_of_it_are_not_read_for_a_few(connection: Postgres, known: bool) -> None:
    connection.execute(
        "INSERT INTO heard (step, id) SELECT 'step' || n % 10, gen_random_uuid() FROM generate_series(1, 50000) AS n"
    )
    if known:
        connection.execute("ANALYZE heard")
    asked = (["step1"] * 20, [id_of(n) for n in range(20)])
    plan = "\n".join(row for (row,) in connection.execute(f"EXPLAIN {HEARD}", asked))
    assert "heard_pkey" in plan
    assert "Seq Scan" not in plan

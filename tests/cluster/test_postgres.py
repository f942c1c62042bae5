"""What is sent to PostgreSQL, as an array or as many rows, comes back as it was."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.cluster.postgres import TOGETHER, Postgres

pytestmark = pytest.mark.system("postgresql")

# Not NUL, which PostgreSQL does not have, and no halves of characters, which UTF-8 does not have.
ODD = st.sampled_from('\\"{},\x1f\n\t ')
TEXTS = st.text(ODD | st.characters(exclude_characters="\x00", codec="utf-8"), max_size=6) | st.just("NULL")


@pytest.fixture
def connection(database: str) -> Iterator[Postgres]:
    with closing(Postgres.connect(database)) as opened:
        yield opened


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(TEXTS | st.none(), max_size=5) | st.lists(TEXTS, max_size=5),
    data=st.lists(st.binary(max_size=5), max_size=5),
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5),
    truths=st.lists(st.booleans(), max_size=3),
)
def test_lists_come_back_as_they_were(
    connection: Postgres, texts: list[str | None], data: list[bytes], numbers: list[int], truths: list[bool]
) -> None:
    asked = "SELECT ?::text[], ?::bytea[], ?::bigint[], ?::bool[]"
    assert connection.execute(asked, (texts, data, numbers, truths)).fetchone() == (texts, data, numbers, truths)


def test_a_text_that_the_database_cannot_hold_is_refused_and_not_cut_off(connection: Postgres) -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        connection.execute("SELECT ?::text[]", (["one", "tw\x00o"],))


@pytest.mark.parametrize("count", [0, 1, TOGETHER, 2 * TOGETHER + 1])
def test_many_rows_of_an_insert_are_each_written_once(connection: Postgres, count: int) -> None:
    connection.execute("CREATE TABLE kept (n BIGINT PRIMARY KEY, word TEXT, share DOUBLE PRECISION)")
    rows = [(n, None if n % 3 else f"row {n}, (?)", None if n % 2 else n / 4) for n in range(count)]
    insert = (
        "INSERT INTO kept (n, word, share) VALUES (?,?,?) ON CONFLICT (n) DO UPDATE SET word = excluded.word || '!'"
    )
    connection.executemany(insert, iter(rows))
    assert connection.execute("SELECT n, word, share FROM kept ORDER BY n").fetchall() == rows
    connection.executemany(insert, rows)
    again = connection.execute("SELECT word FROM kept WHERE word IS NOT NULL").fetchall()
    assert all(word.endswith("!") for (word,) in again)
    assert len(again) == sum(word is not None for _, word, _ in rows)

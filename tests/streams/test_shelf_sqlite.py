"""Items stay as they were committed: a rollback forgets all that came after, a cache never says otherwise."""

from contextlib import closing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places import Rejected
from streams.database import connect
from streams.shelf_sqlite import ShelfSqlite, check_form


class Count(msgspec.Struct, frozen=True):
    """Something to keep."""

    n: int


Where = tuple[str, str, str]
places = st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(["KE.042", "KE.044"]), st.sampled_from(["a", "b"]))
writes = st.lists(st.tuples(places, st.one_of(st.none(), st.integers(0, 5))), max_size=6)


def write(shelf: ShelfSqlite, changes: list[tuple[Where, int | None]]) -> None:
    for (step, key, item), n in changes:
        state = shelf.state(step, key)
        state.get(item, Count)
        if n is None:
            state.drop(item)
        else:
            state.put(item, Count(n))
        assert state.get(item, Count) == (None if n is None else Count(n))
        shelf.keep(step, key, state)


def held(shelf: ShelfSqlite) -> dict[Where, int]:
    found = {}
    for step in ("one", "two"):
        for key in ("KE.042", "KE.044"):
            for item in ("a", "b"):
                value = shelf.state(step, key).get(item, Count)
                if value is not None:
                    found[step, key, item] = value.n
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(writes, st.sampled_from(["commit", "fail early", "fail late"]), st.booleans()), max_size=10))
def test_only_what_was_committed_is_there(
    transactions: list[tuple[list[tuple[Where, int | None]], str, bool]],
) -> None:
    with closing(connect(":memory:")) as connection:
        shelf = ShelfSqlite(connection)
        expected: dict[Where, int] = {}
        cursor = 0
        for number, (changes, end, looks) in enumerate(transactions, start=1):
            connection.execute("BEGIN")
            write(shelf, changes)
            shelf.move("reader", number)
            if end != "fail early":
                shelf.flush()  # it reaches the file, for good or not
            if end == "commit":
                connection.execute("COMMIT")
                cursor = number
                for where, n in changes:
                    expected.pop(where, None)
                    if n is not None:
                        expected[where] = n
            else:
                connection.execute("ROLLBACK")
                shelf.forget_uncommitted()
            if looks:  # which fills its cache
                assert held(shelf) == expected
            assert held(ShelfSqlite(connection)) == expected
            assert shelf.cursor("reader") == cursor


def test_states_do_not_see_each_other_until_they_are_kept() -> None:
    with closing(connect(":memory:")) as connection:
        shelf = ShelfSqlite(connection)
        one, other = shelf.state("step", "KE.042"), shelf.state("step", "KE.042")
        one.put("a", Count(1))
        assert other.get("a", Count) is None
        shelf.keep("step", "KE.042", one)
        assert shelf.state("step", "KE.042").get("a", Count) == Count(1)
        assert shelf.state("step", "KE.044").get("a", Count) is None
        assert shelf.state("other", "KE.042").get("a", Count) is None


def test_a_reader_starts_at_nothing() -> None:
    with closing(connect(":memory:")) as connection:
        assert ShelfSqlite(connection).cursor("nobody") == 0


def test_items_of_another_form_are_not_guessed_at() -> None:
    with closing(connect(":memory:")) as connection:
        check_form(connection)
        shelf = ShelfSqlite(connection)
        write(shelf, [(("one", "KE.042", "a"), 1)])
        shelf.flush()
        check_form(connection)  # its own form it reads again
        connection.execute("DELETE FROM meta WHERE name = 'items'")  # as a file had it before forms were told apart
        with pytest.raises(Rejected) as refused:
            check_form(connection)
    assert refused.value.code == "data-older"

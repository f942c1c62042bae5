"""A worker's items: read in bulk, kept while they are its own, never more than it may hold."""

from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from geo.places import Rejected
from streams.cluster.postgres import Postgres
from streams.cluster.shelf import Changes, ShelfPostgres, Where, store
from streams.cluster.tables import prepare

pytestmark = pytest.mark.system("postgresql")

HERE = Where("step", 0, "KE.042")


class Item(msgspec.Struct, frozen=True):
    """An item."""

    n: int


class Counting(Postgres):
    """Counts its statements."""

    statements = 0

    def execute(self, statement: str, values: object = ()) -> object:  # type: ignore[override]  # as it is called here
        """Run one statement."""
        self.statements += 1
        return super().execute(statement, values)  # type: ignore[arg-type]


@pytest.fixture
def connection(database: str) -> Iterator[Counting]:
    with closing(Counting.connect(database)) as opened:
        prepare(opened)
        opened.statements = 0
        yield opened


def put(connection: Postgres, where: Where, **items: int | None) -> None:
    store(connection, {(where, item): None if n is None else Item(n) for item, n in items.items()})


def asked(connection: Counting) -> int:
    """How many statements there were since it was last asked."""
    count, connection.statements = connection.statements, 0
    return count


def test_all_items_of_many_keys_come_in_one_statement(connection: Counting) -> None:
    keys = [Where("step", 0, f"KE.{n:03}") for n in range(5)]
    for n, where in enumerate(keys[:4]):
        put(connection, where, a=n, b=10 + n)
    asked(connection)
    shelf = ShelfPostgres(connection)
    shelf.touch([*keys, *keys])
    assert asked(connection) == 1
    assert [shelf.load(where, "b", Item) for where in keys] == [Item(10), Item(11), Item(12), Item(13), None]
    assert [shelf.load(where, "never", Item) for where in keys] == [None] * 5
    shelf.touch(keys)
    assert asked(connection) == 0


def test_a_step_sees_what_the_delivery_before_it_wrote(connection: Counting) -> None:
    put(connection, HERE, kept=1, dropped=2, changed=3)
    shelf = ShelfPostgres(connection)
    state = shelf.state(HERE)
    assert state.get("changed", Item) == Item(3)
    state.drop("dropped")
    state.drop("never")
    state.put("changed", Item(4))
    state.put("new", Item(5))
    shelf.keep(HERE, state)
    after = shelf.state(HERE)
    assert [after.get(name, Item) for name in ("kept", "dropped", "changed", "new", "never")] == [
        Item(1),
        None,
        Item(4),
        Item(5),
        None,
    ]
    assert ShelfPostgres(connection).load(HERE, "changed", Item) == Item(3)  # nothing was stored
    changes: Changes = {(HERE, item): value for item, value in state.changes.items()}
    store(connection, changes)
    assert ShelfPostgres(connection).load(HERE, "dropped", Item) is None
    assert ShelfPostgres(connection).load(HERE, "changed", Item) == Item(4)


def test_what_is_forgotten_is_read_again(connection: Counting) -> None:
    other = Where("step", 1, "KE.001")
    put(connection, HERE, a=1)
    put(connection, other, a=1)
    shelf = ShelfPostgres(connection)
    shelf.touch([HERE, other])
    put(connection, HERE, a=2)
    put(connection, other, a=2)
    shelf.forget("step", 0)
    shelf.forget("another", 1)
    assert (shelf.load(HERE, "a", Item), shelf.load(other, "a", Item)) == (Item(2), Item(1))


def test_a_key_with_very_many_items_is_looked_up_item_by_item(connection: Counting) -> None:
    put(connection, HERE, **{f"i{n}": n for n in range(20)})
    shelf = ShelfPostgres(connection, at_once=5)
    asked(connection)
    assert [shelf.load(HERE, f"i{n}", Item) for n in range(20)] == [Item(n) for n in range(20)]
    assert [shelf.load(HERE, f"i{n}", Item) for n in range(20)] == [Item(n) for n in range(20)]
    assert asked(connection) == 1 + 20 - 6
    assert shelf.load(HERE, "never", Item) is None
    assert shelf.load(HERE, "never", Item) is None
    assert asked(connection) == 1
    state = shelf.state(HERE)
    state.drop("i3")
    state.put("never", Item(99))
    shelf.keep(HERE, state)
    assert (shelf.load(HERE, "i3", Item), shelf.load(HERE, "never", Item)) == (None, Item(99))


def test_it_holds_no_more_than_it_may_and_lets_the_longest_unused_go(connection: Counting) -> None:
    keys = [Where("step", n % 2, f"KE.{n:03}") for n in range(6)]
    for where in keys:
        put(connection, where, a=1, b=2, c=3)
    shelf = ShelfPostgres(connection, held=12)  # a key costs one more than its items
    for where in keys[:3]:
        shelf.touch([where])
        shelf.trim()
    assert len(shelf) == 12
    shelf.touch(keys[:1])
    shelf.load(keys[0], "a", Item)
    shelf.touch(keys[3:4])
    shelf.trim()
    assert len(shelf) == 12
    asked(connection)
    shelf.touch([keys[0], keys[2], keys[3]])
    assert asked(connection) == 0
    shelf.touch(keys[1:2])
    assert asked(connection) == 1
    for number in (0, 1):
        shelf.forget("step", number)
    assert len(shelf) == 0


def test_what_is_counted_is_what_is_held(connection: Counting) -> None:
    put(connection, HERE, a=1, b=2)
    shelf = ShelfPostgres(connection)
    for changes in ({"a": 5, "c": 6}, {"c": None, "d": None}, {"b": None}, {"c": 7}):
        state = shelf.state(HERE)
        for item, n in changes.items():
            state.put(item, Item(n)) if n is not None else state.drop(item)
        shelf.keep(HERE, state)
    assert [shelf.load(HERE, name, Item) for name in "abcd"] == [Item(5), None, Item(7), None]
    assert len(shelf) == 1 + 2


def test_any_text_names_a_key_or_an_item(connection: Counting) -> None:
    odd = Where("step", 0, "KE\x00")
    put(connection, odd, **{"a\x00b": 1})
    shelf = ShelfPostgres(connection)
    assert shelf.load(odd, "a\x00b", Item) == Item(1)
    state = shelf.state(odd)
    state.put("a\x00b", Item(2))
    shelf.keep(odd, state)
    assert shelf.load(odd, "a\x00b", Item) == Item(2)


def test_items_of_another_form_are_not_guessed_at(connection: Counting) -> None:
    put(connection, HERE, a=1)
    prepare(connection)  # its own form it takes again
    connection.execute("UPDATE meta SET value = 'another' WHERE name = 'items'")
    with pytest.raises(Rejected, match="data-older"):
        prepare(connection)

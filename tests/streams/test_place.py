"""However deliveries come (again, ahead, in any order), a reader takes each offset once, in order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.place import place


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_an_offset_is_exactly_one_of_next_repeat_and_gap(cursor: int, offset: int) -> None:
    found = place(cursor, offset)
    assert (found == "next") == (offset - cursor == 1)
    assert (found == "repeat") == (offset <= cursor)
    assert (found == "gap") == (offset - cursor > 1)


@settings(deadline=None)
@given(st.lists(st.integers(1, 12), max_size=200))
def test_what_is_taken_is_a_dense_run_from_the_first(deliveries: list[int]) -> None:
    cursor, taken = 0, []
    for offset in deliveries:
        if place(cursor, offset) == "next":
            taken.append(offset)
            cursor = offset
    assert taken == list(range(1, cursor + 1))


@settings(deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(1, 20), max_size=60))
def test_a_reader_that_fetches_again_at_every_gap_misses_nothing(end: int, deliveries: list[int]) -> None:
    cursor, taken = 0, []
    for offset in [*(min(each, end) for each in deliveries), *[end] * end]:
        wanted = cursor + 1 if place(cursor, offset) == "gap" else offset
        if place(cursor, wanted) == "next":
            taken.append(wanted)
            cursor = wanted
    assert taken == list(range(1, end + 1))
